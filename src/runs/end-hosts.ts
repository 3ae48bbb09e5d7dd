import { withCertificates } from '../certificates/heard.ts';
import { judgeReach } from '../fleet/hazards/judge.ts';
import type { HostOutcome, HostResult, Memory } from '../jobs.ts';
import { NoLongerOurs } from '../queue/worker.ts';
import { knownHosts, learn } from '../reading/knowledge.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import { count } from './count.ts';
import { heardOf } from './evidence.ts';
import type { HostRow, RunRow } from './rows.ts';
import { giveBack } from './slots.ts';
import { wakeRun } from './wake.ts';
import type { RunsWorld } from './world.ts';

export interface Ended {
  host: HostRow;
  outcome: HostOutcome;
  detail: string;
  memory: Memory;
  looked?: HostResult;
}

/** What a host that answered and is not well still holds: its group must not lose another one meanwhile. */
const KEPT_BY_FAILED = ['redundancy:', 'group:', 'cluster:'];

/** Hosts have their outcome: rows, counts, durations, what is known of them, slots by evidence, and whoever has to hear of it. */
export async function endHosts(tx: Tx, world: RunsWorld, run: RunRow, ended: readonly Ended[], now: number): Promise<void> {
  if (ended.length === 0) return;
  const rows = ended.map(({ host, outcome, detail, memory }) => ({
    host: host.host,
    rev: host.rev,
    outcome,
    detail: detail.slice(0, 500),
    memory,
    before: memory.boot_before ?? null,
    after: memory.boot_after ?? null,
  }));
  const written = await tx.query<{ host: string }>(
    `update run_hosts h set state = 'ended', rev = h.rev + 1, outcome = e.outcome, detail = nullif(e.detail, ''), memory = e.memory, finished = $3, due = null,
       waiting_for = null, phase = null, boot_before = coalesce(h.boot_before, e.before), boot_after = e.after
     from jsonb_to_recordset($1::jsonb) as e (host text, rev int, outcome text, detail text, memory jsonb, before text, after text)
     where h.run = $2 and h.host = any ($4) and h.host = e.host and h.rev = e.rev and h.state = 'going' returning h.host`,
    [toJsonb(rows), run.id, new Date(now), rows.map(({ host }) => host)],
  );
  if (written.length < rows.length) throw new NoLongerOurs();
  await giveBackBy(tx, run, ended, now);
  for (const outcome of new Set(ended.map((end) => end.outcome))) await count(tx, run.id, outcome, ended.filter((end) => end.outcome === outcome).length);
  await keepDurations(tx, run, ended, now);
  await know(tx, ended, now);
  for (const { host, outcome, detail, memory } of ended)
    for (const told of world.hostEnded) await told(tx, { run: run.id, job: run.job, mode: run.plan.mode, host: host.host, outcome, detail, memory, at: now });
  await wakeAfter(tx, run, ended);
}

/** A stop came first: as if it had never been their turn. */
export async function notBegun(tx: Tx, run: RunRow, back: readonly { host: HostRow; because: string }[], now: number): Promise<void> {
  if (back.length === 0) return;
  for (const { host, because } of back) {
    const [written] = await tx.query(
      `update run_hosts set state = 'waiting', rev = rev + 1, phase = null, started = null, phase_since = null, due = null, try = try + 1 where run = $1 and host = $2 and rev = $3
       and state = 'going' returning host`,
      [run.id, host.host, host.rev],
    );
    if (!written) throw new NoLongerOurs();
    await giveBack(tx, { run: run.id, hosts: [host.host], evidence: `not begun: ${because}`, at: now, except: run.id });
  }
  await wakeRun(tx, run.id);
}

/** A lost host, one nobody knows about and one that is half made ready keep everything. */
async function giveBackBy(tx: Tx, run: RunRow, ended: readonly Ended[], at: number): Promise<void> {
  const named = (...outcomes: HostOutcome[]): string[] => ended.filter((end) => outcomes.includes(end.outcome)).map((end) => end.host.host);
  const well = named('ok', 'already');
  if (well.length > 0) await giveBack(tx, { run: run.id, hosts: well, evidence: 'found well', at, except: run.id });
  if (well.length > 0 && run.plan.of !== undefined)
    await giveBack(tx, { run: run.plan.of, hosts: well, evidence: `put back by ${run.id}`, at, except: run.id });
  const ill = named('failed');
  if (ill.length > 0) await giveBack(tx, { run: run.id, hosts: ill, evidence: 'it answers', at, keep: KEPT_BY_FAILED, except: run.id });
  // What claims nothing has nothing to give back.
  const free = ended.filter((end) => end.host.planned.claims.length === 0).map((end) => end.host.host);
  if (free.length > 0) await giveBack(tx, { run: run.id, hosts: free, evidence: 'nothing was taken', at });
}

async function keepDurations(tx: Tx, run: RunRow, ended: readonly Ended[], now: number): Promise<void> {
  const done = ended.filter((end) => end.outcome === 'ok' && end.host.started && run.plan.mode === 'do');
  if (done.length === 0 || run.plan.pace.unbounded) return;
  await tx.query(`insert into durations (job, class, ms, at) select $1, class, ms, $3 from jsonb_to_recordset($2::jsonb) as d (class text, ms bigint)`, [
    run.job,
    toJsonb(done.map(({ host }) => ({ class: host.planned.class, ms: Math.max(0, Math.round(now - (host.started as Date).getTime())) }))),
    new Date(now),
  ]);
}

/** What was seen of them is known from now on; a lost one is down for everybody. */
async function know(tx: Tx, ended: readonly Ended[], now: number): Promise<void> {
  const results = ended.flatMap(({ host, outcome, detail, looked }): HostResult[] => {
    if (looked) return [looked];
    if (outcome !== 'lost') return [];
    return [{ host: host.host, outcome: 'lost', reach: 'unroutable', detail, findings: judgeReach('unroutable', detail, []), ms: 0 }];
  });
  if (results.length === 0) return;
  const known = await knownHosts(
    tx,
    results.map(({ host }) => host),
  );
  await learn(tx, await withCertificates(tx, results, known, now), known, now);
  // Seen alive in this run, a host that another one lost gives that one's slots back.
  await heardOf(tx, results, now);
}

/**
 * The run is decided about again when something may follow: a bad outcome, hosts that wait for their turn, or the last one in
 * flight. Where everything goes at once, 5,000 hosts that end well wake it once.
 */
async function wakeAfter(tx: Tx, run: RunRow, ended: readonly Ended[]): Promise<void> {
  const quiet = run.plan.pace.unbounded && ended.every(({ outcome }) => outcome === 'ok' || outcome === 'already');
  if (quiet && (await tx.query(`select 1 from run_hosts where run = $1 and state = 'going' limit 1`, [run.id])).length > 0) return;
  await wakeRun(tx, run.id);
}
