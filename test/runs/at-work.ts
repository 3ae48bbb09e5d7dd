import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { approve } from '../../commands/approve.ts';
import { go } from '../../commands/go.ts';
import { releaseSlot } from '../../commands/release-slot.ts';
import { show } from '../../commands/show.ts';
import { status } from '../../commands/status.ts';
import { stop } from '../../commands/stop.ts';
import { take } from '../../commands/take.ts';
import { undo } from '../../commands/undo.ts';
import { type Command, defineCommand } from '../../src/chat/command.ts';
import { runDispatch } from '../../src/chat/dispatch.ts';
import { openLines } from '../../src/chat/lines.ts';
import { because, count, flag, target, until } from '../../src/chat/options.ts';
import { machinesOf } from '../../src/config/automation.ts';
import { type ConfigInput, ConfigSchema } from '../../src/config/schema.ts';
import { deliverAttached } from '../../src/deliver/attached.ts';
import { openConnections } from '../../src/deliver/connections.ts';
import { openMessengers } from '../../src/deliver/messengers.ts';
import { sendPages } from '../../src/deliver/pages-out.ts';
import type { Facts, Host } from '../../src/fleet/host.ts';
import { type ChangeJob, defineChange, type Step, type StepContext } from '../../src/jobs.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { uniqueId } from '../../src/lib/ids.ts';
import type { Ops } from '../../src/ops.ts';
import { directory, type Person } from '../../src/people.ts';
import { openQueue } from '../../src/queue/open.ts';
import { runReconcile } from '../../src/queue/reconcile.ts';
import { runRelay } from '../../src/queue/relay.ts';
import { runWorker } from '../../src/queue/worker.ts';
import { knownHosts } from '../../src/reading/knowledge.ts';
import { targetsIn } from '../../src/reading/targets.ts';
import { changeJobs, hostsOf, openRooms } from '../../src/rooms.ts';
import { heardOf } from '../../src/runs/evidence.ts';
import { planRun } from '../../src/runs/plan.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { runTimers } from '../../src/store/timers.ts';
import { timeMachine } from '../../src/time-machine.ts';
import { kept } from '../store/quiet.ts';

export const PEOPLE: Person[] = [
  { name: 'you', display: 'You', roles: [{ role: 'admin' }], zone: 'UTC' },
  { name: 'ada', display: 'Ada', roles: [{ role: 'operator' }], zone: 'UTC' },
  { name: 'ben', display: 'Ben', roles: [{ role: 'known' }], zone: 'UTC' },
  { name: 'kim', display: 'Kim', roles: [{ role: 'operator', scope: '@mel' }], zone: 'UTC' },
];

/** What was done to a host, in order: the job's own record, as the host would have it in its log. */
export interface Acted {
  host: string;
  intent: string;
  from: number;
  to?: number;
}

export type Behaviour = (
  host: string,
  step: 'prepare' | 'act' | 'verify' | 'undo' | 'call off',
  context: StepContext<unknown>,
) => Step | Promise<Step> | undefined;

const simple = { name: 'web01', site: 'bne', ring: 'prod' };

export interface AtWorkOptions {
  hosts?: (Partial<Host> & { name: string })[];
  behave?: Behaviour;
  job?: Partial<ChangeJob>;
  config?: Partial<ConfigInput>;
  /** A database that lives already; else one in memory. */
  store?: Store;
  stopState?: () => ReturnType<Ops['stop']['state']>;
  people?: Person[];
  /** Besides those of runs. */
  commands?: Command[];
}

/** Typed lines, queue, worker, timers and time moved by hand over hosts that a test decides about: everything but SSH. */
export async function atWork(options: AtWorkOptions = {}) {
  const log = kept();
  const db = options.store ?? (await openDb({ memory: true, log }));
  const clock = startClock({ speed: 2, anchor: Date.UTC(2026, 10, 17, 9) });
  const hosts = (options.hosts ?? [simple]).map((host) => fullHost(host));
  const fleet = { hosts: new Map(hosts.map((host) => [host.name, host])), groups: groupsOf(hosts) };
  const config = ConfigSchema.parse({ timezone: 'UTC', ...options.config });
  const acted: Acted[] = [];
  const down = new Set<string>();
  const job = shake(options, acted, clock, down);
  let stopped: ReturnType<Ops['stop']['state']> = { stopped: false };
  const people = options.people ?? PEOPLE;
  const ending = new AbortController();
  const shared = {
    config: () => config,
    fleet: () => fleet,
    people: () => people,
    targets: targetsIn(db, { fleet: () => fleet, config: () => config }),
    stop: {
      state: () => options.stopState?.() ?? stopped,
      set: (by: string, why?: string) => {
        stopped = { stopped: true, by, at: clock.now(), ...(why !== undefined && { because: why }) };
        return {};
      },
      lift: () => {
        stopped = { stopped: false };
        return {};
      },
    },
  };
  const ssh = {
    exec: async () => ({ reach: 'unroutable' as const, detail: 'no SSH in this test', ms: 1 }),
    load: () => ({ open: 0, waiting: 0 }),
    close: async () => {},
  };
  const channel = 'terminal:test';
  const connections = openConnections();
  const rooms = openRooms({
    ...shared,
    db,
    ssh,
    clock,
    log,
    jobs: [job],
    messengers: openMessengers(),
    connections,
    ending: ending.signal,
    home: channel,
  });
  const ops = {
    ...shared,
    connections,
    clock,
    log,
    commands: () => [shakeCommand, approve, go, stop, undo, take, releaseSlot, show, status, ...(options.commands ?? [])],
    job: changeJobs([job]),
    hostsOf: hostsOf(shared),
    announce: rooms.announce,
    tell: rooms.tell,
    known: (names: readonly string[]) => knownHosts(db, names),
    records: db,
  } as unknown as Ops;
  const queue = await openQueue({ db, log });
  const worker = await runWorker({ db, queue, holder: `w:${uniqueId()}`, concurrency: 8, log, handlers: rooms.work });
  const relay = await runRelay({ db, queue, log });
  const timers = await runTimers({ db, clock, handlers: rooms.timers, many: rooms.timersOfMany, failed: (error) => log.error({ err: error }, 'timer') });
  const messengers = openMessengers();
  const pagesOut = await sendPages({
    ...{ db, log, clock, connections, messengers, config: shared.config, people: shared.people, paging: rooms.paging },
    holder: `here:${uniqueId()}`,
    home: channel,
  });
  const attached = await deliverAttached({ db, log, renderers: rooms.renderers });
  const dispatch = await runDispatch({
    db,
    ops,
    holder: `here:${uniqueId()}`,
    person: ({ actor }) => directory(() => [...people, ...machinesOf(config)]).named(actor),
  });
  const lines = await openLines({ db, log, now: clock.now, wakeDispatch: dispatch.wake });
  const reconcile = runReconcile({ db, queue, log, looked: () => relay.wake() });
  const shown: string[] = [];
  const detach = attached.attach(channel, async (text) => void shown.push(text));
  const time = timeMachine({ db, clock, busy: () => relay.busy() || timers.busy() || pagesOut.busy() || attached.busy() || dispatch.busy() || worker.busy() });
  onTestFinished(async () => {
    ending.abort();
    detach();
    reconcile.close();
    await lines.close();
    await dispatch.close();
    await pagesOut.close();
    await attached.close();
    await timers.close();
    await relay.close();
    worker.close();
    await queue.close();
    if (!options.store) await db.close();
  });
  return {
    db,
    clock,
    log,
    ops,
    lines,
    shown,
    acted,
    down,
    rooms,
    /** Types a line and does not wait for its end. */
    begin: (text: string, actor = 'you') => lines.take({ eventId: uniqueId(), actor, place: { platform: 'terminal', channel, zone: 'UTC' }, text }),
    /** Types a line as somebody and lets time pass until it has ended; how it ended. */
    async type(text: string, actor = 'you') {
      const id = await lines.take({ eventId: uniqueId(), actor, place: { platform: 'terminal', channel, zone: 'UTC' }, text });
      let over = false;
      const end = lines.ended(id).finally(() => (over = true));
      while (!over) await Promise.race([end, time.pass(10_000)]);
      return end;
    },
    pass: (ms: number) => time.pass(ms),
    async run(id = 'R1') {
      const [row] = await db.query<{ state: string; waiting: { for: string; because: string } | null; incident: string | null }>(
        `select * from runs where id = $1`,
        [id],
      );
      const rows = await db.query<{
        host: string;
        outcome: string | null;
        state: string;
        wave: number | null;
        started: Date | null;
        ended: Date | null;
        try: number;
        detail: string | null;
      }>(`select * from run_hosts where run = $1 order by position`, [id]);
      return { ...row, hosts: rows, outcomes: Object.fromEntries(rows.map((host) => [host.host, host.outcome ?? host.state])) };
    },
    /** A check reached the host. */
    heard: (host: string, facts: Facts) => db.tx((tx) => heardOf(tx, [{ host, outcome: 'ok', reach: 'ok', facts, ms: 1 }], clock.now())),
    held: () => db.query<{ budget: string; run: string; host: string }>(`select budget, run, host from slots where given_back is null order by id`),
    events: (thing: string) =>
      db.query<{ type: string; data: Record<string, unknown>; by: string }>(`select type, data, by from events where thing = $1 order by rev`, [thing]),
  };
}

const MINUTE = 60_000;

/** A job over nothing but the test: a minute of work, fenced by its intent, as real hosts do. */
function shake(options: AtWorkOptions, acted: Acted[], clock: { now(): number }, down: Set<string>): ChangeJob {
  const fences = new Set<string>();
  return defineChange({
    name: 'shake',
    summary: 'Shakes a host',
    risk: 'disrupt',
    params: z.object({}),
    foresee: () => ({ does: 'shake it', estimate: { p50: MINUTE, p95: 2 * MINUTE }, class: 'vm' }),
    async act(host, context) {
      const said = await options.behave?.(host.name, 'act', context);
      if (said) return said;
      if (fences.has(context.intent)) return { step: 'done', detail: 'already' };
      fences.add(context.intent);
      acted.push({ host: host.name, intent: context.intent, from: clock.now() });
      down.add(host.name);
      return { step: 'done', remember: { boot_before: 'a' } };
    },
    async verify(host, context) {
      const said = await options.behave?.(host.name, 'verify', context);
      if (said) return said;
      if (clock.now() < context.since + MINUTE) return { step: 'wait', lookAgainIn: 20_000, waitingFor: 'it to stand still' };
      down.delete(host.name);
      const one = acted.find(({ intent }) => intent === context.intent);
      if (one) one.to ??= clock.now();
      return { step: 'done', remember: { boot_after: 'b' } };
    },
    async undo(host, context) {
      return (await options.behave?.(host.name, 'undo', context)) ?? { step: 'done', detail: 'put back' };
    },
    sayUndo: () => 'put it back',
    ...(options.job as object),
  });
}

const shakeCommand = defineCommand({
  name: 'shake',
  summary: 'Shakes hosts',
  examples: ['shake @all'],
  role: 'operator',
  options: z.object({
    target: target(),
    batch: count({ keyword: 'batch' }).optional(),
    byRings: flag({ keyword: 'by rings' }),
    plan: flag(),
    at: until({ keyword: 'at' }).optional(),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    return planRun(ops, {
      job: ops.job('shake'),
      params: {},
      targets: await ops.targets(options.target, actor),
      actor,
      place,
      byRings: options.byRings,
      planOnly: options.plan,
      ...(options.batch !== undefined && { batch: options.batch }),
      ...(options.at && { at: options.at.at }),
      ...(options.because !== undefined && { because: options.because }),
    });
  },
});

export function fullHost(host: Partial<Host> & { name: string }): Host {
  return {
    address: '127.0.0.1',
    port: 22,
    groups: ['all', ...[host.site, host.ring].filter((group) => group !== undefined), ...(host.redundancy ?? [])],
    redundancy: [],
    vars: {},
    ssh: { jump: [], identityFiles: [], knownHosts: [], transport: 'ssh2' },
    ...host,
  };
}

export function groupsOf(hosts: readonly Host[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const host of hosts) for (const group of host.groups) groups.set(group, [...(groups.get(group) ?? []), host.name]);
  return groups;
}
