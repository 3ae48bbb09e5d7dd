import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { release } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../engines.ts';
import { openBlackHole } from '../fleet/ssh/black-hole.ts';
import { freePort, makeKey, noSshd, type Sshd, startSshd } from '../fleet/ssh/sshd.ts';
import { dataDirectory, finished, holdfast, listening } from './holdfast.ts';

/** A fleet of 30 names for one real sshd, worked with the commands of the README. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

const NAMES = Array.from({ length: 30 }, (_, n) => `r${String(n + 1).padStart(2, '0')}`);
const BOOT = '/proc/sys/kernel/random/boot_id';
const postgres = engines().find(({ name }) => name === 'postgres') as ReturnType<typeof engines>[number];

type Shown = { hosts: { host: string; reach: string; facts: Record<string, unknown>; findings: { severity: string; text: string }[] }[] };

function folder(): string {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  return dataDir;
}

interface Entry {
  port?: number;
  identity?: string;
  knownHosts?: string;
}

function sshConfig(dir: string, sshd: Sshd, entries: Record<string, Entry>): string {
  const file = join(dir, 'ssh_config');
  const block = ([name, { port = sshd.port, identity = sshd.identity, knownHosts = sshd.knownHosts }]: [string, Entry]): string =>
    `Host ${name}\n  HostName ${sshd.address}\n  Port ${port}\n  User ${sshd.user}\n  IdentityFile ${identity}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${knownHosts}\n`;
  writeFileSync(file, Object.entries(entries).map(block).join(''));
  return file;
}

const thirty = (entry: Entry = {}): Record<string, Entry> => Object.fromEntries(NAMES.map((name) => [name, entry]));

/** A folder with a configuration that `init` wrote for these hosts. */
async function initialised(sshd: Sshd, entries: Record<string, Entry>, more = ''): Promise<{ dir: string; config: string; said: string }> {
  const dir = folder();
  const config = join(dir, 'holdfast.yaml');
  const { code, stdout, stderr } = await finished(['init', '--ssh-config', sshConfig(dir, sshd, entries), '--out', config]);
  expect([code, stderr]).toEqual([0, '']);
  if (more) writeFileSync(config, `${readFileSync(config, 'utf8')}\n${more}`);
  return { dir, config, said: stdout };
}

async function serving(config: string, dir: string, env: Record<string, string> = {}) {
  const program = holdfast(['start', '--config', config], { stdin: 'ignore', env: { HOLDFAST_LOG: 'info', ...env } });
  leftovers.push(() => program.child.kill('SIGKILL'));
  await listening(join(dir, 'data'), program);
  return program;
}

const exec = (config: string, line: string, env: Record<string, string> = {}) => finished(['exec', '--config', config, line], { env });

describe.skipIf(noSshd)(`a real sshd under 30 names${noSshd ? ` (skipped: ${noSshd})` : ''}`, { timeout: 60_000 }, () => {
  let sshd: Sshd;
  let fleet: Awaited<ReturnType<typeof initialised>>;
  beforeAll(async () => {
    sshd = await startSshd();
    leftovers.push(() => sshd.stop());
    fleet = await initialised(sshd, thirty());
  }, 60_000);

  test('init with nobody to ask takes known host keys and lists unknown ones as to be confirmed', async () => {
    expect(fleet.said).toMatch(/Wrote .*: 30 hosts/);
    expect(fleet.said).toMatch(/30 hosts are known/);
    const stranger = await initialised(sshd, { r01: {}, new01: { knownHosts: '/dev/null' }, new02: { knownHosts: '/dev/null' } });
    const fingerprint = execFileSync('ssh-keygen', ['-lf', join(sshd.dir, 'host_ed25519.pub')], { encoding: 'utf8' }).split(' ')[1] as string;
    expect(stranger.said).toContain(fingerprint);
    expect(stranger.said).toMatch(/new\[01-02\]/);
    expect(stranger.said).toContain('--confirm-keys');
    expect(readFileSync(join(stranger.dir, 'known_hosts'), 'utf8')).not.toContain('ssh-ed25519');
  });

  test("check and show tell this machine's kernel and boot id on each of the 30, and that they are one machine", async () => {
    const checked = await exec(fleet.config, 'check @all');
    expect([checked.code, checked.stderr]).toEqual([0, '']);
    expect(checked.stdout).toMatch(/one machine under 30 names: r\[01-30\]/);
    expect(checked.stdout).toMatch(/^check @all: 30 hosts/m);
    const shown = await exec(fleet.config, 'show @all --json');
    expect(shown.stdout.trim().split('\n')).toHaveLength(1);
    const { hosts } = JSON.parse(shown.stdout) as Shown;
    const boot = readFileSync(BOOT, 'utf8').trim();
    expect(hosts.map(({ host, facts }) => [host, facts.kernel, facts.boot_id])).toEqual(NAMES.map((name) => [name, release(), boot]));
  });

  test('each way of not being reached has its own name within the time-outs, and good hosts answer at once', { timeout: 60_000 }, async () => {
    const hole = await openBlackHole();
    const silent = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    leftovers.push(
      () => hole.close(),
      () => silent.close(),
    );
    const other = await startSshd();
    leftovers.push(() => other.stop());
    const dir = folder();
    const wrongKnown = join(dir, 'changed');
    writeFileSync(wrongKnown, `[${sshd.address}]:${sshd.port} ${other.hostKey()}\n`);
    const bad = await initialised(sshd, {
      ...Object.fromEntries(NAMES.slice(0, 4).map((name) => [name, {}])),
      wrongkey: { identity: makeKey(join(dir, 'stranger')) },
      changed: { knownHosts: wrongKnown },
      unknown: { knownHosts: '/dev/null' },
      silent: { port: (silent.address() as { port: number }).port },
      refused: { port: await freePort() },
      swallowed: { port: hole.port },
    });
    const program = holdfast(['exec', '--config', bad.config, 'check @all'], { stdin: 'ignore' });
    await program.says(/r\[01-04\] ok[\s\S]*\d not yet/);
    expect(program.stdout()).not.toMatch(/swallowed unroutable/);
    expect((await program.ended).code).toBe(0);
    const { hosts } = JSON.parse((await exec(bad.config, 'show @all --json')).stdout) as Shown;
    expect(Object.fromEntries(hosts.map(({ host, reach }) => [host, reach]))).toEqual({
      r01: 'ok',
      r02: 'ok',
      r03: 'ok',
      r04: 'ok',
      wrongkey: 'auth',
      changed: 'key-mismatch',
      unknown: 'key-mismatch',
      silent: 'half-dead',
      refused: 'refused',
      swallowed: 'unroutable',
    });
    const took = Object.fromEntries([...program.stdout().matchAll(/^(\w+)\t.*\t(\d+) ms$/gm)].map(([, host, ms]) => [host, Number(ms)]));
    for (const host of ['silent', 'swallowed', 'wrongkey']) expect(took[host]).toBeLessThan(9000);
    expect((await exec(bad.config, 'check swallowed --strict')).code).toBe(1);
  });

  test('two commands at once on the same data both have their answers', { timeout: 60_000 }, async () => {
    const both = await Promise.all([exec(fleet.config, 'check r01'), exec(fleet.config, 'check r02'), exec(fleet.config, 'show r03 --json')]);
    expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    expect(both[0]?.stdout).toMatch(/r01/);
    expect(both[1]?.stdout).toMatch(/r02/);
  });

  test('with a Holdfast running, exec goes through it; two at once too', { timeout: 60_000 }, async () => {
    const program = await serving(fleet.config, fleet.dir);
    const before = sshd.accepted();
    const [one, two] = await Promise.all([exec(fleet.config, 'check r05'), exec(fleet.config, 'check r05')]);
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(one.stdout).toContain('r05');
    // A process of its own would each time open a connection of its own.
    expect((await exec(fleet.config, 'check r05')).code).toBe(0);
    expect(sshd.accepted() - before).toBeLessThanOrEqual(2);
    program.child.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });

  test('SIGHUP: a broken file is said and changes nothing, a good one brings the new host', { timeout: 60_000 }, async () => {
    const { dir, config } = await initialised(sshd, { r01: {} });
    const program = await serving(config, dir);
    const good = readFileSync(config, 'utf8');
    writeFileSync(config, `${good}\nsurprise: yes\n`);
    program.child.kill('SIGHUP');
    await program.logs(/surprise/);
    expect(program.stderr()).toMatch(/what was in force stays/);
    expect((await exec(config, 'check r01')).code).not.toBe(0);
    writeFileSync(config, good);
    sshConfig(dir, sshd, { r01: {}, r02: {} });
    program.child.kill('SIGHUP');
    await program.logs(/In force now: .*\+1/);
    expect((await exec(config, 'check r02')).stdout).toMatch(/✓ r02 ok|r02/);
    program.child.kill('SIGTERM');
    await program.ended;
  });

  test('doctor runs a script on every host, and says that nobody answers for anything', { timeout: 60_000 }, async () => {
    const { code, stdout } = await finished(['doctor', '--config', fleet.config]);
    expect(stdout).toMatch(/ok +ssh: 30 of 30 hosts ran a script/);
    expect(stdout).toMatch(/PROBLEM +people: nobody answers for anything, so a page asks everyone: 0 of \d people can be reached/);
    expect(code).toBe(1);
  });

  test('sudoers prints lines that sudo takes', async () => {
    const { code, stdout } = await finished(['sudoers', 'ops']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ops .*NOPASSWD/m);
    if (!existsSync('/usr/sbin/visudo')) return;
    const file = join(folder(), 'sudoers');
    writeFileSync(file, stdout);
    execFileSync('/usr/sbin/visudo', ['-cf', file]);
  });

  test('stop works with Holdfast down and up, and go lifts it', { timeout: 60_000 }, async () => {
    const { dir, config } = await initialised(sshd, { r01: {} });
    expect((await finished(['stop', '--config', config, 'because', 'the gateway flaps'])).code).toBe(0);
    const program = await serving(config, dir);
    expect((await exec(config, 'status')).stdout).toMatch(/Stopped by \S+ because the gateway flaps/);
    expect((await exec(config, 'go')).stdout).toMatch(/lifted.*the gateway flaps/);
    expect((await exec(config, 'status')).stdout).not.toContain('Stopped');
    await finished(['stop', '--config', config]);
    await program.logs(/nothing new begins/);
    expect((await exec(config, 'status')).stdout).toContain('Stopped by');
    program.child.kill('SIGTERM');
    await program.ended;
  });

  test('an export goes into another embedded store, and into Postgres, with the same audit', { timeout: 60_000 }, async () => {
    const from = await initialised(sshd, { r01: {} });
    await exec(from.config, 'check r01');
    await exec(from.config, 'check nosuch');
    const file = join(from.dir, 'all.jsonl.gz');
    expect((await finished(['export', '--config', from.config, file])).code).toBe(0);
    const audit = async (env: Record<string, string>): Promise<unknown> =>
      (JSON.parse((await exec(from.config, 'show audit --json', env)).stdout) as { audit: { command: string }[] }).audit.filter(({ command }) =>
        command.startsWith('check'),
      );
    const before = await audit({});
    expect(before).toHaveLength(3);
    const places: Record<string, string>[] = [{ HOLDFAST_DATA: folder() }];
    if (postgres.available === true) {
      const running = await postgres.start();
      leftovers.push(() => running.stop());
      places.push({ HOLDFAST_DATA: folder(), DATABASE_URL: running.databaseUrl as string });
    } else console.warn(`not into Postgres: ${postgres.available}`);
    for (const env of places) {
      const imported = await finished(['import', '--config', from.config, file], { env });
      expect([imported.code, imported.stderr]).toEqual([0, '']);
      expect(await audit(env)).toEqual(before);
      expect((await exec(from.config, 'show r01 --json', env)).stdout).toContain(release());
      expect((await finished(['import', '--config', from.config, file], { env })).code).not.toBe(0);
    }
  });

  test('a login acts as the person it is said to be, within their scope', { timeout: 60_000 }, async () => {
    const people = `people:\n  kim:\n    login: ${sshd.user}\n    role: operator on r01\n  ada: { role: admin }\n`;
    const dir = folder();
    const config = join(dir, 'holdfast.yaml');
    writeFileSync(config, `data: data\ninventory:\n  - ssh_config: ${sshConfig(dir, sshd, { r01: {}, r02: {} })}\n${people}`, { mode: 0o600 });
    const program = await serving(config, dir);
    expect((await exec(config, 'check r01')).code).toBe(0);
    const outside = await exec(config, 'check r02');
    expect(outside.stdout).toMatch(/kim has it on r01 only, and r02 is outside/);
    expect(outside.code).toBe(1);
    const { audit } = JSON.parse((await exec(config, 'show audit --json')).stdout) as { audit: { who: string; command: string; outcome: string }[] };
    expect(audit.map(({ who }) => who)).not.toContain('console');
    expect(audit).toContainEqual(expect.objectContaining({ who: 'kim', command: 'check r02', outcome: 'refused' }));
    program.child.kill('SIGTERM');
    await program.ended;
    rmSync(dir, { recursive: true });
  });
});
