import { z } from 'zod';
import { ConfigSchema } from '../../src/config/schema.ts';
import { openConnections } from '../../src/deliver/connections.ts';
import { openMessengers } from '../../src/deliver/messengers.ts';
import type { Facts, Host } from '../../src/fleet/host.ts';
import { type ChangeJob, defineChange, type Pace } from '../../src/jobs.ts';
import type { SettableClock } from '../../src/lib/clocks.ts';
import type { Ops } from '../../src/ops.ts';
import type { Person } from '../../src/people.ts';
import type * as rooms from '../../src/rooms.ts';
import type * as approve from '../../src/runs/approve.ts';
import type * as plan from '../../src/runs/plan.ts';
import type { Db, Tx } from '../../src/store/db.ts';
import type * as outbox from '../../src/store/outbox.ts';
import { type HostSketch, sketch } from '../rollout/roster-fleet.ts';
import { quiet } from '../store/quiet.ts';

/** The parts of the program a run needs, from the sources or compiled. */
export interface Program {
  openRooms: typeof rooms.openRooms;
  changeJobs: typeof rooms.changeJobs;
  planRun: typeof plan.planRun;
  approve: typeof approve.approve;
  startWork: typeof outbox.startWork;
}

/** A store whose statements are counted. */
function counting(db: Db): { db: Db; counted: { statements: number } } {
  const counted = { statements: 0 };
  const through =
    (query: Db['query']): Db['query'] =>
    <Row>(sql: string, params?: readonly unknown[]) => {
      counted.statements++;
      return query<Row>(sql, params);
    };
  const tx: Db['tx'] = (work) =>
    db.tx((inner) => {
      // BEGIN and COMMIT.
      counted.statements += 2;
      const notify: Tx['notify'] = (channel, payload) => {
        counted.statements++;
        return inner.notify(channel, payload);
      };
      return work({ query: through(inner.query), notify });
    });
  return { db: { ...db, query: through(db.query), tx }, counted };
}

const YOU: Person = { name: 'you', display: 'You', roles: [{ role: 'admin' }], zone: 'UTC' };
const ADA: Person = { name: 'ada', display: 'Ada', roles: [{ role: 'operator' }], zone: 'UTC' };
/** A site whose places are all taken, by nobody of this run. */
const BLOCKED = 'blocked';
export const blockedHosts = (count: number): HostSketch[] => Array.from({ length: count }, (_, at) => ({ name: `other${at}`, site: BLOCKED, ring: 'prod' }));

const PLACE = { platform: 'terminal', channel: 'terminal:bench', zone: 'UTC' } as const;

/** Guests of a twentieth as many hypervisors, in pairs that stand in two of ten sites. */
export function guests(count: number): HostSketch[] {
  const parents = Math.max(10, count / 20);
  return Array.from({ length: count }, (_, at): HostSketch => {
    const parent = at % parents;
    if (at < parents) return { name: `kvm${at}`, site: `s${at % 10}`, ring: 'prod' };
    return { name: `vm${at}`, site: `s${parent % 10}`, ring: 'prod', parent: `kvm${parent}`, redundancy: [`pair${at >> 1}`] };
  });
}

/** About as much as a check brings of a host. */
export function factsOf(host: Pick<Host, 'name' | 'parent'>, at: number): Facts {
  const name = host.name;
  return {
    os: 'debian',
    os_version: '12.8',
    arch: 'x86_64',
    kernel: '6.1.0-40-amd64',
    kernel_newest: '6.1.0-41-amd64',
    boot_id: `${name}-${at}`,
    machine_id: `${name}-machine`,
    uptime: 4_000_000 + at,
    cpus: 8,
    mem_mb: 65_536,
    mem_available_mb: 40_000,
    failed_units: [],
    services: Array.from({ length: 60 }, (_, n) => `service-of-some-name-${n}.service`),
    listeners: Array.from({ length: 20 }, (_, n) => ({ port: 1000 + n, proto: 'tcp', program: `program-${n}` })),
    mounts: Array.from({ length: 12 }, (_, n) => ({ path: `/srv/data/${n}`, source: `/dev/mapper/vg0-data${n}`, type: 'ext4' })),
    mounts_hash: 'a'.repeat(64),
    firewall_hash: 'b'.repeat(64),
    routes_hash: 'c'.repeat(64),
    ...(host.parent === undefined && name.startsWith('kvm') && { guests: [`${name}-a`, `${name}-b`] }),
  } as Facts;
}

export interface ByHandOptions {
  db: Db;
  clock: SettableClock;
  hosts: readonly HostSketch[];
  pace: Pace;
  /** How a host's only step ends; well unless said. */
  outcome?(host: string): 'ok' | 'failed' | 'lost' | 'unverified';
  job?: Partial<ChangeJob>;
}

/**
 * A run over many hosts with a job that does nothing but say what a look would have brought, and no queue: whoever drives it takes
 * the work there is, piece by piece, so that what each piece costs can be told apart.
 */
export function byHand(program: Program, options: ByHandOptions) {
  const { clock, hosts } = options;
  const { db, counted } = counting(options.db);
  const fleet = sketch(hosts);
  const config = ConfigSchema.parse({ timezone: 'UTC' });
  const ended: string[] = [];
  const free = (): Host[] => [...fleet.hosts.values()].filter(({ site }) => site !== BLOCKED);
  const job = defineChange({
    name: 'nothing',
    summary: 'Does nothing',
    risk: 'disrupt',
    params: z.object({}),
    pace: () => options.pace,
    foresee: () => ({ does: 'nothing', estimate: { p50: 60_000, p95: 120_000 }, class: 'vm' }),
    async act(host) {
      ended.push(host.name);
      const outcome = options.outcome?.(host.name) ?? 'ok';
      if (outcome !== 'ok') return { step: 'end', outcome, detail: 'as was wanted of it' };
      return { step: 'done', looked: { host: host.name, outcome: 'ok', reach: 'ok', facts: factsOf(host, 1), findings: [], ms: 1 } };
    },
    ...(options.job as object),
  });
  const stop = { state: () => ({ stopped: false as const }), set: () => ({}), lift: () => ({}) };
  const hostsNamed = async () => new Set(fleet.hosts.keys());
  const shared = {
    config: () => config,
    fleet: () => fleet,
    people: () => [YOU, ADA],
    targets: async () => ({ expression: '@all', hosts: [...fleet.hosts.values()] }),
    stop,
  };
  const ssh = { exec: async () => ({ reach: 'unroutable' as const, detail: 'none', ms: 1 }), load: () => ({ open: 0, waiting: 0 }), close: async () => {} };
  const ending = new AbortController();
  const connections = openConnections();
  const open = program.openRooms({
    ...shared,
    db,
    ssh,
    clock,
    log: quiet,
    jobs: [job],
    messengers: openMessengers(),
    connections,
    ending: ending.signal,
    home: PLACE.channel,
  });
  const ops = {
    ...shared,
    connections,
    clock,
    log: quiet,
    job: program.changeJobs([job]),
    hostsOf: hostsNamed,
    announce: open.announce,
    tell: open.tell,
    records: db,
  } as unknown as Ops;

  const line = (actor: Person) => ({ id: '1', at: clock.now(), actor, place: PLACE });
  /** Does the next piece of work, or lets time pass to what is due next; false when nothing is left. */
  const next = async (): Promise<boolean> => {
    const [row] = await options.db.query<{ id: string; rev: number }>(`select id, rev from outbox where state = 'waiting' order by id limit 1`);
    if (row) {
      const work = await program.startWork(db, row.id, row.rev, 'w');
      if (work) await open.work[work.kind]?.(work);
      return true;
    }
    const [timer] = await options.db.query<{ id: string; kind: string; ref: string; due: Date }>(
      `select id, kind, ref, due from timers where kind in ('run', 'step') order by due limit 1`,
    );
    if (!timer) return false;
    clock.jumpTo(timer.due.getTime());
    await db.tx(async (tx) => {
      await tx.query(`delete from timers where id = $1`, [timer.id]);
      await open.timers[timer.kind]?.(tx, { ...timer, data: {}, rev: 0 });
    });
    return true;
  };

  return {
    db,
    ops,
    rooms: open,
    counted,
    /** Hosts whose step was done, in order. */
    ended,
    next,
    /** What a check of every host brought before. */
    async know() {
      const rows = [...fleet.hosts.values()].map((host) => ({ host: host.name, facts: factsOf(host, 0) }));
      for (let n = 0; n < rows.length; n += 500)
        await options.db.query(
          `insert into facts (host, reach, asked, answered, facts) select host, 'ok', $2, $2, facts from jsonb_to_recordset($1::jsonb) as f (host text, facts jsonb)`,
          [JSON.stringify(rows.slice(n, n + 500)), new Date(clock.now())],
        );
    },
    /** Plans; the run's id, and whether it waits for approval. */
    async plan(expression = '@all', some = free()): Promise<{ id: string; waits?: boolean }> {
      const reply = await program.planRun(ops, { job, params: {}, targets: { expression, hosts: some }, actor: YOU, place: PLACE });
      return db.tx((tx) => reply.write?.(tx, line(YOU) as never) as Promise<{ id: string; waits?: boolean }>);
    },
    /** Plans and approves; the run's id. */
    async begin(expression = '@all', some = free()): Promise<string> {
      const began = await this.plan(expression, some);
      while (began.waits && (await options.db.query(`select 1 from outbox where state = 'waiting'`)).length > 0) await next();
      if (!began.waits) return began.id;
      const yes = await program.approve(ops, { run: began.id, actor: ADA });
      await db.tx(async (tx) => yes.write?.(tx, line(ADA) as never));
      return began.id;
    },
    /** Runs of one host each that wait for places which somebody else holds, as many that nobody approved, and timers due in a year. */
    async besides(runs: number, timers: number) {
      const at = new Date(clock.now());
      const blocked = [...fleet.hosts.values()].filter(({ site }) => site === BLOCKED);
      await options.db.query(
        `insert into slots (budget, run, host, intent, taken) select 'site:${BLOCKED}', 'fleetlock', 'some' || n, 'some' || n, $1 from generate_series(1, 50) n`,
        [at],
      );
      for (const host of blocked.slice(0, runs)) await this.begin(host.name, [host]);
      for (const host of blocked.slice(0, runs)) await this.plan(host.name, [host]);
      while ((await options.db.query(`select 1 from outbox where state = 'waiting' limit 1`)).length > 0) await next();
      await options.db.query(
        `insert into timers (kind, ref, due) select 'step', 'R0/' || n, $2::timestamptz + interval '1 year' from generate_series(1, $1) n`,
        [timers, at],
      );
    },
    /** Goes on until so many hosts have ended, or nothing is left to do. */
    async until(hostsEnded: number) {
      while (ended.length < hostsEnded && (await next())) {}
    },
    async finish() {
      while (await next()) {}
    },
  };
}

/** Rows read of each table, and rows written, by everybody on this server; a session's own are there once it has been asked to say so. */
export async function rowsRead(db: Db): Promise<Map<string, number>> {
  await db.query(`select pg_stat_force_next_flush()`);
  const rows = await db.query<{ name: string; read: number }>(
    `select relname as name, (seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as read from pg_stat_user_tables where schemaname = 'public'`,
  );
  return new Map(rows.map(({ name, read }) => [name, read]));
}
