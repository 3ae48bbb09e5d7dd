import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ShownKey } from '../../src/config/confirm-keys.ts';
import { type Init, runInit } from '../../src/config/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { folderWith } from './folder.ts';

const THIRTY = Array.from({ length: 30 }, (_, at) => `Host node${String(at + 1).padStart(2, '0')}\n  HostName 127.0.0.1\n  Port 2222\n  User ops\n`).join('\n');
const INVENTORY = '[web]\nweb[01:02]\n[db]\ndb1 ansible_port=2200\n';

/** `holdfast init` in a folder with these files, which is the home as well. */
async function init(files: Record<string, string>, how: Partial<Init> = {}) {
  const home = folderWith(files);
  const before = process.cwd();
  process.chdir(home);
  onTestFinished(() => process.chdir(before));
  const printed: string[] = [];
  const run = (more: Partial<Init> = {}): Promise<number> =>
    runInit({ out: 'holdfast.yaml', home, env: {}, interactive: false, print: (line) => printed.push(line), ...how, ...more });
  const code = await run();
  const file = join(home, 'holdfast.yaml');
  return { code, home, file, run, said: () => printed.join('\n'), loaded: () => loadConfig(file, { env: {}, home }) };
}

const shown = (host: string, state: ShownKey['state'], print = host): ShownKey => ({
  host,
  state,
  fingerprint: `SHA256:${print}`,
  line: `${host} ssh-ed25519 AAAA${print}`,
});
const silent = (host: string): ShownKey => ({ host, state: 'unreachable', detail: 'refused: nothing listens on port 22', fingerprint: '', line: '' });

describe('holdfast init', () => {
  test('writes a configuration from an ssh config that loads as it is, for its owner to read', async () => {
    const { code, file, said, loaded } = await init({ 'my.cfg': THIRTY }, { sshConfig: 'my.cfg', env: { USER: 'ada' } });
    expect(code).toBe(0);
    const { fleet, people, config } = await loaded();
    expect(fleet.hosts.size).toBe(30);
    expect(fleet.hosts.get('node07')).toMatchObject({ address: '127.0.0.1', port: 2222, user: 'ops' });
    expect(people).toMatchObject([{ name: 'ada', roles: [{ role: 'admin' }], logins: ['ada'] }]);
    expect(config.ssh.known_hosts).toEqual(['known_hosts']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(said()).toMatch(/Wrote .*holdfast\.yaml: 30 hosts, 0 groups, 0 jump hosts; from .*my\.cfg\./);
    expect(said()).toContain("Next: npx holdfast exec --config holdfast.yaml 'check @all'");
    expect(readFileSync(file, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\/.*\/docs\/holdfast\.schema\.json\n/);
  });

  test('what it offers as comments is valid when the comment sign is taken away', async () => {
    const { file, home, loaded } = await init(
      { 'hosts.ini': INVENTORY, 'db-password': 'x', 'slack-bot-token': 'xoxb-1', 'slack-app-token': 'xapp-1', 'discord-token': 'd' },
      { ansible: 'hosts.ini' },
    );
    const offered = readFileSync(file, 'utf8').replace(/^# (?=(people|groups|sites|slack|discord|channels|database|defaults):| {2})/gm, '');
    expect(offered).not.toMatch(/^# {3}/m);
    writeFileSync(file, offered);
    const { config, people, fleet } = await loaded();
    expect(people).toMatchObject([{ name: 'ada', roles: [{ role: 'admin' }] }]);
    expect(config.database?.url.reveal()).toBe('postgres://holdfast:x@db.example.org/holdfast');
    expect(fleet.hosts.get('web01')).toMatchObject({ ring: 'prod', site: 'bne', redundancy: ['web'] });
    expect(existsSync(join(home, 'known_hosts'))).toBe(true);
  });

  test('takes names from Ansible and connections from the ssh config, whatever else stands in that', async () => {
    const ssh = 'Host bastion\n  HostName 192.0.2.1\nHost web*\n  User deploy\n  ProxyJump bastion\nHost github.com\n  User git\n';
    const { said, loaded } = await init({ 'hosts.ini': INVENTORY, 'my.cfg': ssh }, { ansible: 'hosts.ini', sshConfig: 'my.cfg' });
    const { fleet } = await loaded();
    expect([...fleet.hosts.keys()]).toEqual(['web01', 'web02', 'db1']);
    expect(fleet.hosts.get('web01')?.user).toBe('deploy');
    expect(fleet.hosts.get('db1')?.port).toBe(2200);
    expect(said()).toMatch(/3 hosts, 2 groups \(@web @db\), 1 jump host; from .*hosts\.ini \(names\), reached as .*my\.cfg says/);
  });

  test('runs a command that prints what ansible-inventory prints', async () => {
    const list = JSON.stringify({ _meta: { hostvars: { a1: { rack: 'b2' } } }, all: { children: ['web'] }, web: { hosts: ['a1', 'a2'] } });
    const { code, loaded } = await init({ 'list of hosts.json': list }, { ansibleCommand: 'cat "list of hosts.json"' });
    expect(code).toBe(0);
    const { fleet, config } = await loaded();
    expect(fleet.hosts.get('a1')?.vars).toMatchObject({ rack: 'b2' });
    expect(config.inventory).toEqual([{ ansible_command: ['cat', 'list of hosts.json'] }]);
  });

  test('finds an inventory by itself and says which', async () => {
    const { code, said, loaded } = await init({ 'inventory.ini': INVENTORY, 'inventory.ini.bak': 'broken[', '.ssh/config': 'Host web01\n  Port 2022\n' });
    expect(code).toBe(0);
    expect(said()).toMatch(/No source was named; found .*\/inventory\.ini \(names\), reached as .*\.ssh\/config says\./);
    expect((await loaded()).fleet.hosts.get('web01')?.port).toBe(2022);
  });

  test('passes over what is no inventory and goes on to the next', async () => {
    const { said, loaded } = await init({ 'inventory.txt': '[web\n', '.ssh/config': 'Host one two\n  User ops\n' });
    expect(said()).toMatch(/Passed over .*inventory\.txt.*\n.*found .*\.ssh\/config\./s);
    expect([...(await loaded()).fleet.hosts.keys()]).toEqual(['one', 'two']);
  });

  test('without anything to go by it says what to give it, and writes nothing', async () => {
    const { code, file, said } = await init({});
    expect(code).toBe(1);
    expect(said()).toMatch(/No inventory was found .* --ansible FILE, --ansible-command "ansible-inventory --list", --ssh-config FILE/);
    expect(existsSync(file)).toBe(false);
  });

  test('an inventory with mistakes is named with its lines, and nothing is written', async () => {
    const { code, file, said } = await init({ 'hosts.ini': '[web]\nweb1\n[web:nonsense]\n' }, { ansible: 'hosts.ini' });
    expect(code).toBe(1);
    expect(said()).toMatch(/hosts\.ini:3/);
    expect(existsSync(file)).toBe(false);
  });

  test('leaves a file that is there alone, unless forced', async () => {
    const { code, file, said, run } = await init({ 'hosts.ini': INVENTORY, 'holdfast.yaml': 'name: mine\n' }, { ansible: 'hosts.ini' });
    expect(code).toBe(1);
    expect(said()).toMatch(/holdfast\.yaml is there already and was left as it is.*--force/);
    expect(readFileSync(file, 'utf8')).toBe('name: mine\n');
    expect(await run({ force: true })).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('ansible: hosts.ini');
  });

  test('names the hosts that ssh2 cannot serve, and why', async () => {
    const fido = 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIFkRfkRXUoVFR1XW7rpFHkkHHnFKXqAJkMZbSKZcOQhRAAAABHNzaDo= ada\n';
    const ssh = 'Host gate1\n  ProxyCommand corkscrew proxy 8080 %h %p\nHost token1 token2\n  IdentityFile ~/.ssh/id_sk\nHost plain\n';
    const { said } = await init({ 'my.cfg': ssh, '.ssh/id_sk': 'x', '.ssh/id_sk.pub': fido }, { sshConfig: 'my.cfg' });
    expect(said()).toMatch(/^gate1: reached through the system's own `ssh`, .*ProxyCommand/m);
    expect(said()).toMatch(/^token\[1-2\]: reached through the system's own `ssh`, .*FIDO/m);
    expect(said()).not.toMatch(/^plain/m);
  });
});

describe('first contact', () => {
  const scanning = (...keys: ShownKey[]): Partial<Init> => ({ sshConfig: 'my.cfg', scan: async () => keys });
  const files = { 'my.cfg': 'Host a1 a2 a3\n  User ops\n' };

  test('known keys are taken, the others shown with their fingerprints and taken with one yes', async () => {
    const asked: string[] = [];
    const answers = (answer: boolean) => ({ interactive: true, ask: async (question: string) => asked.push(question) > 0 && answer });
    const { said, home, run } = await init(files, {
      ...scanning(shown('a1', 'known'), shown('a2', 'unknown', 'same'), shown('a3', 'unknown', 'same')),
      ...answers(true),
    });
    expect(asked).toEqual(['Are these the keys of your hosts?']);
    expect(said()).toMatch(/1 host is known already.*1 key of 2 hosts nobody has confirmed yet:\n {2}SHA256:same {2}a\[2-3\]/s);
    const kept = () =>
      readFileSync(join(home, 'known_hosts'), 'utf8')
        .split('\n')
        .filter((line) => line && !line.startsWith('#'));
    expect(kept()).toEqual(['a2 ssh-ed25519 AAAAsame', 'a3 ssh-ed25519 AAAAsame']);
    await run({ confirmKeys: true });
    expect(kept()).toHaveLength(2);
  });

  test('a no takes none', async () => {
    const { home, said } = await init(files, { ...scanning(shown('a1', 'unknown')), interactive: true, ask: async () => false });
    expect(readFileSync(join(home, 'known_hosts'), 'utf8')).not.toContain('AAAA');
    expect(said()).toMatch(/None was taken\. To be asked again: npx holdfast init --confirm-keys --out holdfast\.yaml/);
  });

  test('where nobody can be asked nothing is asked: unknown keys are listed with the command that asks', async () => {
    const { code, home, said } = await init(files, {
      ...scanning(shown('a1', 'known'), shown('a2', 'unknown'), silent('a3')),
      ask: () => Promise.reject(new Error('asked')),
    });
    expect(code).toBe(0);
    expect(said()).toMatch(/SHA256:a2 {2}a2\n.*In a terminal: npx holdfast init --confirm-keys --out holdfast\.yaml/);
    expect(said()).toMatch(/No key from a3: refused: nothing listens on port 22\nOnce it answers: npx holdfast init --confirm-keys/);
    expect(readFileSync(join(home, 'known_hosts'), 'utf8')).not.toContain('AAAA');
  });

  test('a key that changed is never taken, not even with a yes', async () => {
    const { home, said } = await init(files, {
      ...scanning({ ...shown('a1', 'changed'), detail: 'host key changed: offers SHA256:a1' }, shown('a2', 'unknown')),
      interactive: true,
      ask: async () => true,
    });
    expect(said()).toMatch(/^Not taken, a1: host key changed: offers SHA256:a1$/m);
    expect(readFileSync(join(home, 'known_hosts'), 'utf8')).toContain('a2 ssh-ed25519');
    expect(readFileSync(join(home, 'known_hosts'), 'utf8')).not.toContain('a1 ssh-ed25519');
  });

  test('keys are confirmed later for a configuration that is there', async () => {
    const { home, run } = await init(files, scanning());
    const scan: Init['scan'] = async (hosts, settings) => {
      expect(hosts.map(({ name }) => name)).toEqual(['a1', 'a2', 'a3']);
      expect(settings).toMatchObject({ user: 'ada', inFlight: 64, auth: 8000 });
      return [shown('a3', 'unknown')];
    };
    expect(await run({ confirmKeys: true, scan, env: { USER: 'ada' }, interactive: true, ask: async () => true })).toBe(0);
    expect(readFileSync(join(home, 'known_hosts'), 'utf8')).toContain('a3 ssh-ed25519 AAAAa3');
    writeFileSync(join(home, 'holdfast.yaml'), 'nonsense: 1\n');
    expect(await run({ confirmKeys: true })).toBe(1);
  });
});
