import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectControl } from '../../src/control/client.ts';
import { packageRoot } from '../../src/root.ts';

/** Holdfast as a person starts it: the compiled program in a process of its own. */
export interface Program {
  child: ChildProcess;
  /** What it printed so far. */
  stdout(): string;
  stderr(): string;
  /** Types a line, as a person or a pipe does. */
  type(line: string): void;
  /** Closes its input. */
  end(): void;
  /** Resolves when `pattern` stands in what it printed; rejects when it ends before. */
  says(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Types a line and resolves to what it printed from then on, as soon as `pattern` stands in it. */
  asks(line: string, pattern: RegExp): Promise<string>;
  /** Resolves when `pattern` stands in its log; rejects when it ends before. */
  logs(pattern: RegExp): Promise<RegExpMatchArray>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export function holdfast(args: readonly string[], options: { env?: Record<string, string>; stdin?: 'pipe' | 'ignore'; cwd?: string } = {}): Program {
  const child = spawn(process.execPath, [join(packageRoot, 'bin', 'holdfast.mjs'), ...args], {
    cwd: options.cwd ?? packageRoot,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, HOLDFAST_LOG: 'warn', ...options.env },
    stdio: [options.stdin ?? 'pipe', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  const looking = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
      for (const look of looking) look();
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const found = (stream: 'stdout' | 'stderr', pattern: RegExp, from = 0): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = printed[stream].slice(from).match(pattern);
        if (!match) return;
        looking.delete(look);
        resolve(match);
      };
      looking.add(look);
      look();
      void ended.then(() => reject(new Error(`it ended before it said ${pattern}:\n${printed.stdout}\n${printed.stderr}`)));
    });
  const type = (line: string): void => void child.stdin?.write(`${line}\n`);
  // Ended or killed under the hand of a test: what it then types goes nowhere.
  child.stdin?.on('error', () => {});
  return {
    child,
    ended,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    type,
    end: () => void child.stdin?.end(),
    says: (pattern) => found('stdout', pattern),
    logs: (pattern) => found('stderr', pattern),
    async asks(line, pattern) {
      const from = printed.stdout.length;
      type(line);
      await found('stdout', pattern, from);
      return printed.stdout.slice(from);
    },
  };
}

/** Runs one sub-command to its end. */
export async function finished(args: readonly string[], options: { env?: Record<string, string> } = {}) {
  const started = performance.now();
  const program = holdfast(args, { ...options, stdin: 'ignore' });
  const { code } = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr(), took: performance.now() - started };
}

/** Runs to its end with these lines piped in. */
export async function piped(lines: readonly string[], options: { args?: readonly string[]; env?: Record<string, string> } = {}) {
  const program = holdfast(['start', ...(options.args ?? [])], { ...(options.env && { env: options.env }) });
  for (const line of lines) program.type(line);
  program.end();
  const { code } = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

/** Resolves when a Holdfast on this data directory takes lines. */
export async function listening(dataDir: string, program: Program): Promise<void> {
  let over = false;
  void program.ended.then(() => {
    over = true;
  });
  for (;;) {
    const socket = await connectControl(dataDir);
    socket?.destroy();
    if (socket) return;
    if (over) throw new Error(`it ended before it listened:\n${program.stdout()}\n${program.stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export function dataDirectory(): { dataDir: string; remove(): void } {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-data-'));
  return { dataDir, remove: () => rmSync(dataDir, { recursive: true, force: true }) };
}
