import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/fleet/host.ts';
import type { ReadJob } from '../../src/jobs.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { openQueue } from '../../src/queue/open.ts';
import { runRelay } from '../../src/queue/relay.ts';
import { NoLongerOurs, runWorker } from '../../src/queue/worker.ts';
import { beginReading, CHUNK } from '../../src/reading/begin.ts';
import { readChunk } from '../../src/reading/work.ts';
import { openDb } from '../../src/store/open.ts';
import { reclaimLost } from '../../src/store/outbox.ts';
import { engines } from '../engines.ts';
import { quiet } from '../store/quiet.ts';

const CHUNKS = 30;
const host = (name: string): Host => ({ name, groups: [], redundancy: [], vars: {}, address: '', port: 22, ssh: {} }) as unknown as Host;
const hosts = Array.from({ length: CHUNKS * CHUNK }, (_, n) => host(`web${n}`));
const fleet = { hosts: new Map(hosts.map((one) => [one.name, one])), groups: new Map() };

for (const engine of engines()) {
  const why = engine.available === true ? '' : ` — skipped: ${engine.available}`;
  describe.skipIf(engine.available !== true)(`work on ${engine.name}${why}`, () => {
    test(`through relay, queue and two workers, one of them frozen${engine.name.includes('redis') ? ', and FLUSHALL twice' : ''}: every chunk is written once and the reading ends once`, async () => {
      const running = await engine.start();
      const db = await openDb({ ...running, log: quiet });
      const closing: (() => unknown)[] = [() => running.stop(), () => db.close()];
      try {
        const [line] = await db.query<{ id: string }>(
          `insert into inbox (platform, event_id, actor, place, text, received, state) values ('terminal', 'e', 'ada', '{}', 'check @all', now(), 'begun') returning id`,
        );
        const began = await db.tx((tx) =>
          beginReading(tx, { inboxId: line?.id, at: Date.now() } as never, { name: 'check' } as ReadJob, {}, { expression: '@all', hosts }),
        );
        await db.query(`update inbox set began_kind = 'reading', began_id = $1`, [began.id]);

        let thaw = (): void => {};
        const gate = new Promise<void>((resolve) => (thaw = resolve));
        const world = (by: string) => ({
          db,
          log: quiet,
          ssh: {} as never,
          clock: startClock(),
          fleet: () => fleet,
          ending: new AbortController().signal,
          job: () =>
            ({
              name: 'check',
              async act({ name }: Host) {
                if (by === 'frozen') await gate;
                return { host: name, outcome: 'ok', reach: 'ok', facts: { kernel: by }, findings: [], ms: 1 };
              },
            }) as unknown as ReadJob,
        });
        let frozen = 0;
        let refused = 0;
        const start = async (holder: string) => {
          const queue = await openQueue({ db, redisUrl: running.redisUrl, log: quiet });
          closing.push(() => queue.close());
          const worker = await runWorker({
            db,
            queue,
            holder: `${holder}:1`,
            concurrency: 2,
            log: quiet,
            handlers: {
              async reading(row) {
                if (holder === 'frozen') frozen += 1;
                await readChunk(world(holder), row).catch((error: unknown) => {
                  if (error instanceof NoLongerOurs) refused += 1;
                  throw error;
                });
              },
            },
          });
          closing.push(() => worker.close());
          return queue;
        };
        await start('frozen');
        const queue = await start('lively');
        const relay = await runRelay({ db, queue, log: quiet });
        closing.push(() => relay.close());

        const open = async (): Promise<number> =>
          (await db.query<{ n: number }>(`select count(*)::int as n from outbox where state in ('waiting', 'queued', 'started')`))[0]?.n as number;
        await expect.poll(() => frozen).toBe(2);
        for (let round = 0; (await open()) > 0 && round < 300; round++) {
          if (round === 1 || round === 3) await running.flushAll?.();
          // Time goes by for the frozen one, and for what the queue does not have any more; the lively one goes on renewing.
          const { waiting } = await queue.state();
          await db.query(
            `update outbox set lease_until = now() - interval '1 second' where (state = 'queued' and $1) or (state = 'started' and holder = 'frozen:1')`,
            [waiting === 0],
          );
          await reclaimLost(db, waiting === 0);
          relay.wake();
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        expect(await open()).toBe(0);
        thaw();
        await expect.poll(() => refused).toBeGreaterThanOrEqual(2);
        const chunks = await db.query<{ state: string; n: number }>('select state, jsonb_array_length(results) as n from reading_chunks');
        expect(chunks).toEqual(Array.from({ length: CHUNKS }, () => ({ state: 'done', n: CHUNK })));
        expect(await db.query('select state, outcome from inbox')).toEqual([{ state: 'ended', outcome: 'ok' }]);
        expect(await db.query('select outcome from audit')).toEqual([{ outcome: 'ok' }]);
        expect(await db.query('select count(*)::int as n from facts')).toEqual([{ n: hosts.length }]);
      } finally {
        for (const close of closing.reverse()) await close();
      }
    }, 90_000);
  });
}
