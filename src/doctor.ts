import { readFileSync } from 'node:fs';
import { examineProviders } from './deliver/channels/examine.ts';
import { reachedBy } from './deliver/reaches.ts';
import { examinePower } from './fleet/power/examine.ts';
import type { PowerWorld } from './fleet/power/power.ts';
import type { Ssh } from './fleet/ssh/transport.ts';
import { foldNames } from './fleet/target/fold.ts';
import { examineSenders } from './ingest/examine.ts';
import { examinePeople } from './oncall/examine.ts';
import type { Ops } from './ops.ts';
import type { WorkQueue } from './queue/queue.ts';
import type { Db } from './store/db.ts';

/** What one part would be worth in the worst hour. */
export interface Examined {
  name: string;
  ok: boolean;
  says: string;
  remedy?: string;
}

interface World {
  ops: Ops;
  db: Db;
  queue: WorkQueue;
  ssh: Ssh;
  /** What the chat platforms answer. */
  chats?(): Promise<Examined[]>;
}

/** Above this many hosts a Postgres server is recommended; the embedded store is for trying and for small teams. */
const EMBEDDED_UP_TO = 50;

/** Examines every part for real: a row written, a clock compared, a script run on every host. */
export async function examine(world: World): Promise<Examined[]> {
  const { ops, db } = world;
  const found = await Promise.all([
    database(db, ops),
    queue(world.queue),
    clocks(db),
    hosts(world),
    power(world),
    sharedFate(ops),
    people(ops),
    senders(ops),
    world.chats?.() ?? [],
  ]);
  return [configuration(ops), ...found.flat()];
}

function configuration(ops: Ops): Examined {
  const fleet = ops.fleet();
  const size = fleet.hosts.size;
  if (size === 0) return { name: 'configuration', ok: false, says: 'no hosts', remedy: 'add hosts or an inventory to holdfast.yaml: npx holdfast init' };
  return { name: 'configuration', ok: true, says: `${size} hosts, ${fleet.groups.size} groups, ${ops.people().length} people` };
}

async function database(db: Db, ops: Ops): Promise<Examined[]> {
  const started = performance.now();
  const key = 'doctor';
  await db.tx((tx) =>
    tx.query(`insert into meta (key, value) values ($1, to_jsonb(now()::text)) on conflict (key) do update set value = excluded.value`, [key]),
  );
  const took = Math.round(performance.now() - started);
  const size = ops.fleet().hosts.size;
  const written: Examined = { name: 'database', ok: true, says: `${db.engine}, one transaction to disk in ${took} ms` };
  if (db.engine === 'postgres' || size <= EMBEDDED_UP_TO) return [written];
  return [
    written,
    { name: 'database', ok: true, says: `${size} hosts on the embedded store: a Postgres server is recommended above ${EMBEDDED_UP_TO} (docs/operations.md)` },
  ];
}

async function queue(work: WorkQueue): Promise<Examined[]> {
  const state = await work.state().catch((error: unknown) => error as Error);
  const { ok, says, remedy = 'look at the redis or database section of holdfast.yaml, and whether the server runs', advice = [] } = work.healthy();
  const advised = advice.map((one) =>
    one.bearable ? { name: 'queue', ok: true, says: `${one.says}: ${one.remedy}` } : { name: 'queue', ok: false, says: one.says, remedy: one.remedy },
  );
  if (!ok) return [{ name: 'queue', ok: false, says, remedy }, ...advised];
  if (state instanceof Error) return [{ name: 'queue', ok: false, says: state.message, remedy }, ...advised];
  return [{ name: 'queue', ok: true, says: `${says}; ${state.waiting} waiting, ${state.active} in hand` }, ...advised];
}

async function clocks(db: Db): Promise<Examined> {
  const before = Date.now();
  const [row] = await db.query<{ now: Date }>(`select clock_timestamp() as now`);
  const offset = (row as { now: Date }).now.getTime() - (before + Date.now()) / 2;
  const says = `the database's clock and ours differ by ${Math.round(Math.abs(offset))} ms`;
  return Math.abs(offset) < 2000
    ? { name: 'clocks', ok: true, says }
    : { name: 'clocks', ok: false, says, remedy: 'synchronise both machines (chrony, systemd-timesyncd)' };
}

async function hosts({ ops, ssh }: World): Promise<Examined[]> {
  const all = [...ops.fleet().hosts.values()];
  const reached = await Promise.all(
    all.map(async (host) => ({ host: host.name, result: await ssh.exec(host, { script: 'reach', args: [], timeout: 10_000 }) })),
  );
  const bad = new Map<string, string[]>();
  for (const { host, result } of reached) {
    if (result.reach === 'ok' && result.stdout.includes('end=reach')) continue;
    const why = result.reach === 'ok' ? `the script did not come back whole (exit ${result.code})` : result.reach;
    bad.set(why, [...(bad.get(why) ?? []), host]);
  }
  const good = all.length - [...bad.values()].flat().length;
  return [
    { name: 'ssh', ok: bad.size === 0, says: `${good} of ${all.length} hosts ran a script` },
    ...[...bad].map(([why, names]) => ({
      name: 'ssh',
      ok: false,
      says: `${why}: ${foldNames(names)}`,
      remedy: `check ${foldNames(names.slice(0, 5))} says more of each`,
    })),
  ];
}

/** One host of each class: it is the way that is examined, not the hosts. */
async function power({ ops, ssh }: World): Promise<Examined[]> {
  const [config, fleet] = [ops.config(), ops.fleet()];
  const scriptOn: PowerWorld['scriptOn'] = (name, script, args = [], timeout = POWER_TIME) => {
    const host = fleet.hosts.get(name);
    if (!host) throw new Error(`${script} is to run on ${name}, which is not in the inventory`);
    return ssh.exec(host, { script, args, timeout });
  };
  const found = await examinePower({ config, fleet, scriptOn }, POWER_TIME);
  if (found.length === 0) {
    const says = 'no host can be looked at or switched from outside: there are no classes of `power` in holdfast.yaml';
    return [{ name: 'power', ok: true, says }];
  }
  return found.map(({ says, remedy }) => ({ name: 'power', ok: remedy === undefined, says, ...(remedy !== undefined && { remedy }) }));
}

/** Wall milliseconds for one class. */
const POWER_TIME = 5_000;

/** A host that is this very machine takes Holdfast down with it. */
async function sharedFate(ops: Ops): Promise<Examined> {
  const here = machineId();
  const known = await ops.known([...ops.fleet().hosts.keys()]);
  const us = [...ops.fleet().hosts.values()].filter((host) => here && !host.alertPath && known.get(host.name)?.facts.machine_id === here);
  if (us.length === 0) return { name: 'shared fate', ok: true, says: 'no host of the fleet is known to be this machine without saying so' };
  return {
    name: 'shared fate',
    ok: false,
    says: `${foldNames(us.map((host) => host.name))} is the machine Holdfast runs on`,
    remedy: 'set "alert_path: true" on it, so that a plan that takes it down says so',
  };
}

/** Whether a page would arrive: by whom people can be reached, and whether their providers would take it. */
async function people(ops: Ops): Promise<Examined[]> {
  const simulated = ops.sandbox !== undefined;
  const reaches = reachedBy(ops.config(), simulated);
  const asked = { config: ops.config(), people: ops.people(), reaches, connections: ops.connections.all(), timeout: PROVIDER_TIME };
  const [found, providers] = await Promise.all([examinePeople(ops.records, { ...ops, simulated }), simulated ? [] : examineProviders(asked)]);
  const examined = (name: string) => (one: { says: string; remedy?: string }) => ({ name, ok: one.remedy === undefined, ...one });
  return [...found.map(examined('people')), ...providers.map(examined('channels'))];
}

/** Other systems that say what is wrong. */
async function senders(ops: Ops): Promise<Examined[]> {
  return (await examineSenders(ops.records, ops)).map((one) => ({ name: 'alerts', ok: one.remedy === undefined, ...one }));
}

/** Wall milliseconds for one provider. */
const PROVIDER_TIME = 5_000;

function machineId(): string | undefined {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
