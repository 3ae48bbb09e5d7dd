import type { Memory, Step, StepContext } from '../../jobs.ts';
import type { Host } from '../host.ts';
import { withLook } from './look-again.ts';
import { lookOnHost } from './on-host.ts';
import { goBack } from './put-back.ts';
import { type RotateMemory, readRotateMemory, type Stage } from './remembered.ts';
import { foldPaths } from './say.ts';
import { type RotateParams, rotationOf } from './shapes.ts';
import { type At, enter, LOOK_AGAIN, silent } from './stage.ts';

/** Puts back, byte for byte, the files that a rotation wrote, and has them served again. What stands there by then is kept aside. */
export async function undoRotation(host: Host, context: StepContext<RotateParams>): Promise<Step> {
  const memory = readRotateMemory(context.memory);
  if (!memory || (memory.undo !== context.intent && !leftSomething(memory))) return { step: 'end', outcome: 'already', detail: 'nothing was renewed here' };
  const at = { context, memory, plan: rotationOf(host.name, context.params) };
  const going = memory.undo === context.intent ? undefined : await stillGoing(at);
  if (going) return going;
  if (memory.undo === context.intent) return withLook(await goBack(at), host, context);
  return enter(at, 'back', { undo: context.intent, reloaded: true });
}

export function sayUndoRotation(memory: Memory): string | undefined {
  const rotation = readRotateMemory(memory);
  if (!rotation || !leftSomething(rotation)) return undefined;
  return `put back ${rotation.written.length > 0 ? foldPaths(rotation.written) : 'everything'} as kept before ${rotation.store}`;
}

/** Broken off before anybody could look what was written, or while it was put back: then all that was kept goes back. */
const UNFINISHED: ReadonlySet<Stage> = new Set(['renew', 'judge', 'back']);

const leftSomething = ({ written, stage }: RotateMemory): boolean => written.length > 0 || UNFINISHED.has(stage);

/** A renewal that was lost sight of may be at it yet: put back under its hands, it would write once more. */
async function stillGoing(at: At): Promise<Step | undefined> {
  const { context, memory } = at;
  if (memory.stage !== 'renew') return undefined;
  const doing = await lookOnHost(context.script, memory.store, `renew-${memory.at}`, 'the renewal');
  if (doing === 'absent' || doing.is === 'done' || doing.is === 'failed') return undefined;
  if (doing.is === 'not known') return silent(at, doing);
  return { step: 'wait', lookAgainIn: LOOK_AGAIN, waitingFor: 'the renewal that is at it still' };
}
