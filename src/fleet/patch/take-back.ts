import type { Memory, Step, StepContext } from '../../jobs.ts';
import type { Host } from '../host.ts';
import { type Package, readPatchAnswer } from './answer.ts';
import { beginOnHost } from './begin.ts';
import { some } from './judge.ts';
import { verifyPatch } from './look.ts';
import type { PatchParams } from './params.ts';

const changedIn = (memory: Memory): Package[] => (Array.isArray(memory.changed) ? (memory.changed as Package[]) : []);
/** Packages that came new are left: one of them may be the kernel the host runs on. */
const older = (changed: readonly Package[]): Package[] => changed.filter(({ from, to }) => from !== undefined && to !== undefined);
const fresh = (changed: readonly Package[]): Package[] => changed.filter(({ from }) => from === undefined);

const count = (packages: number): string => `${packages} ${packages === 1 ? 'package' : 'packages'}`;

export function sayPatchUndo(memory: Memory): string | undefined {
  const changed = changedIn(memory);
  if (changed.length === 0) return undefined;
  const back = older(changed).map(({ name, from }) => `${name} to ${from}`);
  const stays = fresh(changed).map(({ name }) => name);
  return [
    `${count(back.length)} back, where the old ones can still be had: ${some(back)}`,
    ...(stays.length > 0 ? [`what was new stays: ${some(stays)}`] : []),
  ].join('; ');
}

/** Looks what can still be had, puts that back in one go, and says what could not. */
export async function undoPatch(host: Host, context: StepContext<PatchParams>): Promise<Step> {
  const { memory } = context;
  const back = older(changedIn(memory));
  if (back.length === 0) return { step: 'end', outcome: 'already', detail: 'no package was upgraded here' };
  if (memory.takingBack !== context.intent) return lookBack(back, context);
  const step = await verifyPatch(host, context);
  if (step.step !== 'done') return step;
  const gone = Array.isArray(memory.gone) ? (memory.gone as string[]) : [];
  const stays = fresh(changedIn(memory)).map(({ name }) => name);
  const detail = `${count(back.length - gone.length)} put back${stays.length > 0 ? `; what was new stays: ${some(stays)}` : ''}`;
  if (gone.length === 0) return { ...step, detail, remember: { changed: [], takenBack: back } };
  return { step: 'end', outcome: 'failed', detail: `${detail}; ${gone.length} can no longer be had: ${some(gone)}`, remember: { takenBack: back } };
}

async function lookBack(back: readonly Package[], context: StepContext<PatchParams>): Promise<Step> {
  const wanted = back.map(({ name, from }) => `${name}=${from}`);
  const answer = readPatchAnswer(await context.script('patch-back', wanted, 60_000), 'patch-back v1');
  const failed = (detail: string): Step => ({ step: 'end', outcome: 'failed', detail: `nothing was put back: ${detail}` });
  if ('unanswered' in answer) return failed(answer.unanswered);
  const { said, lists } = answer;
  if (said.lock) return { step: 'wait', lookAgainIn: 60_000, waitingFor: `${said.lock}, which holds the lock of packages` };
  if (lists.half?.length) return failed(`packages stand half-way: ${some(lists.half)}`);
  if (said.failed) return failed(said.failed);
  const there = (lists.there ?? []).filter((word) => wanted.includes(word));
  const gone = wanted.filter((word) => !there.includes(word));
  if (there.length === 0) return failed(`none of the old versions can be had any more: ${some(gone)}`);
  const step = await beginOnHost(context, ['back', '-', 'yes', '30', ...there]);
  if (step.step !== 'done') return step;
  return { step: 'wait', lookAgainIn: 5_000, waitingFor: `${count(there.length)} to be put back`, remember: { gone, takingBack: context.intent } };
}

/** At `stop`: an upgrade that waits for the lock does not begin; one that has begun goes on, or packages would stand half-way. */
export async function callOffPatch(_host: Host, context: StepContext<PatchParams>): Promise<Step> {
  const answer = readPatchAnswer(await context.script('patch-off', [context.intent], 15_000), 'patch-off v1');
  if ('unanswered' in answer) return { step: 'end', outcome: 'unverified', detail: `whether the upgrade was called off is not known: ${answer.unanswered}` };
  if (answer.said.off === 'late') return { step: 'end', outcome: 'held', detail: 'packages are being installed: it goes on until it is over' };
  return { step: 'done', detail: 'called off before it began' };
}
