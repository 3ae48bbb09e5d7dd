import { sudoersText } from '../fleet/scripts/sudoers.ts';
import type { Invocation } from './invocation.ts';

/** Prints what to put into /etc/sudoers.d/holdfast on the hosts. */
export async function run(call: Invocation): Promise<number> {
  process.stdout.write(sudoersText(call.words[0] ?? 'holdfast', { changes: call.options.changes }));
  return 0;
}
