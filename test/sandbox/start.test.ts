import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkContract } from '../../src/fleet/scripts/contract.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import { firstWords } from '../../src/sandbox/first-words.ts';
import { newKeyPair } from '../../src/sandbox/keys.ts';
import { HOSTS } from '../../src/sandbox/roster.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CHECK, configOf, login, look, portOf } from './client.ts';

const quiet = { info() {}, warn() {}, error() {} };
let dataDir: string;
let sandbox: Sandbox;

const start = async (options: { fresh?: boolean; anchor?: number } = {}): Promise<Sandbox> => {
  const clock = startClock({ speed: 60, anchor: options.anchor ?? Date.now() });
  sandbox = await startSandbox({ dataDir, clock, log: quiet, fresh: options.fresh ?? false });
  return sandbox;
};
const check = async (host: string): Promise<Record<string, string>> => {
  const session = await login(sandbox, host);
  const { stdout } = await session.exec('sh -s', CHECK);
  session.end();
  return Object.fromEntries(stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  await start();
});
afterEach(async () => {
  await sandbox.close();
  await rm(dataDir, { recursive: true });
});

describe('a started sandbox', () => {
  test('describes itself in a configuration that is valid, with a client key nobody else can read', async () => {
    const config = await configOf(sandbox);
    expect(sandbox.configFile).toBe(join(dataDir, 'sandbox/holdfast.yaml'));
    expect(Object.keys(config.hosts ?? {})).toEqual(HOSTS.map(({ name }) => name));
    expect(Object.keys(config.people ?? {})).toEqual(['you', 'ada', 'pepe', 'kim']);
    for (const file of ['client_key', 'keys.json']) expect((await stat(join(dataDir, 'sandbox', file))).mode & 0o777).toBe(0o600);
  });

  test('answers a check on every host by the contract, each host for itself', async () => {
    const ids = await Promise.all(
      HOSTS.map(async ({ name }) => {
        const session = await login(sandbox, name);
        const answered = await session.exec('sh -s', CHECK);
        session.end();
        expect(answered).toMatchObject({ code: 0, stderr: '' });
        expect(checkContract(answered.stdout), name).toEqual([]);
        expect(answered.stdout).toContain(`hostname=${name}\n`);
        return /^boot_id=(.*)$/m.exec(answered.stdout)?.[1];
      }),
    );
    expect(new Set(ids).size).toBe(HOSTS.length);
  });

  test('shows each host with the host key that known_hosts says', async () => {
    const known = (await readFile(join(dataDir, 'sandbox/known_hosts'), 'utf8')).trim().split('\n');
    for (const host of ['web01', 'kvm12']) {
      const session = await login(sandbox, host);
      session.end();
      expect(known).toContain(`[127.0.0.1]:${await portOf(sandbox, host)} ${session.hostKey}`);
    }
    expect(new Set(known.map((line) => line.split(' ')[2])).size).toBe(HOSTS.length);
  });

  test('answers many scripts over one connection, at once', async () => {
    const session = await login(sandbox, 'web01');
    const answers = await Promise.all(Array.from({ length: 10 }, () => session.exec('sh -s', CHECK)));
    session.end();
    for (const { code, stdout } of answers) expect([code, checkContract(stdout)]).toEqual([0, []]);
  });
});

describe('what a simulated host refuses', () => {
  test.each([
    ['a command', 'id', CHECK],
    ['a command for the shell', 'sh -c id', CHECK],
    ['a command after the shell', 'sh -s; id', CHECK],
    ['a shell without a named script', 'sh -s', 'id\n'],
    ['a script it does not know', 'sh -s', '# holdfast:format-disks v1\n'],
    ['a version it does not know', 'sh -s', '# holdfast:check v99\n'],
    ['a script called like something of JavaScript', 'sh -s', '# holdfast:constructor v1\n'],
    ['more input than any script has', 'sh -s', `# holdfast:check v1\n${'#'.repeat(1_100_000)}`],
  ])('%s: 127, and why on stderr', async (_what, command, stdin) => {
    const session = await login(sandbox, 'web01');
    const { code, stdout, stderr } = await session.exec(command, stdin);
    session.end();
    expect([code, stdout]).toEqual([127, '']);
    expect(stderr).toMatch(/^simulated host: \S.*\n$/);
  });

  test('a terminal, a shell, files and forwarding', async () => {
    const { client, end } = await login(sandbox, 'web01');
    const refused = (ask: (done: (error?: Error) => void) => void) => new Promise((resolve) => ask((error) => resolve(error?.message ?? 'granted')));
    expect(await refused((done) => client.shell(done))).not.toBe('granted');
    expect(await refused((done) => client.sftp(done))).not.toBe('granted');
    expect(await refused((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', 22, done))).not.toBe('granted');
    expect(await refused((done) => client.forwardIn('127.0.0.1', 0, done))).not.toBe('granted');
    end();
  });

  test.each<[string, ssh2.ConnectConfig]>([
    ['another key', { privateKey: newKeyPair().private }],
    ['another user', { username: 'root' }],
    ['a password', { password: 'secret', privateKey: undefined as unknown as string }],
  ])('%s', async (_what, options) => {
    await expect(login(sandbox, 'web01', options)).rejects.toThrow('All configured authentication methods failed');
  });

  test('the right public key without the private one', async () => {
    const known = ssh2.utils.parseKey(await readFile(join(dataDir, 'sandbox/client_key'))) as ssh2.ParsedKey;
    const agent = new (class extends ssh2.BaseAgent {
      getIdentities(done: (error: undefined, keys: ssh2.ParsedKey[]) => void) {
        done(undefined, [known]);
      }
      sign(_key: unknown, _data: unknown, options: unknown, done?: (error: undefined, signature: Buffer) => void) {
        (done ?? (options as typeof done))?.(undefined, Buffer.alloc(64, 7));
      }
    })();
    await expect(login(sandbox, 'web01', { privateKey: undefined as unknown as string, agent: agent as unknown as ssh2.BaseAgent })).rejects.toThrow(
      'All configured authentication methods failed',
    );
  });
});

describe('across a restart', () => {
  test('a host keeps its key, its identity and its boot, and its uptime has grown', async () => {
    const before = { ...(await check('kvm03')), key: (await login(sandbox, 'kvm03')).hostKey };
    await sandbox.close();
    await start({ anchor: Date.now() + 3_600_000 });
    const after = { ...(await check('kvm03')), key: (await login(sandbox, 'kvm03')).hostKey };
    for (const kept of ['key', 'machine_id', 'boot_id'] as const) expect(after).toHaveProperty(kept, before[kept as keyof typeof before]);
    const grown = Number((after as Record<string, string>).uptime) - Number((before as Record<string, string>).uptime);
    expect(grown).toBeGreaterThan(3_500);
  });

  test('faults last until ok', async () => {
    await sandbox.controls.fault('web01', 'dead');
    await sandbox.controls.fault('web02', 'kernel=2.6.32-31-server');
    await sandbox.close();
    await start();
    expect(await look(await portOf(sandbox, 'web01'), 'ECONNREFUSED')).toBe('ECONNREFUSED');
    expect(await check('web02')).toHaveProperty('kernel', '2.6.32-31-server');
    await sandbox.controls.fault('web01', 'ok');
    await sandbox.controls.fault('web02', 'ok');
    expect(await check('web01')).toHaveProperty('hostname', 'web01');
    expect(await check('web02')).toHaveProperty('kernel', '6.1.0-40-amd64');
  });

  test('a fault that was confirmed is on disk, whenever the power goes', async () => {
    await Promise.all(HOSTS.map(({ name }, i) => sandbox.controls.fault(name, i % 2 ? 'no-return' : 'slow')));
    const saved = JSON.parse(await readFile(join(dataDir, 'sandbox/fleet.json'), 'utf8'));
    expect(HOSTS.map(({ name }) => saved.hosts[name].mode)).toEqual(HOSTS.map((_host, i) => (i % 2 ? 'no-return' : 'slow')));
  });

  test('fresh starts over: healthy hosts, other keys', async () => {
    const key = (await login(sandbox, 'web01')).hostKey;
    await sandbox.controls.fault('web01', 'dead');
    await sandbox.close();
    await start({ fresh: true });
    expect((await login(sandbox, 'web01')).hostKey).not.toBe(key);
  });

  test.each(['{"version":7,"hosts":{}}', '{"version":1,"hosts":{"web01":{"mode":"melted"}}}', '{"version":1,"ho'])(
    'a file that is no saved fleet is said, not overwritten: %s',
    async (text) => {
      await sandbox.close();
      const file = join(dataDir, 'sandbox/fleet.json');
      await writeFile(file, text);
      await expect(start()).rejects.toThrow('npm start -- --fresh');
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );
});

const NO_ANSWER = { code: undefined, stdout: '', stderr: '' };

test('closing takes less than two seconds with connections open and scripts under way', async () => {
  await sandbox.controls.fault('web03', 'slow');
  await sandbox.controls.fault('web04', 'mute');
  const sessions = await Promise.all(['web01', 'web02', 'web03', 'kvm01'].map((host) => login(sandbox, host)));
  const pending = (sessions[2] as (typeof sessions)[number]).exec('sh -s', CHECK).catch(() => NO_ANSWER);
  const closed = Promise.all(sessions.map(({ client }) => new Promise<void>((resolve) => client.once('close', () => resolve()))));
  const began = performance.now();
  await sandbox.close();
  expect(performance.now() - began).toBeLessThan(2000);
  await closed;
  expect(await pending).toEqual(NO_ANSWER);
});

test('an unknown host is refused with those there are', async () => {
  const refused = sandbox.controls.fault('web07', 'dead');
  await expect(refused).rejects.toThrow(Refusal);
  await expect(refused).rejects.toThrow('no host "web07". There is db[01-02],kengo,kvm[01-12],kyousuke,lab[01-02],lb01,masato,mio,mon01,riki,web[01-06]');
});

test('the first words say what this is, how fast time runs, what to type and where to go from here', () => {
  expect(firstWords(60)).toBe(
    'These are fake hosts on this machine, and time runs 60 times faster. Type /ops check @web to begin.\nFor your own hosts: npx holdfast init',
  );
  expect(firstWords(1)).not.toContain('faster');
  expect(firstWords(1, { url: 'http://127.0.0.1:34987', taken: 8080 })).toMatch(/\nWhat the public reads: http:\/\/127.0.0.1:34987 \(port 8080 is taken\)$/);
});
