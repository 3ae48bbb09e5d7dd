import { typeLine } from '../control/client.ts';
import { uniqueId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import { InUse } from '../store/lock.ts';
import { dataDirOf } from './data-dir.ts';
import type { Invocation } from './invocation.ts';
import { startShortLived } from './short-lived.ts';

/** One command line from a shell: through the process that runs on this data, or with a short-lived one of its own. */
export async function run(call: Invocation): Promise<number> {
  const text = call.words.join(' ');
  if (text.trim() === '') throw new Refusal("exec needs a command line: holdfast exec 'check @web'");
  const dataDir = await dataDirOf(call);
  const print = (shown: string): void => void process.stdout.write(`${shown}\n`);
  const warn = (says: string): void => void process.stderr.write(`${says}\n`);
  const outcome = await typed(call, { dataDir, text, id: uniqueId(), print, warn });
  return outcome === 'refused' || outcome === 'failed' || outcome === 'halted' || (call.options.strict && outcome === 'findings') ? 1 : 0;
}

interface Typed {
  dataDir: string;
  text: string;
  id: string;
  print(shown: string): void;
  warn(says: string): void;
}

/** Wall ms: a process that has the data and does not listen begins or ends, which takes seconds. */
const PATIENCE = 30_000;

async function typed(call: Invocation, line: Typed): Promise<string> {
  for (const began = Date.now(); ; ) {
    const outcome = await typeLine({ ...line, login: call.login, zone: call.zone });
    if (outcome !== undefined) return outcome;
    try {
      return await alone(call, line);
    } catch (error) {
      // Another exec was quicker: it takes our line too, or is about to leave.
      if (!(error instanceof InUse) || Date.now() - began > PATIENCE) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function alone(call: Invocation, { dataDir, text, id, print }: Typed): Promise<string> {
  if (!call.configFile) throw new Refusal(`No Holdfast runs on ${dataDir}. Start it, or name a configuration: holdfast exec --config holdfast.yaml '${text}'`);
  const started = await startShortLived(call, dataDir, 'warn');
  try {
    const channel = `exec:${id}`;
    started.attached.attach(channel, async (shown) => print(shown));
    const inboxId = await started.lines.take({
      eventId: id,
      actor: started.actorOf(call.login),
      place: { platform: 'terminal', channel, zone: call.zone, login: call.login },
      text,
    });
    const outcome = await started.lines.ended(inboxId);
    await started.finish();
    return outcome;
  } finally {
    await started.stop();
  }
}
