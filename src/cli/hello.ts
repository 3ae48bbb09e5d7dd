import type { Socket } from 'node:net';
import { offerCode } from '../accounts/hello-file.ts';
import { askControl, connectControl } from '../control/client.ts';
import { Refusal } from '../lib/refusal.ts';
import { openLog } from '../log.ts';
import { makeDataDir } from '../store/data-dir.ts';
import { dataDirOf } from './data-dir.ts';
import type { Invocation } from './invocation.ts';

/** Prints a one-time code: whoever types it on Slack or Discord is an admin. The one before it is good for nothing any more. */
export async function run(call: Invocation): Promise<number> {
  if (call.dataDir === undefined && call.configFile === undefined)
    throw new Refusal('Say of which Holdfast: holdfast hello --config holdfast.yaml. The sandbox needs no code.');
  for (const line of await helloLines(await dataDirOf(call))) process.stdout.write(`${line}\n`);
  return 0;
}

/**
 * What a first admin is told. A running Holdfast has the database and makes the code itself; else its hash waits in the data
 * directory for the next start.
 */
export async function helloLines(dataDir: string): Promise<string[]> {
  const socket = await connectControl(dataDir);
  const code = socket ? await asked(socket) : await offered(dataDir);
  return [
    `First admin: type on Slack or Discord   /ops hello ${code}`,
    `It makes that account an admin; once, within 24 hours${socket ? '' : ', as soon as Holdfast runs here'}. Another code: npx holdfast hello`,
  ];
}

async function asked(socket: Socket): Promise<string> {
  const { ok, says, data } = await askControl(socket, { op: 'ask', what: 'hello' });
  if (!ok) throw new Refusal(says);
  return String(data);
}

async function offered(dataDir: string): Promise<string> {
  makeDataDir(dataDir, await openLog('warn'));
  return offerCode(dataDir);
}
