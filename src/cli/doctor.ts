import type { Socket } from 'node:net';
import { neutral } from '../chat/text.ts';
import { askControl, connectControl } from '../control/client.ts';
import type { Examined } from '../doctor.ts';
import { Refusal } from '../lib/refusal.ts';
import { dataDirOf } from './data-dir.ts';
import type { Invocation } from './invocation.ts';
import { startShortLived } from './short-lived.ts';

/** Says of each part whether it would work when needed; exits 0 only when all of them would. */
export async function run(call: Invocation): Promise<number> {
  const dataDir = await dataDirOf(call);
  const socket = await connectControl(dataDir);
  const found = socket ? await asked(socket) : await alone(call, dataDir);
  if (!socket) process.stdout.write(`  note      no Holdfast runs on ${dataDir}; examined with a short-lived one\n`);
  for (const { name, ok, says, remedy } of found)
    process.stdout.write(neutral(`${ok ? '  ok       ' : '  PROBLEM  '} ${name}: ${says}${!ok && remedy ? `\n             → ${remedy}` : ''}\n`));
  return found.every(({ ok }) => ok) ? 0 : 1;
}

async function asked(socket: Socket): Promise<Examined[]> {
  const { ok, says, data } = await askControl(socket, { op: 'ask', what: 'doctor' });
  if (!ok) throw new Refusal(says);
  return data as Examined[];
}

async function alone(call: Invocation, dataDir: string): Promise<Examined[]> {
  const started = await startShortLived(call, dataDir, 'error');
  try {
    return await started.examine();
  } finally {
    await started.stop();
  }
}
