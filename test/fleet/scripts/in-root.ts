import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readScript } from '../../../src/fleet/scripts/read.ts';
import { quote } from '../../../src/fleet/ssh/quote.ts';

export interface Answered {
  stdout: string;
  stderr: string;
  values: Record<string, string>;
  /** Items of each `key[]=`. */
  lists: Record<string, string[]>;
}

export interface Rooted {
  root: string;
  /** Another script over the same root. */
  also(script: string): Rooted;
  file(path: string, content?: string): string;
  folder(path: string): void;
  /** Empty where there is no such file. */
  read(path: string): string;
  /** A program of this name; `ROOT` in it is the root. */
  tool(name: string, body: string): void;
  run(args: readonly string[], shell?: readonly string[]): Answered;
  start(args: readonly string[]): Promise<Answered>;
  remove(): void;
}

/**
 * A script as it is shipped, on a real shell, over a root of its own: every absolute path it looks at stands below a fresh
 * folder, and programs of the test go before those of the machine.
 */
export function inRoot(
  name: string,
  { root = newRoot(), without }: { root?: string /** A program the machine may have and this host has not. */; without?: string } = {},
): Rooted {
  const [first = '', ...rest] = readScript(name).text.split('\n');
  const text = rest.join('\n').replace(/(?<![\w.{}$/])\/(run|var|boot|lib\/modules|usr\/lib\/modules|proc\/mdstat|\.dockerenv)(?![\w.])/g, `${root}/$1`);
  const shipped = without ? text.replaceAll(`have ${without}`, 'false') : text;
  const input = (args: readonly string[]): string => `${first}\nset -- ${args.map(quote).join(' ')}\n{\n${shipped}\n} </dev/null\n`;
  const env = { PATH: `${root}/bin:${process.env.PATH}` };
  return {
    root,
    also: (other) => inRoot(other, { root, ...(without && { without }) }),
    file(path, content = '') {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
      return join(root, path);
    },
    folder: (path) => void mkdirSync(join(root, path), { recursive: true }),
    read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : ''),
    tool(tool, body) {
      writeFileSync(join(root, 'bin', tool), `#!/bin/sh\n${body.replaceAll('ROOT', root)}\n`);
      chmodSync(join(root, 'bin', tool), 0o755);
    },
    run(args, shell = ['sh']) {
      const [program = 'sh', ...words] = shell;
      const { stdout, stderr } = spawnSync(program, [...words, '-s'], { input: input(args), encoding: 'utf8', env });
      return answered(stdout, stderr);
    },
    async start(args) {
      const child = spawn('sh', ['-s'], { env, stdio: ['pipe', 'pipe', 'pipe'] });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk) => (stdout += chunk));
      child.stderr.on('data', (chunk) => (stderr += chunk));
      child.stdin.end(input(args));
      await new Promise((resolve) => child.once('close', resolve));
      return answered(stdout, stderr);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-root-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'run'));
  // Whatever a test forgets: nothing here ever reaches the machine's own.
  for (const tool of ['shutdown', 'reboot', 'poweroff', 'halt', 'systemctl']) writeFileSync(join(root, 'bin', tool), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  return root;
}

function answered(stdout: string, stderr: string): Answered {
  const values: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  for (const line of stdout.split('\n')) {
    const [, key, list, value = ''] = /^([a-z_]+)(\[\])?=(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    if (list === undefined) values[key] = value;
    else lists[key] = [...(lists[key] ?? []), ...(value === '' ? [] : [value])];
  }
  return { stdout, stderr, values, lists };
}

export const present = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Shells that may be a host's `sh`. */
export const SHELLS = [['sh'], ['dash'], ['bash'], ['busybox', 'sh'], ['mksh']].filter(([program = '']) => present(program));

/** What shellcheck has to say of a script with its parts; a part may hold what only another script uses. */
export function shellcheck(name: string): string {
  return spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2034,SC2317', '-'], { input: readScript(name).text, encoding: 'utf8' }).stdout;
}
