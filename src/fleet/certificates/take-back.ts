import type { Memory, Step, StepContext } from '../../jobs.ts';
import type { Host } from '../host.ts';
import { withLook } from './look-again.ts';
import { goBack } from './put-back.ts';
import { readRotateMemory } from './remembered.ts';
import { foldPaths } from './say.ts';
import { type RotateParams, rotationOf } from './shapes.ts';
import { enter } from './stage.ts';

/** Puts back, byte for byte, the files that a rotation wrote, and has them served again. What stands there by then is kept aside. */
export async function undoRotation(host: Host, context: StepContext<RotateParams>): Promise<Step> {
  const memory = readRotateMemory(context.memory);
  if (!memory || memory.written.length === 0) return { step: 'end', outcome: 'already', detail: 'nothing was renewed here' };
  const at = { context, memory, plan: rotationOf(host.name, context.params) };
  if (memory.undo === context.intent) return withLook(await goBack(at), host, context);
  return enter(at, 'back', { undo: context.intent, reloaded: true });
}

export function sayUndoRotation(memory: Memory): string | undefined {
  const rotation = readRotateMemory(memory);
  if (!rotation || rotation.written.length === 0) return undefined;
  return `put back ${foldPaths(rotation.written)} as kept before ${rotation.store}`;
}
