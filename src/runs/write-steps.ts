import type { ChangeJob, Memory } from '../jobs.ts';
import { NoLongerOurs } from '../queue/worker.ts';
import type { Phase } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import { armTimer } from '../store/timers.ts';
import type { Stepped } from './do-phase.ts';
import { type Ended, endHosts, notBegun } from './end-hosts.ts';
import type { NotBegun } from './held-back.ts';
import type { HostRow, RunRow } from './rows.ts';
import { phasesOf } from './start-hosts.ts';
import type { RunsWorld } from './world.ts';

export interface Done {
  host: HostRow;
  step: Stepped | NotBegun;
}

/** Writes what came of one step of some hosts. Answers whether any of them has its next step to do at once. */
export async function writeSteps(tx: Tx, world: RunsWorld, run: RunRow, job: ChangeJob, done: readonly Done[]): Promise<boolean> {
  const now = world.clock.now();
  const phases = phasesOf(job, run.plan);
  const entering: Entering[] = [];
  const ended: Ended[] = [];
  const back: { host: HostRow; because: string }[] = [];
  for (const { host, step } of done) {
    if (step.step === 'not begun') {
      back.push({ host, because: step.because });
      continue;
    }
    // What the last step that had something to say said: the detail of a host that ends well.
    const memory = { ...host.memory, ...step.remember, ...(step.step === 'done' && step.detail && { says: step.detail }) };
    if (step.step === 'done' && step.event)
      await record(tx, { thing: run.id, type: step.event.type, data: { host: host.host, ...step.event.data }, by: 'holdfast', at: now });
    const following = phases[phases.indexOf(host.phase as Phase) + 1];
    if (step.step === 'wait')
      entering.push({ host, phase: host.phase as Phase, memory, waitingFor: step.waitingFor, due: now + Math.max(1, step.lookAgainIn) });
    else if (step.step === 'done' && following)
      entering.push({ host, phase: following, memory, ...(step.looked?.facts && host.phase === 'baseline' && { baseline: step.looked.facts }) });
    else
      ended.push({
        host,
        outcome: step.step === 'end' ? step.outcome : 'ok',
        detail: step.detail ?? (typeof memory.says === 'string' ? memory.says : ''),
        memory: step.step === 'end' && step.outcome === 'held' ? { ...memory, ...heldIn(host) } : memory,
        ...(step.looked && { looked: step.looked }),
      });
  }
  await enter(tx, entering, now);
  await notBegun(tx, run, back, now);
  await endHosts(tx, world, run, ended, now);
  await tx.query(`update cards set wanted_rev = wanted_rev + 1 where thing_kind = 'run' and thing_id = $1`, [run.id]);
  await tx.notify('shown', `run:${run.id}`);
  return entering.some(({ due }) => due === undefined);
}

/** Where a person's `go` takes it up: what was told to the host and called off is told again, under another intent. */
function heldIn({ phase, memory }: HostRow): Memory {
  return phase === 'verify' ? { heldIn: 'act', calledOff: true } : { heldIn: memory.heldIn ?? phase };
}

interface Entering {
  host: HostRow;
  phase: Phase;
  memory: Memory;
  baseline?: Memory;
  /** It waits: for what, and until when (domain ms). */
  waitingFor?: string;
  due?: number;
}

/** One statement for all of them; fewer rows than hosts means that somebody else went on with one of them. */
async function enter(tx: Tx, entering: readonly Entering[], now: number): Promise<void> {
  if (entering.length === 0) return;
  const rows = entering.map(({ host, phase, memory, baseline, waitingFor, due }) => ({
    host: host.host,
    run: host.run,
    rev: host.rev,
    phase,
    since: phase === host.phase ? host.phase_since : new Date(now),
    memory,
    baseline: baseline ?? null,
    boot: baseline?.boot_id ?? memory.boot_before ?? null,
    waiting: waitingFor ?? null,
    due: due === undefined ? null : new Date(due),
  }));
  const written = await tx.query(
    `update run_hosts h set rev = h.rev + 1, phase = e.phase, phase_since = e.since, memory = e.memory, baseline = coalesce(e.baseline, h.baseline),
       boot_before = coalesce(h.boot_before, e.boot), waiting_for = e.waiting, due = e.due
     from jsonb_to_recordset($1::jsonb) as e (host text, run text, rev int, phase text, since timestamptz, memory jsonb, baseline jsonb, boot text, waiting text, due timestamptz)
     where h.run = $2 and h.host = any ($3) and h.host = e.host and h.rev = e.rev and h.state = 'going' returning h.host`,
    [toJsonb(rows), rows[0]?.run, rows.map(({ host }) => host)],
  );
  if (written.length < rows.length) throw new NoLongerOurs();
  for (const { host, due } of entering) if (due !== undefined) await armTimer(tx, { kind: 'step', ref: `${host.run}/${host.position}`, due });
}
