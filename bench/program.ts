import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { connectControl, typeLine } from '../src/control/client.ts';
import { takeCopy } from './copy.ts';

/** The compiled program, started as a person starts it, and talked to through its control socket. */
export interface Running {
  pid: number;
  child: ChildProcess;
  /** Wall ms from the spawn until it took lines. */
  started: number;
  /** Types a line; answers the wall ms until it had ended and everything was shown. */
  type(text: string): Promise<{ ms: number; outcome: string | undefined; shown: string[] }>;
  stop(): Promise<void>;
}

export async function startProgram(options: { args?: readonly string[]; dataDir: string; env?: Record<string, string>; root?: string }): Promise<Running> {
  const { dataDir } = options;
  const began = performance.now();
  const child = spawn(process.execPath, [join(options.root ?? takeCopy(), 'bin/holdfast.mjs'), 'start', ...(options.args ?? [])], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, HOLDFAST_LOG: 'warn', ...options.env, HOLDFAST_DATA: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      process.off('exit', kill);
      resolve();
    }),
  );
  for (let open = false; !open; ) {
    const socket = await connectControl(dataDir);
    socket?.destroy();
    open = socket !== undefined;
    if (child.exitCode !== null) throw new Error(`holdfast ended with ${child.exitCode} before it took lines`);
    if (!open) await pause(5);
  }
  return {
    pid: child.pid as number,
    child,
    started: performance.now() - began,
    async type(text) {
      const shown: string[] = [];
      const from = performance.now();
      const outcome = await typeLine({ dataDir, text, login: 'root', zone: 'UTC', print: (said) => shown.push(said), warn: () => {} });
      return { ms: performance.now() - from, outcome, shown };
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
