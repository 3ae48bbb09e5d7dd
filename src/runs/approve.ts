import type { Began, Reply } from '../chat/command.ts';
import { defaultsOf } from '../config/defaults.ts';
import { crashPoint } from '../lib/crash.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { mayApprove } from '../rollout/approval.ts';
import { hashPlan } from '../rollout/hash.ts';
import type { Queries, Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import { approversOf, ringAsked } from './approvers.ts';
import { openIncidents } from './incidents.ts';
import { type HostRow, type RunRow, runNamed } from './rows.ts';
import { lockFleet } from './slots.ts';
import { wakeRun } from './wake.ts';
import { planFrom } from './write-plan.ts';

export interface Approval {
  run: string;
  actor: Person;
  breakGlass?: { because: string };
  /** The target, typed by somebody who is alone. */
  typed?: string;
  /** The first letters of the plan's hash, as a button carries it. */
  plan?: string;
}

/** Somebody says yes to the ring of a run that waits. It binds to the plan as it is written; the line waits for the run. */
export async function approve(ops: Ops, said: Approval): Promise<Reply> {
  // Told early, and looked at again where it is written.
  await judge(ops.records, ops, said, await runNamed(ops.records, said.run), ops.clock.now());
  return {
    write: async (tx, line): Promise<Began> => {
      await lockFleet(tx);
      const run = await runNamed(tx, said.run, 'for update');
      const { ring, may } = await judge(tx, ops, said, run, line.at);
      const approval = {
        by: said.actor.name,
        at: line.at,
        hash: run.hash,
        ...(may.breakGlass && { breakGlass: true }),
        ...(may.notBefore !== undefined && { notBefore: may.notBefore }),
      };
      await tx.query(`update runs set approvals = approvals || $2, at_once = coalesce($3, at_once), rev = rev + 1 where id = $1`, [
        run.id,
        toJsonb({ [ring]: approval }),
        may.atOnce ?? null,
      ]);
      await record(tx, {
        thing: run.id,
        type: may.breakGlass ? 'glass broken' : 'approved',
        data: { ring, hash: run.hash, says: may.says },
        by: said.actor.name,
        at: line.at,
      });
      if (may.loud) await ops.announce.loud(tx, run, may.says, line.at);
      await wakeRun(tx, run.id);
      crashPoint('run.approved');
      return { kind: 'run', id: run.id };
    },
  };
}

async function judge(db: Queries | Tx, ops: Ops, said: Approval, run: RunRow, now: number) {
  const ring = ringAsked(run);
  if (ring === undefined) throw new Refusal(`${run.id} is ${run.state}${run.state === 'running' ? ' and waits for nobody' : ''}; there is nothing to approve.`);
  if (said.plan !== undefined && !run.hash.startsWith(said.plan.toLowerCase()))
    throw new Refusal(`${run.id} is another plan than the one that button was shown with. Look at it again: show ${run.id}.`);
  if ((await hashNow(db, run)) !== run.hash) throw new Refusal(`The plan of ${run.id} is not what was frozen any more; it cannot be approved. Plan it again.`);
  const major = (await openIncidents(db)).find(({ severity }) => severity !== 'minor');
  const reasons = run.plan.rings[ring]?.approval ?? [];
  const may = mayApprove({
    reasons: reasons.length > 0 ? reasons : ['it missed its hour'],
    run: run.id,
    expression: run.plan.expression,
    requester: run.by,
    approver: said.actor.name,
    eligible: await approversOf(db, ops, run, ring),
    ...(major && { incident: major.id }),
    askedAt: (ring > 0 ? (run.ring_ended ?? run.asked_at) : run.asked_at)?.getTime() ?? run.planned_at.getTime(),
    now,
    ...(said.breakGlass && { breakGlass: said.breakGlass }),
    ...(said.typed !== undefined && { typed: said.typed }),
    defaults: defaultsOf(ops.config()),
  });
  if (!may.allowed) throw new Refusal(may.says.endsWith('.') ? may.says : `${may.says}.`);
  return { ring, may };
}

/** What stands in the rows now. */
async function hashNow(db: Queries, run: RunRow): Promise<string> {
  const rows = await db.query<Pick<HostRow, 'host' | 'ring' | 'planned'>>(`select host, ring, planned from run_hosts where run = $1 order by position`, [
    run.id,
  ]);
  return hashPlan(planFrom(run.plan, rows));
}
