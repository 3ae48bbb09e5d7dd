import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { refuseTooMany } from '../../src/paging/ask.ts';
import { askForPerson } from '../../src/store/events.ts';
import { openDb } from '../../src/store/open.ts';
import { engines, temporary } from '../engines.ts';
import { quietLog } from '../quiet-log.ts';

const postgres = engines().find(({ name }) => name === 'postgres');
const skip = postgres?.available === true ? '' : ` (skipped: ${postgres?.available})`;

test.skipIf(skip !== '')(
  `eight pages of somebody without a role, typed in the same moment on several machines, are three pages${skip}`,
  { timeout: 60_000 },
  async () => {
    const running = await postgres?.start();
    const machines = await Promise.all([1, 2].map(() => openDb({ dataDir: temporary('limits'), databaseUrl: running?.databaseUrl as string, log: quietLog })));
    onTestFinished(async () => {
      for (const db of machines) await db.close();
      await running?.stop();
    });
    const ops = { clock: startClock(), config: () => ({ defaults: {}, ssh: {} }) as unknown as Config };
    const kim = { name: 'kim', display: 'Kim', roles: [{ role: 'known' as const }], zone: 'UTC' };
    const typed = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
        machines[n % 2]?.tx(async (tx) => {
          await refuseTooMany(ops, tx, kim);
          return askForPerson(tx, { text: `${n}`, urgency: 'high', to: 'person:ada', by: 'kim', at: ops.clock.now() });
        }),
      ),
    );
    const refused = typed.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused.map(String)).toEqual(Array(5).fill(expect.stringContaining('3 pages an hour for somebody without a role')));
    expect(await machines[0]?.query(`select count(*)::int as pages from pages`)).toEqual([{ pages: 3 }]);
  },
);
