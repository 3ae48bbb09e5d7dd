import { resolve } from 'node:path';
import { askControl, connectControl } from '../control/client.ts';
import { Refusal } from '../lib/refusal.ts';
import { exportTo } from '../store/export.ts';
import { sayMoved } from '../store/moved.ts';
import { dataDirOf } from './data-dir.ts';
import type { Invocation } from './invocation.ts';
import { openStore } from './store.ts';

/** All data into one file: through the running process, else from the store itself. */
export async function run(call: Invocation): Promise<number> {
  const [word] = call.words;
  if (!word) throw new Refusal('export needs a file: holdfast export holdfast.jsonl.gz');
  const file = resolve(word);
  const dataDir = await dataDirOf(call);
  const socket = await connectControl(dataDir);
  if (socket) {
    const answer = await askControl(socket, { op: 'export', file });
    process.stdout.write(`${answer.says}\n`);
    return answer.ok ? 0 : 1;
  }
  const db = await openStore(call, dataDir);
  try {
    process.stdout.write(`${sayMoved('exported to', file, await exportTo(db, file))}\n`);
  } finally {
    await db.close();
  }
  return 0;
}
