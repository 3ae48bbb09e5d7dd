import { neutral } from '../chat/text.ts';
import { Refusal } from '../lib/refusal.ts';

/** Says on stderr why a command ended; its exit code: 2 for what the person can mend, 1 for ours. */
export function explain(error: unknown): number {
  const mendable = error instanceof Refusal || (error instanceof Error && error.name === 'ConfigProblems');
  const says = mendable ? error.message : `Something of ours failed: ${error instanceof Error ? error.stack : String(error)}`;
  // It may quote a file, a host or a server.
  process.stderr.write(`${neutral(says)}\n`);
  return mendable ? 2 : 1;
}
