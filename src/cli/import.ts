import { resolve } from 'node:path';
import { connectControl } from '../control/client.ts';
import { Refusal } from '../lib/refusal.ts';
import { importFrom } from '../store/export.ts';
import { sayMoved } from '../store/moved.ts';
import { dataDirOf } from './data-dir.ts';
import type { Invocation } from './invocation.ts';
import { openStore } from './store.ts';

/** An export into an empty store; refused while Holdfast runs on it. */
export async function run(call: Invocation): Promise<number> {
  const [word] = call.words;
  if (!word) throw new Refusal('import needs the file an export wrote: holdfast import holdfast.jsonl.gz');
  const dataDir = await dataDirOf(call);
  const running = await connectControl(dataDir);
  running?.destroy();
  if (running) throw new Refusal(`Holdfast runs on ${dataDir}. End it first: an import goes into a store nobody uses.`);
  const db = await openStore(call, dataDir);
  try {
    const moved = await importFrom(db, resolve(word), { leaveOut: call.options['leave-out'] });
    for (const said of moved.said) process.stderr.write(`${said}\n`);
    process.stdout.write(`${sayMoved('imported from', word, moved)}\n`);
  } finally {
    await db.close();
  }
  return 0;
}
