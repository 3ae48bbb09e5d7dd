import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '../test/engines.ts';
import { copyProgram, takeCopy } from './copy.ts';
import { memoryOf } from './process.ts';
import { startProgram } from './program.ts';
import { median, megabytes, table, time } from './table.ts';

const TIMES = 5;

/**
 * From the start of the process to the whole answer of `check @web` in the sandbox, and to an open control socket; with the data
 * directory absent, with and without the template that `npm ci` prepares, and with one that is there. Beside it what
 * Node takes to start and do nothing. Medians.
 */
export async function run(): Promise<void> {
  const rows: string[][] = [];
  const bare = await repeated(async () => (await piped(['-e', ''], '', temporary('data'))).ms);
  rows.push(['node, doing nothing', time(bare), '', '1.0', '']);
  const bareTemplate = copyProgram(false);
  const root = takeCopy();
  const measure = async (name: string, program: string, fresh: boolean): Promise<void> => {
    const answers: number[] = [];
    let peak = 0;
    let kept = temporary('data');
    if (!fresh) await piped([join(program, 'bin/holdfast.mjs'), 'start'], '/ops check @web\n', kept);
    for (let n = 0; n < TIMES; n++) {
      if (fresh) kept = temporary('data');
      const { ms, out, most } = await piped([join(program, 'bin/holdfast.mjs'), 'start'], '/ops check @web\n', kept, /web\[01-06\] ok/);
      if (!/web\[01-06\] ok/.test(out)) throw new Error(out);
      answers.push(ms);
      peak = Math.max(peak, most);
      if (fresh) rmSync(kept, { recursive: true, force: true });
    }
    const sockets = await repeated(async () => {
      const dataDir = fresh ? temporary('data') : kept;
      const running = await startProgram({ dataDir, root: program });
      await running.stop();
      return running.started;
    });
    rows.push([name, time(median(answers)), time(sockets), (median(answers) / bare).toFixed(1), megabytes(peak)]);
  };
  await measure('sandbox, first start, no template (initdb)', bareTemplate, true);
  await measure('sandbox, first start', root, true);
  await measure('sandbox, later start', root, false);
  table(['start', 'to the answer of check @web', 'to the control socket', 'answer by bare node', 'peak memory'], rows);
}

async function repeated(once: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let n = 0; n < TIMES; n++) all.push(await once());
  return median(all);
}

/** Wall ms until `pattern` stood in what it printed, or until its end, and the most memory it had. */
async function piped(args: readonly string[], input: string, dataDir: string, pattern?: RegExp): Promise<{ ms: number; out: string; most: number }> {
  const from = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, HOLDFAST_LOG: 'error', HOLDFAST_DATA: dataDir },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let out = '';
  let ms: number | undefined;
  let most = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (!pattern?.test(out) || ms !== undefined) return;
    ms = performance.now() - from;
    most = memoryOf(child.pid as number).peak;
  });
  child.stdin.end(input);
  await new Promise((resolve) => child.once('close', resolve));
  return { ms: ms ?? performance.now() - from, out, most };
}
