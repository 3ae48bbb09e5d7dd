import type { Socket } from 'node:net';
import { neutral } from '../chat/text.ts';
import { askControl, connectControl } from '../control/client.ts';
import type { Examined } from '../doctor.ts';
import { Refusal } from '../lib/refusal.ts';
import { openLog } from '../log.ts';
import { startHoldfast } from '../main.ts';
import { dataDirOf } from './data-dir.ts';
import type { Invocation } from './invocation.ts';

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
  const log = await openLog(call.env.HOLDFAST_LOG ?? 'error');
  const started = await startHoldfast({
    ...(call.configFile !== undefined && { configFile: call.configFile }),
    dataDir,
    role: 'all',
    speed: 1,
    fresh: false,
    env: call.env,
    home: call.home,
    login: call.login,
    log,
  });
  try {
    return await started.examine();
  } finally {
    await started.stop();
  }
}
