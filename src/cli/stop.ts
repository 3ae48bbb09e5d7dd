import { writeStop } from '../stop.ts';
import { dataDirOf } from './data-dir.ts';
import type { Invocation } from './invocation.ts';

/** Sets the halt by a file: works with the database, the queue and Holdfast itself down. */
export async function run(call: Invocation): Promise<number> {
  const dataDir = await dataDirOf(call);
  const because = call.words
    .join(' ')
    .replace(/^because\s+/i, '')
    .trim();
  writeStop(dataDir, { by: call.login, at: new Date().toISOString(), ...(because !== '' && { because }) });
  process.stdout.write(`Stopped: nothing that changes a host begins on ${dataDir}, running or not. /ops go lifts it.\n`);
  return 0;
}
