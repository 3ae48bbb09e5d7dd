import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { connectControl } from '../../src/control/client.ts';
import { packageRoot } from '../../src/root.ts';
import { dataDirectory, finished, holdfast, listening } from './holdfast.ts';

/** What somebody sees who got the configuration, the database or the place wrong. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

function folder(): string {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  return dataDir;
}

function written(text: string, mode = 0o600): { file: string; data: string } {
  const dir = folder();
  const file = join(dir, 'holdfast.yaml');
  writeFileSync(file, text, { mode });
  return { file, data: join(dir, 'data') };
}

const WRONG = `name: 7
timezone: Mars/Olympus
surprise: yes
people:
  ada: { role: emperor }
groups:
  web: { hosts: web1, owner: nobody-here }
hosts:
  web2: { port: many }
  web1: {}
  web1: {}
`;

describe('a configuration with mistakes', () => {
  test('is refused with all of them at once, each with its place, and nothing starts', async () => {
    const { file, data } = written(WRONG);
    const { code, stdout, stderr } = await finished(['start', '--config', file]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    const lines = stderr.trim().split('\n');
    for (const line of lines) expect(line).toMatch(/holdfast\.yaml:\d+:\d+: \S/);
    const at = (line: number): string => lines.filter((said) => said.startsWith(`${file}:${line}:`)).join('\n');
    expect(at(1)).toContain('name');
    expect(at(2)).toContain('Mars/Olympus');
    expect(at(3)).toContain('surprise');
    expect(at(5)).toContain('emperor');
    expect(at(7)).toContain('nobody-here');
    expect(at(9)).toMatch(/port|number/);
    expect(at(11)).toContain('web1');
    expect(existsSync(data)).toBe(false);
  });

  test('that is no YAML is refused with the line', async () => {
    const { file, data } = written('hosts:\n  web1: {port: 22\n  web2: [\n');
    const { code, stderr } = await finished(['exec', '--config', file, 'check @all']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/holdfast\.yaml:\d+:\d+: /);
    expect(stderr).not.toContain('    at ');
    expect(existsSync(data)).toBe(false);
  });

  test('with a secret in a file that others can read is refused, without saying the secret', async () => {
    const { file, data } = written('hosts: { web1: {} }\ndatabase: { url: "postgres://ops:hunter2@db/holdfast" }\n', 0o644);
    const { code, stderr } = await finished(['start', '--config', file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/holdfast\.yaml:2:\d+: /);
    expect(stderr).toMatch(/chmod 600|\$\{env:/);
    expect(stderr).not.toContain('hunter2');
    expect(existsSync(data)).toBe(false);
  });

  test('that is not there is refused with how to get one', async () => {
    const { code, stderr } = await finished(['doctor', '--config', '/nowhere/holdfast.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('npx holdfast init --out /nowhere/holdfast.yaml');
  });
});

describe('a place that cannot be used', () => {
  test.each([
    ['a server that is not there', 'postgres://ops:hunter2@127.0.0.1:1/holdfast', '127.0.0.1:1/holdfast'],
    ['a name that is none', 'postgres://ops:hunter2@nowhere.invalid/holdfast', 'nowhere.invalid'],
    ['no database at all', 'mysql://ops:hunter2@127.0.0.1/holdfast', 'postgres'],
  ])('DATABASE_URL with %s is refused within seconds, without the password', { timeout: 20_000 }, async (_, url, says) => {
    const { code, stderr, took } = await finished(['start'], { env: { HOLDFAST_DATA: folder(), DATABASE_URL: url } });
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr).toContain('DATABASE_URL');
    expect(stderr).not.toMatch(/hunter2| {4}at /);
    expect(took).toBeLessThan(12_000);
  });

  test('the data of a running Holdfast, and of the sandbox for a real fleet, are refused with what to do', { timeout: 60_000 }, async () => {
    const data = folder();
    const env = { HOLDFAST_DATA: data };
    const running = holdfast(['start'], { stdin: 'ignore', env });
    leftovers.push(() => running.child.kill('SIGKILL'));
    await listening(data, running);
    const second = await finished(['start'], { env });
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/in use by process \d+ since .*HOLDFAST_DATA.*holdfast exec/s);
    expect(await connectControl(data).then((socket) => socket?.destroy() !== undefined)).toBe(true);
    running.child.kill('SIGTERM');
    await running.ended;
    const { file } = written('hosts: { web1: {} }\n');
    const real = await finished(['start', '--config', file], { env });
    expect(real.code).toBe(2);
    expect(real.stderr).toMatch(/belongs to the sandbox.*HOLDFAST_DATA/);
  });

  test.each([
    [['start', '--role', 'king'], 'all, chat and worker'],
    [['start', '--speed', 'fast'], 'from 1 to 100000'],
    [['start', '--config'], 'config'],
    [['start', '--confg', 'x'], '--confg'],
    [['strat'], 'no command "strat"'],
    [['exec'], "holdfast exec 'check @web'"],
    [['exec', 'check @web'], 'No Holdfast runs'],
  ])('%j is refused with what there is', async (args, says) => {
    const { code, stderr } = await finished(args, { env: { HOLDFAST_DATA: join(folder(), 'data') } });
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('    at ');
  });
});

describe('an old Node', () => {
  const text = readFileSync(join(packageRoot, 'bin', 'holdfast.mjs'), 'utf8');

  test.each(['18.20.4', '20.18.3', '16.20.2'])('%s: the first line says what to do, and nothing is loaded', (version) => {
    const faked = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); await import('./bin/holdfast.mjs');`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', faked], { cwd: packageRoot, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.split('\n')[0]).toContain(`Holdfast needs Node 20.19 or newer; this is ${version}. Install Node`);
  });

  test('reads the file at all: nothing is imported before the version is looked at, and no new syntax is used', () => {
    expect(text).not.toMatch(/^\s*import\s+[^(]/m);
    expect(text.indexOf('process.versions.node')).toBeLessThan(text.indexOf('await import'));
    expect(text).not.toMatch(/\?\?=|\|\|=|&&=|#[a-z]+\s+in\s|\bwith\s*\{|static\s*\{|\.at\(/);
  });
});
