import type { Config } from '../config/schema.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Host, HostState } from '../fleet/host.ts';
import type { Ssh } from '../fleet/ssh/transport.ts';
import type { HostResult, JobContext, ReadJob } from '../jobs.ts';
import type { Clock } from '../lib/clocks.ts';
import { crashPoint } from '../lib/crash.ts';
import { errorId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Log } from '../ops.ts';
import { NoLongerOurs } from '../queue/worker.ts';
import type { Db, Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import { finishWork, isOurs, type OutboxRow } from '../store/outbox.ts';
import type { ChunkResult } from './chunk-result.ts';
import { endReading } from './end.ts';
import { knownHosts, learn } from './knowledge.ts';

/** Wall ms: partial results are written after this, then at this distance, so that first words come after 1.5 s. */
const FIRST_FLUSH = 1200;
const NEXT_FLUSH = 3000;
/** A chunk that lost its worker this often is given up; the hosts it did not reach are `failed`. */
const TRIES = 5;

export interface ReadingWorld {
  db: Db;
  ssh: Ssh;
  clock: Clock;
  fleet(): Fleet;
  /** For jobs that ask about a host elsewhere. */
  config?(): Config;
  job(name: string): ReadJob | undefined;
  log: Log;
  /** What other rooms know to be wrong with hosts, beside what they said: answers the results as they are to be kept. */
  alsoWrong?(tx: Tx, results: readonly HostResult[], known: ReadonlyMap<string, HostState>): Promise<HostResult[]>;
  /** Rooms for which it is news that a host was heard of; inside the transaction that writes it. */
  heard?: readonly ((tx: Tx, results: readonly HostResult[]) => Promise<void>)[];
  /** What is to be said of people where every host is checked. */
  ofPeople?(tx: Tx): Promise<readonly string[]>;
  /** Aborted when this process is told to end. */
  ending: AbortSignal;
}

/** Asks the hosts of one chunk and writes what they said in one transaction; the last chunk ends the reading. */
export async function readChunk(world: ReadingWorld, row: OutboxRow): Promise<void> {
  const [id, n] = row.ref.split('/') as [string, string];
  const [chunk] = await world.db.query<{ job: string; params: unknown; hosts: string[]; began: Date; state: string }>(
    `select r.job, r.params, r.began, c.hosts, c.state from readings r join reading_chunks c on c.reading_id = r.id
     where r.id = $1 and c.n = $2`,
    [id, n],
  );
  if (!chunk || chunk.state === 'done') {
    await finishWork(world.db, row, 'done');
    return;
  }
  const results: HostResult[] = [];
  const unasked = new Set<HostResult>();
  const known = await knownHosts(world.db, chunk.hosts);
  const leave = leaving(world.ending);
  const flush = partialFlush(world, row, { id, n, hosts: chunk.hosts.length }, results);
  try {
    const asking = chunk.hosts.map(async (name) => {
      const result = await askOne(world, chunk, name, known.get(name), row.tries);
      if (result.unasked) unasked.add(result.result);
      results.push(result.result);
    });
    await Promise.race([Promise.all(asking), leave.told]);
  } finally {
    leave.forget();
    await flush.stop();
  }
  crashPoint('work.acted');
  const now = world.clock.now();
  await world.db.tx(async (tx) => {
    // One lock order for all chunks of a reading, so that two last chunks do not each think the other is still open.
    await tx.query(`select id from readings where id = $1 for update`, [id]);
    if (!(await finishWork(tx, row, 'done'))) throw new NoLongerOurs();
    // What was asked elsewhere says nothing about whether the host answers.
    const asked = world.job(chunk.job)?.aside ? [] : results.filter((result) => !unasked.has(result));
    const heard = (await world.alsoWrong?.(tx, asked, known)) ?? asked;
    await writeResults(tx, id, n, [...results.filter((result) => !asked.includes(result)), ...heard], 'done');
    await learn(tx, heard, known, now);
    for (const tell of world.heard ?? []) await tell(tx, heard);
    await endReading(tx, id, now, { size: world.fleet().hosts.size, ...(world.ofPeople && { ofPeople: world.ofPeople }) });
  });
  crashPoint('work.written');
}

async function askOne(
  world: ReadingWorld,
  chunk: { job: string; params: unknown },
  name: string,
  known: HostState | undefined,
  tries: number,
): Promise<{ result: HostResult /** It says nothing about the host. */; unasked?: true }> {
  const host = world.fleet().hosts.get(name);
  const job = world.job(chunk.job);
  if (!host) return gone(name, 'no longer in the inventory');
  if (!job) return gone(name, `this version of Holdfast has no job "${chunk.job}"`);
  if (tries >= TRIES) return gone(name, `given up: the worker died ${tries} times while asking`);
  try {
    const result = await job.act(host, {
      params: chunk.params,
      clock: world.clock,
      ...(known && { known }),
      script: (script, args = [], timeout = 20_000) => world.ssh.exec(host, { script, args, timeout }),
      ...(world.config && { around: around(world, world.config()) }),
    });
    return { result };
  } catch (error) {
    if (world.ending.aborted) throw new NoLongerOurs();
    if (error instanceof Refusal) return gone(name, error.message);
    // One host's answer that we trip over must not cost the other hosts of its chunk theirs.
    const errId = errorId();
    world.log.error({ err: error, id: errId, host: name, job: chunk.job }, 'asking a host failed');
    return gone(name, `something of ours failed while asking (${errId}); the log has the details under that id`);
  }
}

function around(world: ReadingWorld, config: Config): NonNullable<JobContext<unknown>['around']> {
  const fleet = world.fleet();
  return {
    config,
    fleet,
    scriptOn: (name, script, args = [], timeout = 20_000) => {
      const host = fleet.hosts.get(name);
      if (!host) throw new Error(`${script} is to run on ${name}, which is not in the inventory`);
      return world.ssh.exec(host, { script, args, timeout });
    },
  };
}

/** Rejects when the process is told to end. `forget` takes the listener away: the signal outlives thousands of chunks. */
function leaving(ending: AbortSignal): { told: Promise<never>; forget(): void } {
  let leave: () => void = () => {};
  const told = new Promise<never>((_, reject) => {
    leave = () => reject(new NoLongerOurs());
  });
  if (ending.aborted) leave();
  ending.addEventListener('abort', leave);
  return { told, forget: () => ending.removeEventListener('abort', leave) };
}

function gone(host: Host['name'], detail: string): { result: HostResult; unasked: true } {
  return { result: { host, outcome: 'failed', reach: 'unroutable', detail, ms: 0 }, unasked: true };
}

async function writeResults(tx: Tx, id: string, n: string, results: readonly HostResult[], state: 'open' | 'done'): Promise<void> {
  const kept: ChunkResult[] = results.map(({ facts: _, certificates: __, ...rest }) => rest);
  await tx.query(`update reading_chunks set results = $3, state = $4 where reading_id = $1 and n = $2 and state = 'open'`, [id, n, toJsonb(kept), state]);
}

/** While some hosts are slow, shows what the others said. Best effort: the end writes everything again. */
function partialFlush(
  world: ReadingWorld,
  row: OutboxRow,
  { id, n, hosts }: { id: string; n: string; hosts: number },
  results: HostResult[],
): { stop(): Promise<void> } {
  let written = 0;
  let writing: Promise<void> = Promise.resolve();
  const write = (): void => {
    // When all have answered, the end is a moment away and says it once.
    if (results.length === written || results.length === hosts) return;
    written = results.length;
    writing = world.db
      .tx(async (tx) => {
        // Of a worker that was away too long nothing is shown: what was final would be shown again.
        if (!(await isOurs(tx, row))) return;
        await writeResults(tx, id, n, results, 'open');
        await tx.query(`update cards set wanted_rev = wanted_rev + 1 where thing_kind = 'reading' and thing_id = $1`, [id]);
        await tx.notify('shown', `reading:${id}`);
      })
      .catch(() => undefined);
  };
  let timer = setTimeout(function again() {
    write();
    timer = setTimeout(again, NEXT_FLUSH);
  }, FIRST_FLUSH);
  return {
    async stop() {
      clearTimeout(timer);
      await writing;
    },
  };
}
