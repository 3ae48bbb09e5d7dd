import type { runAttempts } from '../src/deliver/attempts.ts';
import type { Channel } from '../src/deliver/channel.ts';
import type { Roster } from '../src/escalation/roster.ts';
import type { startClock } from '../src/lib/clocks.ts';
import type { openPaging } from '../src/paging/open.ts';
import type { Person } from '../src/people.ts';
import type { Db, Tx } from '../src/store/db.ts';
import type { openDb } from '../src/store/open.ts';
import type { runTimers, Timer, TimersHandler } from '../src/store/timers.ts';
import { engines, temporary } from '../test/engines.ts';
import { quietLog } from '../test/quiet-log.ts';
import { built } from './copy.ts';
import { percentile, print, table, time } from './table.ts';

const OPEN = 100_000;
const DUE = 1_000;
const NEW = 6_000;
/** A storm over everything: so many services, each with an owner of its own among so many people. */
const SERVICES = 600;
const PEOPLE = 200;

const people: Person[] = Array.from({ length: PEOPLE }, (_, n) => ({
  name: `p${n}`,
  display: `p${n}`,
  roles: [{ role: 'operator' }],
  zone: 'UTC',
  email: `p${n}@example.org`,
}));
const owner = (service: string): string => `p${Number(service.slice(1)) % PEOPLE}`;
const roster: Roster = {
  steps: () => [{ who: [{ is: 'owner' }] }, { who: [{ is: 'backup', n: 0 }] }],
  times: () => ({}),
  named: (who, to) => ('service' in to ? [who.is === 'owner' ? owner(to.service) : `p${(Number(to.service.slice(1)) + 1) % PEOPLE}`] : []),
  away: () => undefined,
  quiet: () => undefined,
  everyone: () => people.map(({ name }) => name),
  zone: () => 'UTC',
  prefersAwake: () => false,
  serviceOf: () => undefined,
  runbook: () => undefined,
};

/**
 * 100,000 pages open, of which 1,000 are due for their next person spread over one second: how late that person's tries are committed. And 6,000
 * new ones at one moment: until the provider has said yes to the first message of each, with a provider that answers at once.
 */
export async function run(): Promise<void> {
  const { openDb: open } = await built<{ openDb: typeof openDb }>('src/store/open');
  const { runTimers: ring } = await built<{ runTimers: typeof runTimers }>('src/store/timers');
  const { startClock: clockOf } = await built<{ startClock: typeof startClock }>('src/lib/clocks');
  const { openPaging: pagesOf } = await built<{ openPaging: typeof openPaging }>('src/paging/open');
  const { runAttempts: send } = await built<{ runAttempts: typeof runAttempts }>('src/deliver/attempts');
  const rows: string[][] = [];
  for (const engine of engines().slice(0, 2)) {
    if (engine.available !== true) {
      print(`${engine.name}: not run, ${engine.available}`);
      continue;
    }
    const servers = await engine.start();
    const db = await open({ dataDir: temporary('pages'), ...(servers.databaseUrl && { databaseUrl: servers.databaseUrl }), log: quietLog });
    const clock = clockOf();
    const config = { defaults: {}, ssh: {}, channels: {}, timezone: 'UTC' } as never;
    const world = {
      clock,
      log: quietLog,
      config: () => config,
      people: () => people,
      roster: async () => roster,
      reaches: () => ['email' as const],
      isGroup: () => false,
      tell: { tell: async () => {}, repost: async () => {} },
    };
    const pages = pagesOf(world as never);
    const begun = performance.now();
    await armOpen(db, clock.now());
    const arming = performance.now() - begun;
    const late: number[] = [];
    let inHand: readonly Timer[] = [];
    // Late is what is committed late: counted when the transaction has returned.
    const witnessed = {
      ...db,
      async tx<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
        inHand = [];
        const result = await db.tx(work);
        for (const { due } of inHand) late.push(clock.now() - due.getTime());
        return result;
      },
    };
    const page: TimersHandler = (tx, all) => {
      inHand = all;
      return pages.timers(tx, all);
    };
    const timers = await ring({ db: witnessed, clock, handlers: {}, many: { page }, failed: (error) => print(String(error)) });
    const first = clock.now() + 4_000;
    await db.query(
      `update timers set due = $1::timestamptz + make_interval(secs => (substr(ref, 3)::int - $3)::float8 / $2) where kind = 'page' and substr(ref, 3)::int between $3 + 1 and $3 + $2::int`,
      [new Date(first), DUE, OPEN - DUE],
    );
    await db.tx((tx) => tx.notify('timers', String(first)));
    while (late.length < DUE) await new Promise((resolve) => setTimeout(resolve, 50));
    late.length = DUE;
    rows.push([engine.name, time(arming), time(percentile(late, 0.5)), time(percentile(late, 0.99)), time(Math.max(...late)), '', '']);
    await db.query(`update timers set due = now() + interval '1 day' where kind = 'page'`);

    const channel: Channel = { name: 'email', timeout: 1_000, reaches: () => true, send: async (_, { key }) => ({ sent: true, id: key }) };
    const out = await send({
      db,
      log: quietLog,
      holder: 'bench:1',
      now: clock.now,
      people: () => people,
      channels: () => [channel],
      paging: pages.paging,
      gate: { enter: () => ({ open: true }), left: () => {} },
    } as never);
    const storm = performance.now();
    await armNew(db, clock.now());
    await firstNotified(db);
    rows.push([engine.name, '', '', '', '', String(NEW), time(performance.now() - storm)]);
    await out.close();
    await timers.close();
    await db.close();
    await servers.stop();
  }
  table([`${OPEN} open, ${DUE} due in one second`, 'made', 'late, p50', 'p99', 'most', 'new at once', 'each first notified after'], rows);
}

const POLICY = {
  steps: [
    { who: [{ is: 'owner' }], next: 600_000 },
    { who: [{ is: 'backup', n: 0 }], next: 900_000 },
  ],
  rungs: [{ after: 0, channels: ['email'] }],
  widen: 3,
  ackLasts: 3_600_000,
  presumedAway: 3,
  night: { from: 1320, until: 420 },
};

/** Each was asked of its owner eleven minutes ago; its timer is far off. */
async function armOpen(db: Db, now: number): Promise<void> {
  await db.query(
    `insert into pages (id, text, urgency, recipient, policy, by, round, step, stepped, opened)
     select 'PG' || n, 'db down', 'high', 'service:s' || n % ${SERVICES}, $1, 'bench', 1, 0, $2, $2 from generate_series(1, ${OPEN}) n`,
    [JSON.stringify(POLICY), new Date(now - 660_000)],
  );
  await db.query(
    `insert into page_attempts (page, n, round, step, person, channel, due, state, tries, sent)
     select 'PG' || n, 1, 1, 0, 'p' || n % ${SERVICES} % ${PEOPLE}, 'email', $1, 'sent', 1, $1 from generate_series(1, ${OPEN}) n`,
    [new Date(now - 660_000)],
  );
  await db.query(`insert into timers (kind, ref, due) select 'page', 'PG' || n, now() + interval '1 day' from generate_series(1, ${OPEN}) n`);
  for (const name of ['pages', 'page_attempts', 'timers']) await db.query(`analyze ${name}`);
}

async function armNew(db: Db, now: number): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query(
      `insert into pages (id, text, urgency, recipient, policy, by, opened)
       select 'PG' || n, 'db down', 'high', 'service:s' || n % ${SERVICES}, $1, 'bench', $2 from generate_series(${OPEN + 1}, ${OPEN + NEW}) n`,
      [JSON.stringify(POLICY), new Date(now)],
    );
    await tx.query(`insert into timers (kind, ref, due) select 'page', 'PG' || n, $1 from generate_series(${OPEN + 1}, ${OPEN + NEW}) n`, [new Date(now)]);
    await tx.notify('timers', String(now));
  });
}

async function firstNotified(db: Db): Promise<void> {
  for (const end = Date.now() + 300_000; Date.now() < end; ) {
    const [row] = await db.query<{ left: number }>(
      `select (${NEW} - count(distinct page))::int as left from page_attempts where state = 'sent' and page in (select 'PG' || n from generate_series(${OPEN + 1}, ${OPEN + NEW}) n)`,
    );
    if (row?.left === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('not all were notified after five minutes');
}
