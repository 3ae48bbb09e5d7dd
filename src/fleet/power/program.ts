import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import pLimit from 'p-limit';

/** Processes of this room at once; a site that is gone has many dead BMCs, each of which takes its time. */
const few = pLimit(16);
const MOST_OUTPUT = 64 * 1024;
/** Wall milliseconds between asking a process to end and ending it. */
const GRACE = 500;

export interface Ran {
  /** Absent when it was cut short, or never began. */
  code?: number;
  /** The last 64 KB of it. */
  stdout: string;
  stderr: string;
  /** Why there is no code. */
  cut?: 'time' | 'not there';
}

export interface Program {
  argv: readonly string[];
  /** Besides PATH, HOME and LC_ALL; nothing of our own environment goes along. */
  env?: Readonly<Record<string, string>>;
  /** Wall milliseconds. */
  timeout: number;
  /** Kept open so long (wall milliseconds), then given these words; unsaid = no input at all. */
  stdin?: { after: number; words: string };
}

/** Runs one program without a shell, bounded in time and output; with it ends whatever it started. */
export function runProgram(program: Program): Promise<Ran> {
  return few(() => run(program));
}

function run({ argv, env, timeout, stdin }: Program): Promise<Ran> {
  const [file, ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file as string, args, {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: homedir(), LC_ALL: 'C', ...env },
      stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      // A group of its own, so that a wrapper's children end with it.
      detached: true,
    });
    const stdout = keepLast();
    const stderr = keepLast();
    let cut: Ran['cut'];
    const timers = new Set<NodeJS.Timeout>();
    const later = (ms: number, then: () => void): void => void timers.add(setTimeout(then, ms).unref());
    const end = (code?: number): void => {
      for (const timer of timers) clearTimeout(timer);
      signal(child.pid, 'SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ ...(code !== undefined && !cut && { code }), stdout: stdout.text(), stderr: stderr.text(), ...(cut && { cut }) });
    };
    later(timeout, () => {
      cut = 'time';
      signal(child.pid, 'SIGTERM');
      later(GRACE, () => end());
    });
    if (stdin) later(stdin.after, () => child.stdin?.end(stdin.words));
    child.stdin?.on('error', () => {});
    child.stdout?.on('data', stdout.take);
    child.stderr?.on('data', stderr.take);
    child.once('error', () => {
      cut ??= 'not there';
      end();
    });
    // A child of a child may hold the pipes open; what it says later nobody waits for.
    child.once('exit', (code) => later(200, () => end(code ?? 1)));
    child.once('close', (code) => end(code ?? 1));
  });
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // all of it has ended
  }
}

function keepLast() {
  let kept = Buffer.alloc(0);
  return {
    take(chunk: Buffer): void {
      kept = Buffer.concat([kept, chunk]);
      if (kept.length > 2 * MOST_OUTPUT) kept = Buffer.from(kept.subarray(-MOST_OUTPUT));
    },
    text: (): string => kept.subarray(-MOST_OUTPUT).toString('utf8'),
  };
}
