import { readFileSync } from 'node:fs';
import { power } from '../../jobs/power.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import { openSsh } from '../../src/fleet/ssh/open.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { once } from '../../src/runs/once.ts';
import { openDb } from '../../src/store/open.ts';
import { PASSWORD } from '../fleet/power/bmc.ts';
import { LIMITS } from '../fleet/ssh/hosts.ts';
import { quiet } from '../store/quiet.ts';
import { contextOf, overSsh } from './at-work.ts';

// Run by power-rehearsal.test.ts: power cycles a machine and is killed before it can write that it has.
const { dataDir, host, port, intent } = JSON.parse(readFileSync(process.argv[2] as string, 'utf8'));
const db = await openDb({ dataDir, log: quiet });
const clock = startClock({});
const fleet = { hosts: new Map([[host.name, host]]), groups: new Map() };
const config = ConfigSchema.parse({ power: { bmc: { hosts: host.name, ipmi: { user: 'ops', password: PASSWORD, port, cipher: 3 } } } });
const dying = async <Answer>(key: string, effect: () => Promise<Answer>) =>
  once({ db, clock }, 'power', `${intent}/${key}`, async () => {
    await effect();
    process.kill(process.pid, 'SIGKILL');
    return await new Promise<Answer>(() => {});
  });
const doing = {
  params: { action: 'cycle' as const, onlyDown: true },
  host,
  fleet,
  config,
  clock,
  intent,
  once: dying,
  script: overSsh(openSsh(LIMITS), fleet),
};
await power.act(host, contextOf(doing, { doing: 'cycle' }, clock.now()));
