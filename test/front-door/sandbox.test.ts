import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/root.ts';
import { dataDirectory, finished, holdfast, listening, type Program, piped } from './holdfast.ts';

/** The sandbox as a stranger meets it: lines typed or piped into the compiled program. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

function place(): { HOLDFAST_DATA: string } {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  return { HOLDFAST_DATA: dataDir };
}

function open(env: Record<string, string>, args: readonly string[] = []): Program {
  const program = holdfast(['start', ...args], { env });
  leftovers.push(() => program.child.kill('SIGKILL'));
  return program;
}

/** The documents among what was printed: objects at the start of their lines. */
const documents = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

type Shown = { hosts: { host: string; reach?: string; facts: Record<string, unknown>; findings: unknown[] }[] };
type Audit = { audit: { who: string; command: string; outcome: string; detail?: string }[] };

describe('piped into npm start', () => {
  test('a check of the web hosts prints one fold and exits 0 within 30 s', { timeout: 60_000 }, () => {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync('npm', ['start', '--silent'], {
      cwd: packageRoot,
      env: { ...process.env, ...place() },
      input: '/ops check @web\n',
      encoding: 'utf8',
    });
    expect(stderr).not.toContain('    at ');
    expect(stdout).toContain('npx holdfast init');
    expect(stdout).toMatch(/^✓ web\[01-06\] ok$/m);
    expect(status).toBe(0);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  test('a host nobody has is refused with a suggestion, and nothing is queued for it', { timeout: 60_000 }, async () => {
    const env = place();
    const { code, stdout } = await piped(['/ops check nosuch', '/ops show audit --json'], { env });
    expect(stdout).toMatch(/No host matches "nosuch".*[Dd]id you mean/);
    expect(code).not.toBe(0);
    const [{ audit }] = documents(stdout) as [Audit];
    expect(audit).toMatchObject([{ who: 'you', command: '/ops check nosuch', outcome: 'refused' }]);
    const file = join(env.HOLDFAST_DATA, 'out.jsonl.gz');
    expect((await finished(['export', file], { env })).code).toBe(0);
    const tables = spawnSync('zcat', [file], { encoding: 'utf8' }).stdout;
    expect(tables).toContain('nosuch');
    expect(tables).not.toMatch(/"kind":\s*"reading"/);
  });

  test('comments and blank lines are nothing; the last line needs no line end', { timeout: 60_000 }, async () => {
    const program = open(place());
    program.child.stdin?.end('# a comment\n\n   \n/ops check host web01');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.stdout()).toMatch(/^✓ web01 ok$/m);
    expect(program.stdout()).not.toContain('comment');
  });

  test('--strict makes findings count, by line and for the whole session', { timeout: 120_000 }, async () => {
    const env = place();
    const sick = '/ops sandbox web01 disk_worst=97';
    const lenient = await piped([sick, '/ops check web01'], { env });
    expect(lenient.stdout).toMatch(/critical|warning/);
    expect(lenient.code).toBe(0);
    for (const flag of ['strict', '--strict', '—strict']) expect([flag, (await piped([`/ops check web01 ${flag}`], { env })).code]).toEqual([flag, 1]);
    expect((await piped(['/ops check web01'], { env, args: ['--strict'] })).code).toBe(1);
    expect((await piped(['/ops check web02'], { env, args: ['--strict'] })).code).toBe(0);
  });

  test('a reader that goes away after the first line meets no stack trace', { timeout: 60_000 }, async () => {
    const lines = "printf '/ops check @web\\n/ops help\\n/ops show defaults\\n'";
    const child = spawn(
      'bash',
      ['-c', `${lines} | "$1" "$2" start | head -1; echo "code \${PIPESTATUS[1]}"`, 'bash', process.execPath, join(packageRoot, 'bin/holdfast.mjs')],
      {
        env: { ...process.env, ...place(), HOLDFAST_LOG: 'warn' },
      },
    );
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    await new Promise((resolve) => child.once('close', resolve));
    expect(stdout).toMatch(/^These are fake hosts/);
    expect(stderr).not.toMatch(/ {4}at |EPIPE|Unhandled/);
    expect(stdout).toContain('code 1');
  });
});

describe('a session that stays open', () => {
  const env = place();
  let session: Program;
  beforeAll(async () => {
    session = open(env, ['--speed', '120']);
    await session.says(/npx holdfast init/);
  }, 30_000);

  test('says the pace it was started with', () => {
    expect(session.stdout()).toContain('120 times faster');
  });

  test('acts on a line while its input is still open', async () => {
    expect(await session.asks('/ops check host web01', /ok\n/)).toContain('✓ web01 ok');
  });

  test('--json is one object at the start of one line, with or without dashes', async () => {
    for (const flag of ['--json', 'json', '—json']) {
      const text = await session.asks(`/ops show web[01-02] ${flag}`, /\n/);
      const [shown, ...more] = documents(text) as unknown as Shown[];
      expect(more).toEqual([]);
      expect(shown?.hosts.map(({ host }) => host)).toEqual(['web01', 'web02']);
      expect(shown?.hosts[0]).toMatchObject({ facts: { kernel: expect.any(String), boot_id: expect.stringMatching(/^[0-9a-f-]{36}$/) }, findings: [] });
    }
  });

  test('a person speaks by name and the audit says so; a stranger and another place are refused', async () => {
    await session.asks('@pepe /ops check lab01', /lab01 ok\n/);
    await session.asks('@Kim /ops check lab02', /lab02 ok\n/);
    expect(await session.asks('@zork /ops check lab01', /zork.*\n/)).toMatch(/Nobody here is called zork.*you, ada, pepe, kim/);
    const [{ audit }] = documents(await session.asks('/ops show audit --json', /\n/)) as [Audit];
    expect(audit.filter(({ command }) => command.includes('lab')).map(({ who, command }) => [who, command])).toEqual(
      expect.arrayContaining([
        ['pepe', '/ops check lab01'],
        ['kim', '/ops check lab02'],
      ]),
    );
    expect(audit.some(({ who }) => who === 'zork')).toBe(false);
  });

  test('an operator lifts the stop, and everybody sees who set it', async () => {
    expect(await session.asks('@pepe /ops stop because the gateway flaps', /Stopped.*\n/)).toContain('until somebody says go');
    expect(await session.asks('/ops status', /need|asked/)).toContain('Stopped by pepe because the gateway flaps');
    expect(await session.asks('@ada /ops go', /lifted.*\n/)).toMatch(/pepe (had )?set it/);
  });

  test('wait lets domain time pass: the hosts are up for that much longer', async () => {
    const uptime = async (): Promise<number> => {
      await session.asks('/ops check web01', /web01 ok\n/);
      const [shown] = documents(await session.asks('/ops show web01 --json', /\n/)) as unknown as Shown[];
      return Number(shown?.hosts[0]?.facts.uptime);
    };
    const before = await uptime();
    expect(await session.asks('wait 20m', /went by/)).toContain('20 min went by.');
    const passed = (await uptime()) - before;
    expect(passed).toBeGreaterThanOrEqual(1200);
    expect(passed).toBeLessThan(1200 + 60 * 120);
    expect(await session.asks('wait soon', /duration.*\n/)).toContain('wait 20m');
  });

  test('every fault has its outcome at the next check, and good hosts do not wait for it', { timeout: 40_000 }, async () => {
    for (const [host, fault] of [
      ['kvm01', 'dead'],
      ['kvm02', 'mute'],
      ['kvm03', 'half-dead'],
      ['kvm04', 'slow'],
      ['kvm05', 'no-return'],
      ['kvm06', 'kernel=2.6.32-31-server'],
    ] as const)
      await session.asks(`/ops sandbox ${host} ${fault}`, new RegExp(`${host} (is|now has) .*\\n`));
    const started = performance.now();
    await session.asks('/ops check kvm[01-08] --json &', /^/);
    await session.asks('/ops check @web', /web\[01-06\] ok/);
    expect(performance.now() - started).toBeLessThan(6000);
    const text = await session.asks('/ops check kvm[01-08]', /--- check.txt ---[\s\S]*kvm08.*\n/);
    const firstWords = text.slice(0, text.indexOf('--- check.txt ---'));
    expect(firstWords).toMatch(/kvm01 refused/);
    expect(firstWords).toMatch(/kvm\[05-08\] ok/);
    expect(text).toMatch(/kvm02\tunroutable/);
    expect(text).toMatch(/kvm03\thalf-dead/);
    expect(text).toMatch(/kvm04\tok/);
    expect(text).toMatch(/kvm05\tok/);
    const [checked] = documents(session.stdout()).filter((document) =>
      (document as unknown as Shown).hosts?.some(({ host }) => host === 'kvm08'),
    ) as unknown as Shown[];
    expect(checked?.hosts.map(({ host, reach }) => [host, reach])).toEqual([
      ['kvm01', 'refused'],
      ['kvm02', 'unroutable'],
      ['kvm03', 'half-dead'],
      ['kvm04', 'ok'],
      ['kvm05', 'ok'],
      ['kvm06', 'ok'],
      ['kvm07', 'ok'],
      ['kvm08', 'ok'],
    ]);
    expect(checked?.hosts[5]?.facts.kernel).toBe('2.6.32-31-server');
    expect(await session.asks('/ops sandbox kvm01 sick', /fault.*\n/)).toContain('dead, mute, half-dead, slow, no-return');
    expect(await session.asks('/ops sandbox kvm99 dead', /kvm99.*\n/)).toContain('no host');
    for (const host of ['kvm01', 'kvm03', 'kvm04']) await session.asks(`/ops sandbox ${host} ok`, /healthy again/);
    expect(await session.asks('/ops check kvm01,kvm03,kvm04', /ok\n/)).toContain('kvm[01,03-04]');
  });

  test('& does not wait: the next line is answered before it', { timeout: 20_000 }, async () => {
    const text = await session.asks('/ops check kvm02 &\n/ops status', /\d+ of 29/);
    expect(text).not.toMatch(/kvm02 (down|unroutable)/);
    await session.says(/✗ kvm02 down[\s\S]*unroutable/);
  });

  test('its end is not an end: faults, facts and audit are there again at the next start, until --fresh', { timeout: 60_000 }, async () => {
    session.end();
    await session.ended;
    const later = await piped(['/ops show kvm06 --json', '/ops check kvm02 --json', '/ops show audit --json'], { env });
    const [shown, checked, { audit }] = documents(later.stdout) as unknown as [Shown, Shown, Audit];
    expect(shown.hosts[0]?.facts.kernel).toBe('2.6.32-31-server');
    expect(checked.hosts[0]).toMatchObject({ host: 'kvm02', reach: 'unroutable' });
    expect(audit.some(({ who, command }) => who === 'pepe' && command === '/ops check lab01')).toBe(true);
    const fresh = await piped(['/ops show audit --json', '/ops check kvm02'], { env, args: ['--fresh'] });
    expect(documents(fresh.stdout)).toEqual([{ audit: [] }]);
    expect(fresh.stdout).toContain('✓ kvm02 ok');
  });
});

describe('told to end', () => {
  test('it ends within 2 s while a mute host is asked, and answers after the next start', { timeout: 60_000 }, async () => {
    const env = place();
    const first = open(env);
    await first.asks('/ops sandbox web02 mute', /web02 is mute/);
    await first.asks('/ops check web02', /1 not yet: web02/);
    const told = performance.now();
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - told).toBeLessThan(2500);
    const second = open(env);
    await second.says(/✗ web02 down/);
    second.end();
    expect((await second.ended).code).toBe(0);
  });

  test('with /dev/null as its input it serves until then', { timeout: 30_000 }, async () => {
    const env = place();
    const program = holdfast(['start'], { stdin: 'ignore', env });
    leftovers.push(() => program.child.kill('SIGKILL'));
    await listening(env.HOLDFAST_DATA, program);
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
  });
});
