import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AlertEvent } from '../../src/alerts/event.ts';
import { openAlerts } from '../../src/alerts/open.ts';
import { pauseAlerts } from '../../src/alerts/pause.ts';
import { hearAgain, toHearAgain } from '../../src/alerts/resume.ts';
import { takeAlerts } from '../../src/alerts/take.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import type { Ops } from '../../src/ops.ts';
import { acknowledge } from '../../src/paging/answer.ts';
import { resolvePages } from '../../src/paging/end.ts';
import type { HostEnd } from '../../src/runs/world.ts';
import type { Store } from '../../src/store/db.ts';
import { askForPerson } from '../../src/store/events.ts';
import { openDb } from '../../src/store/open.ts';
import type { Timer } from '../../src/store/timers.ts';
import { quietLog } from '../quiet-log.ts';
import { fullHost, groupsOf } from '../runs/at-work.ts';
import { HOSTS, SERVICES } from './alerts-at-work.ts';

const MINUTE = 60_000;
const NAMES = HOSTS.map(({ name }) => name);
const place = { platform: 'terminal' as const, channel: 'test', zone: 'UTC' };

/** What happens, in any order: alerts come and go, people answer, pause and hear again, runs disrupt hosts and lose them, time goes by. */
type Happens =
  | { is: 'fires' | 'is over'; host: number; what: number; urgency: AlertEvent['urgency'] }
  | { is: 'answers'; page: number }
  | { is: 'pauses'; hosts: number[]; minutes: number }
  | { is: 'hears again'; host: number }
  | { is: 'begins'; host: number }
  | { is: 'ends'; outcome: 'ok' | 'lost' }
  | { is: 'halt is over' }
  | { is: 'passes'; minutes: number };

/** Few, so that what happens meets. */
const host = fc.constantFrom(...['kvm01', 'web01', 'web02', 'web03'].map((name) => NAMES.indexOf(name)));
const happens: fc.Arbitrary<Happens> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('fires' as const),
      host,
      what: fc.nat(1),
      urgency: fc.constantFrom('low' as const, 'high' as const, 'critical' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('is over' as const), host, what: fc.nat(1), urgency: fc.constant('high' as const) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('answers' as const), page: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('pauses' as const),
      hosts: fc.array(host, { minLength: 1, maxLength: 4 }),
      minutes: fc.integer({ min: 1, max: 90 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('hears again' as const), host }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('begins' as const), host }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('ends' as const), outcome: fc.constantFrom('ok' as const, 'lost' as const) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('halt is over' as const) }) },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('passes' as const), minutes: fc.integer({ min: 1, max: 40 }) }) },
);

/** What must hold, kept beside it without a look into how it is decided. */
interface Oracle {
  burning: Map<string, { host: string; since: number }>;
  pauses: { hosts: Set<string>; until: number }[];
  runs: { id: string; host: string; from: number; until?: number }[];
}

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quietLog });
}, 60_000);
afterAll(() => db.close());

const clock = startClock({ speed: 0.0001, anchor: Date.parse('2026-11-17T09:00Z') });
const hosts = HOSTS.map((one) => fullHost(one));
const fleet = { hosts: new Map(hosts.map((one) => [one.name, one])), groups: groupsOf(hosts) };
const config = ConfigSchema.parse({ timezone: 'UTC', services: SERVICES });
const ops = { clock, config: () => config, fleet: () => fleet, tell: { tell: async () => {}, news: async () => {}, repost: async () => {} } } as unknown as Ops;
const alerts = openAlerts(ops);
/** Runs so far. */
let made = 0;
const below = (name: string): string[] => NAMES.filter((one) => one === name || fleet.hosts.get(one)?.parent === name);

async function pass(ms: number): Promise<void> {
  const until = clock.now() + ms;
  for (;;) {
    const [timer] = await db.query<Timer>(`select * from timers where kind = any ($1) and due <= $2 order by due, id limit 1`, [
      Object.keys(alerts.timers),
      new Date(until),
    ]);
    if (!timer) break;
    clock.jumpTo(timer.due.getTime());
    await db.tx(async (tx) => {
      await tx.query(`delete from timers where id = $1`, [timer.id]);
      await alerts.timers[timer.kind as keyof typeof alerts.timers](tx, timer);
    });
  }
  clock.jumpTo(until);
}

async function happen(one: Happens, oracle: Oracle): Promise<void> {
  const now = clock.now();
  const going = oracle.runs.find(({ until }) => until === undefined);
  switch (one.is) {
    case 'fires':
    case 'is over': {
      const name = NAMES[one.host] as string;
      const summary = ['HTTP 5xx', 'disk full'][one.what] as string;
      const key = `${summary} ${name}`;
      const state = one.is === 'fires' ? ('firing' as const) : ('resolved' as const);
      await db.tx((tx) =>
        takeAlerts(tx, ops, [{ integration: 'prometheus', dedup: key, state, summary, urgency: one.urgency, hosts: [name], details: {} }], now),
      );
      if (state === 'resolved') oracle.burning.delete(key);
      else if (!oracle.burning.has(key)) oracle.burning.set(key, { host: name, since: now });
      return;
    }
    case 'answers': {
      const open = await db.query<{ id: string }>(`select id from pages where state = 'open' order by length(id), id`);
      const page = open[one.page];
      if (page) await db.tx((tx) => acknowledge(tx, { page: page.id, by: 'ada', place, at: now }));
      return;
    }
    case 'pauses': {
      const paused = [...new Set(one.hosts.map((index) => NAMES[index] as string))];
      const until = now + one.minutes * MINUTE;
      const line = { actor: { name: 'you' } as never, place, at: now };
      await db.tx((tx) => pauseAlerts(tx, ops, { expression: paused.join(','), hosts: paused, until }, line));
      oracle.pauses.push({ hosts: new Set(paused), until });
      return;
    }
    case 'hears again': {
      const name = NAMES[one.host] as string;
      try {
        const resuming = await toHearAgain(db, { hosts: [name], expression: name });
        await db.tx((tx) => hearAgain(tx, ops, resuming, { by: 'you', at: now }));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
      for (const pause of oracle.pauses) pause.hosts.delete(name);
      return;
    }
    case 'begins': {
      if (going) return;
      const id = `R${++made}`;
      const name = NAMES[one.host] as string;
      await db.query(
        `insert into runs (id, job, plan, hash, prediction, by, owner, place, size, planned_at, state) values ($1, 'reboot', '{"risk":"disrupt"}', 'h', '{}', 'you', 'you', '{}', 1, $2, 'running')`,
        [id, new Date(now)],
      );
      await db.query(`insert into run_hosts (run, host, position, ring, planned, state, stamp, started) values ($1, $2, 0, 0, '{}', 'going', 's', $3)`, [
        id,
        name,
        new Date(now),
      ]);
      oracle.runs.push({ id, host: name, from: now });
      return;
    }
    case 'ends': {
      if (!going) return;
      const well = one.outcome === 'ok';
      await db.tx(async (tx) => {
        await tx.query(`update run_hosts set state = 'ended', outcome = $2, finished = $3, ended = $4 where run = $1`, [
          going.id,
          one.outcome,
          new Date(now),
          well ? new Date(now) : null,
        ]);
        await tx.query(`update runs set state = $2, ended = $3 where id = $1`, [going.id, well ? 'done' : 'halted', well ? new Date(now) : null]);
        if (!well) await askForPerson(tx, { text: `${going.id} halted`, urgency: 'high', about: going.id, by: 'holdfast', at: now });
        await alerts.hostEnded(tx, { run: going.id, at: now } as HostEnd);
      });
      going.until = well ? now + 5 * MINUTE : now;
      return;
    }
    case 'halt is over':
      await db.tx(async (tx) => {
        await tx.query(`update runs set state = 'cancelled', ended = $1 where state = 'halted'`, [new Date(now)]);
        const over = await tx.query<{ id: string }>(`select id from pages where about ~ '^R[0-9]+$' and state in ('open', 'acked')`);
        await resolvePages(tx, { pages: over.map(({ id }) => id) }, { because: 'the run is cancelled', by: 'holdfast', at: now });
      });
      return;
    case 'passes':
      await pass(one.minutes * MINUTE);
  }
}

/** Everything that burns is asked about, in somebody's hands, or silenced by something that is there and ends; and no page of ours asks about nothing. */
async function holds(oracle: Oracle): Promise<void> {
  const now = clock.now();
  const rows = await db.query<{ dedup: string; silenced_by: string | null; page: string | null; state: string | null }>(
    `select a.dedup, a.silenced_by, a.page, p.state from alerts a left join pages p on p.id = a.page where a.state = 'firing'`,
  );
  expect(new Set(rows.map(({ dedup }) => dedup))).toEqual(new Set(oracle.burning.keys()));
  for (const { dedup, silenced_by: by, page, state } of rows) {
    const { host: name, since } = oracle.burning.get(dedup) as { host: string; since: number };
    const paused = oracle.pauses.some((pause) => pause.hosts.has(name) && now < pause.until);
    const run = oracle.runs.find(({ id }) => id === by);
    const caused = run !== undefined && below(run.host).includes(name) && run.from <= since && now < (run.until ?? Number.POSITIVE_INFINITY);
    if (paused) expect(by, `${dedup} is paused and still asked about`).not.toBeNull();
    if (by === null) expect(['open', 'acked'], `${dedup} burns and ${page} is ${state}`).toContain(state);
    else expect(page === null && (paused || caused), `${dedup} is silenced by ${by}, which is no reason`).toBe(true);
  }
  const idle = await db.query(
    `select id, text from pages p where state in ('open', 'acked') and about !~ '^R[0-9]+$' and not exists (select 1 from alerts a where a.page = p.id and a.state = 'firing')`,
  );
  expect(idle).toEqual([]);
}

const RUNS = Number(process.env.ALERTS_RUNS ?? 15);

test('whatever comes in whatever order, no alert burns without a page, somebody who has it, or a silence that ends', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happens, { minLength: 10, maxLength: 40, size: 'max' }), async (story) => {
      await db.query(`truncate alerts, pages, page_attempts, timers, holds, hold_hosts, runs, run_hosts, incidents, incident_hosts cascade`);
      const oracle: Oracle = { burning: new Map(), pauses: [], runs: [] };
      for (const one of story) {
        await happen(one, oracle);
        // What is due at once.
        await pass(0);
        await holds(oracle);
      }
      await pass(24 * 60 * MINUTE);
      await holds(oracle);
    }),
    { numRuns: RUNS, endOnFailure: false },
  );
});
