import { execFile } from 'node:child_process';
import pLimit from 'p-limit';

/** A site that is gone takes many hosts with it: this many look-ups at once, the others wait. */
const few = pLimit(4);
const LINES = 3;
/** Wall milliseconds. */
const TIME_OUT = 3_000;

/**
 * The last lines a log server has of a host that is gone: `command` with `{host}` filled in, run on this machine without
 * a shell. Empty when it says nothing, fails or takes longer than 3 s; a missing log never delays the verdict.
 */
export function lastWords(command: readonly string[], host: string): Promise<string[]> {
  // The command may end in a shell elsewhere (`ssh log01 grep …`): only names that are plain words go there.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(host)) return Promise.resolve([]);
  const [program, ...args] = command.map((word) => word.replaceAll('{host}', host));
  if (!program) return Promise.resolve([]);
  return few(
    () =>
      new Promise((resolve) => {
        execFile(program, args, { timeout: TIME_OUT, maxBuffer: 1 << 20, killSignal: 'SIGKILL' }, (error, stdout) => {
          resolve(error && !stdout ? [] : tail(stdout));
        }).stdin?.end();
      }),
  );
}

function tail(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/[\p{Cc}\p{Surrogate}]/gu, ' ').trim());
  return lines
    .filter((line) => line !== '')
    .slice(-LINES)
    .map((line) => line.slice(0, 300));
}
