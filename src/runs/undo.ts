import type { Place, Reply } from '../chat/command.ts';
import type { Host } from '../fleet/host.ts';
import type { Memory } from '../jobs.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { planRun } from './plan.ts';
import { type HostRow, runNamed } from './rows.ts';

/**
 * Plans a run that puts back what another one did, from what was recorded before: hosts it touched, or one that is half made
 * ready. Of one's own run nobody is asked: it is the safe direction.
 */
export async function undoRun(ops: Ops, asked: { run: string; on?: string; actor: Person; place: Place; because?: string }): Promise<Reply> {
  const run = await runNamed(ops.records, asked.run);
  const job = ops.job(run.job);
  if (run.plan.mode === 'undo') throw new Refusal(`${run.id} is an undo itself. Do what ${run.plan.of} did again instead.`);
  if (!job.undo) throw new Refusal(`"${run.job}" cannot be undone. "show ${run.id}" says what was done to which host.`);
  if (run.state === 'planned') throw new Refusal(`${run.id} has done nothing yet. "stop ${run.id}" calls it off.`);
  if (run.state === 'running' && asked.on === undefined) throw new Refusal(`${run.id} still goes. "stop ${run.id}" first, then "undo ${run.id}".`);
  const rows = await ops.records.query<HostRow>(
    `select * from run_hosts where run = $1 and state = 'ended' and started is not null and outcome <> 'already' and ($2::text is null or host = $2) order by position`,
    [run.id, asked.on ?? null],
  );
  const touched = rows.flatMap((row): { host: Host; memory: Memory }[] => {
    const host = ops.fleet().hosts.get(row.host);
    return host ? [{ host, memory: row.memory }] : [];
  });
  const back = touched.filter(({ host, memory }) => job.sayUndo === undefined || job.sayUndo(host, memory) !== undefined);
  if (back.length === 0)
    throw new Refusal(
      asked.on === undefined ? `${run.id} left nothing that could be put back.` : `${run.id} left nothing on ${asked.on} that could be put back.`,
    );
  return planRun(ops, {
    job,
    params: run.plan.params,
    targets: { expression: asked.on ?? run.plan.expression, hosts: back.map(({ host }) => host) },
    actor: asked.actor,
    place: asked.place,
    mode: 'undo',
    of: run.id,
    ...(run.plan.words !== undefined && { words: run.plan.words }),
    undoOfOwn: run.by === asked.actor.name,
    memories: new Map(back.map(({ host, memory }) => [host.name, memory])),
    ...(asked.because !== undefined && { because: asked.because }),
  });
}
