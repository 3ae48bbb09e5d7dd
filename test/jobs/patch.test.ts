import { describe, expect, test } from 'vitest';
import { patch } from '../../jobs/patch.ts';
import { patchSimulation } from '../../jobs/patch-simulation.ts';
import type { Host } from '../../src/fleet/host.ts';
import { readPatchAnswer } from '../../src/fleet/patch/answer.ts';
import { judgeSimulation } from '../../src/fleet/patch/judge.ts';
import type { PatchParams } from '../../src/fleet/patch/params.ts';
import type { ExecResult } from '../../src/fleet/ssh/transport.ts';
import type { ChangeJob, Memory, ReadJob, Step, StepContext } from '../../src/jobs.ts';

const job = patch as ChangeJob;
const host = { name: 'db01', vars: {} } as Host;
const MINUTE = 60_000;

const ok = (stdout: string): ExecResult => ({ reach: 'ok', code: 0, stdout, stderr: '', cut: false, ms: 1 });
const gone: ExecResult = { reach: 'refused', detail: 'no sshd', ms: 1 };

/** A simulation as patch-plan.sh prints it. */
const plan = (more: string[] = []): string =>
  [
    'manager=apt',
    'refresh=done',
    'package[]=nginx 1.22 1.24',
    'package[]=hf-extra - 1.0',
    'sum=abc',
    'download=1000000',
    'cache_free_mb=9000',
    'restart[]=nginx.service',
    ...more,
    'end=patch-plan v1',
    '',
  ].join('\n');

function at(over: Partial<StepContext<unknown>> & { answers?: Record<string, ExecResult | string>; params?: Partial<PatchParams>; now?: number } = {}) {
  const asked: [string, ...unknown[]][] = [];
  const { answers = {}, params, now = 1000 * MINUTE, ...rest } = over;
  return {
    asked,
    intent: 'R1-db01-1',
    clock: { now: () => now },
    since: 1000 * MINUTE,
    memory: {},
    keptOff: async () => [],
    script: async (name: string, args: readonly string[] = []) => {
      asked.push([name, ...args]);
      const answer = answers[name] ?? gone;
      return typeof answer === 'string' ? ok(answer) : answer;
    },
    ...rest,
    params: { kernel: true, databases: false, keptOff: [], ...params },
  } as unknown as StepContext<unknown> & { asked: [string, ...unknown[]][] };
}

const prepare = (more: string[], params: Partial<PatchParams> = {}): Promise<Step> =>
  job.prepare?.(host, at({ answers: { 'patch-plan': plan(more) }, params })) as Promise<Step>;

describe('planning', () => {
  const foresee = (facts: Record<string, unknown>, params: Partial<PatchParams> = {}) =>
    job.foresee(host, {
      params: { kernel: true, databases: false, keptOff: [], ...params },
      known: { facts } as never,
      fleet: {} as never,
      config: {} as never,
      now: 0,
      keptOff: [{ rule: 'E1', pattern: 'linux-image*' }],
    });

  test('refuses the whole run where a database primary is in it, unless told', () => {
    expect(() => foresee({ database: 'postgres primary' })).toThrow(
      'db01 is a database primary, and an upgrade may restart its database. Leave it out, or say "restart databases"',
    );
    expect(() => foresee({ database_primary: true })).toThrow('database primary');
    expect(foresee({ database: 'postgres primary' }, { databases: true }).does).toContain('its database primary may restart');
    expect(foresee({ database: 'postgres standby' }).does).toBe('upgrade its packages, linux-image* (E1) kept off');
  });

  test('says what is known, how old that is, and leaves out what it cannot patch', () => {
    expect(foresee({ os: 'alpine' }).skip).toMatchObject({ rule: 'no apt or dnf' });
    expect(foresee({ os: 'debian', updates_pending: 12, updates_restart: ['nginx.service'], updates_looked: '1969-12-31T22:00:00Z' }).notes).toEqual([
      '12 packages pending when simulated 2 h ago, restarts nginx.service',
    ]);
    expect(foresee({ os: 'debian', package_broken: ['x'] }).notes?.join()).toContain('packages stood half-way');
  });
});

describe('looking, before anything is begun', () => {
  test('remembers exactly what is to be done, and does exactly that', async () => {
    const context = at({
      answers: { 'patch-plan': plan() },
      keptOff: async () => [{ rule: 'E2', pattern: 'xen*' }],
      params: {
        kernel: false,
        keptOff: [
          { rule: 'E1', pattern: 'linux-image*', hosts: ['db01'] },
          { rule: 'E3', pattern: 'php*', hosts: ['web01'] },
        ],
      },
    });
    const step = await job.prepare?.(host, context);
    expect(context.asked).toEqual([['patch-plan', 'yes', 'no', 'linux-image*', 'xen*']]);
    expect(step).toMatchObject({
      step: 'done',
      detail: '2 packages (nginx 1.24, hf-extra 1.0); restarts nginx.service',
      remember: { sum: 'abc', patterns: ['linux-image*', 'xen*'] },
    });
    const acting = at({
      memory: (step as { remember: Memory }).remember,
      params: { kernel: false },
      answers: { patch: 'fence=taken\nhow=systemd\nend=patch v1\n' },
    });
    expect(await job.act(host, acting)).toEqual({ step: 'done', detail: 'begun' });
    expect(acting.asked).toEqual([['patch', 'R1-db01-1', 'upgrade', 'abc', 'no', '30', 'linux-image*', 'xen*']]);
  });

  test.each([
    [['lock=apt-get (pid 42)'], 'wait', 'apt-get (pid 42) holds the lock of packages'],
    [['half[]=hf-bad'], 'failed', 'packages stand half-way: hf-bad'],
    [['database=postgres primary'], 'failed', 'it is a postgres primary'],
    [['database=mysql unknown'], 'failed', 'nobody could be asked whether it is the primary'],
    [['database=postgres standby'], 'done', ''],
    [['leak[]=linux-image-amd64 1 2'], 'failed', 'would bring linux-image-amd64, which is to stay off'],
    [['package[]=mail-server 1.0 -'], 'failed', 'would take away mail-server'],
    [['package[]=linux-image-6.1.0-41-amd64 - 6.1.158-1', 'boot_free_mb=80'], 'failed', '/boot has 80 MB free'],
    [['package[]=linux-image-6.1.0-41-amd64 - 6.1.158-1', 'boot_free_mb=800'], 'done', ''],
    [['failed=E: Unmet dependencies'], 'failed', 'the simulated upgrade failed: E: Unmet dependencies'],
  ])('%j: %s', async (more, how, says) => {
    const step = await prepare(more);
    if (how === 'wait') expect(step).toMatchObject({ step: 'wait', waitingFor: says });
    else if (how === 'failed') expect(step).toMatchObject({ step: 'end', outcome: 'failed', detail: expect.stringContaining(says) });
    else expect(step).toMatchObject({ step: 'done' });
  });

  test('stale lists of packages are no ground to say that nothing is to be done', async () => {
    const answer = 'manager=apt\nrefresh=failed\nrefresh_says=E: Failed to fetch http://x\npackage[]=\nsum=abc\nend=patch-plan v1\n';
    expect(await job.prepare?.(host, at({ answers: { 'patch-plan': answer } }))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('could not be refreshed: E: Failed to fetch'),
    });
    expect(
      await job.prepare?.(host, at({ answers: { 'patch-plan': answer.replace('failed\nrefresh_says=E: Failed to fetch http://x', 'done') } })),
    ).toMatchObject({ outcome: 'already', detail: 'nothing to upgrade' });
  });

  test('the lock is waited for half an hour, and not for ever', async () => {
    const context = at({ answers: { 'patch-plan': plan(['lock=dpkg (pid 7)']) }, now: 1031 * MINUTE });
    expect(await job.prepare?.(host, context)).toMatchObject({ outcome: 'failed', detail: 'not begun: dpkg (pid 7) holds the lock of packages, for 30 min' });
  });

  test('a database primary is patched when that was said', async () => {
    expect(await prepare(['database=postgres primary'], { databases: true })).toMatchObject({ step: 'done' });
  });

  test('a login that may not become root is told how it could', async () => {
    const answer = { ...(ok('') as ExecResult & { reach: 'ok' }), code: 1, needsRoot: 'needs sudo for this login' };
    expect(await job.prepare?.(host, at({ answers: { 'patch-plan': answer } }))).toMatchObject({
      outcome: 'failed',
      detail: 'not begun: needs sudo for this login',
    });
  });

  test('an answer that broke off decides nothing', async () => {
    expect(await job.prepare?.(host, at({ answers: { 'patch-plan': plan().replace('end=patch-plan v1\n', '') } }))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('did not come to its end'),
    });
    const garbage = readPatchAnswer(ok(`${'x'.repeat(9000)}\npackage[]=\u001b[31mevil\u0000 1 2\nend=patch-plan v1\n`), 'patch-plan v1');
    expect(JSON.stringify(garbage)).not.toMatch(/\\u001b|\\u0000/);
    expect(judgeSimulation({ said: {}, lists: {} }, { databases: false })).toMatchObject({ go: false });
  });
});

describe('looking until it is over', () => {
  const look = (lines: string[], memory: Memory = {}, now?: number) =>
    job.verify?.(
      host,
      at({ memory, answers: lines.length > 0 ? { 'patch-look': [...lines, 'end=patch-look v1', ''].join('\n') } : {}, ...(now !== undefined && { now }) }),
    );

  test('it goes on while the host is not reached for some minutes: sshd and the network are restarted, too', async () => {
    const first = await look([]);
    expect(first).toMatchObject({ step: 'wait', remember: { silentSince: 1000 * MINUTE } });
    expect(await look([], { silentSince: 1000 * MINUTE }, 1009 * MINUTE)).toMatchObject({ step: 'wait' });
    expect(await look([], { silentSince: 1000 * MINUTE }, 1011 * MINUTE)).toMatchObject({ step: 'end', outcome: 'lost' });
    expect(await look(['state=installing'], { silentSince: 1000 * MINUTE })).toMatchObject({ remember: { silentSince: null } });
  });

  test.each([
    [['state=waiting', 'holder=apt-get (pid 4)'], { step: 'wait', waitingFor: 'apt-get (pid 4), which holds the lock of packages' }],
    [['state=installing', 'says=Setting up nginx'], { step: 'wait', waitingFor: 'packages to be installed: Setting up nginx' }],
    [
      ['state=done', 'rc=0', 'changed[]=nginx 1.22 1.24', 'stale[]=sshd.service', 'reboot_required=yes', 'kernel_newest=6.1.0-41'],
      { step: 'done', detail: '1 package (nginx 1.24); still on old files: sshd.service; wants a reboot into 6.1.0-41' },
    ],
    [['state=done', 'rc=100', 'log[]=E: disk full'], { outcome: 'failed', detail: 'apt or dnf ended with 100: E: disk full' }],
    [['state=done', 'rc=0', 'half[]=nginx'], { outcome: 'failed', detail: 'upgraded, but packages stand half-way: nginx' }],
    [['state=changed'], { outcome: 'failed', detail: expect.stringContaining('no longer what was looked at') }],
    [['state=leaks'], { outcome: 'failed' }],
    [['state=locked'], { outcome: 'failed', detail: expect.stringContaining('was not free in time') }],
    [['state=absent'], { outcome: 'failed', detail: expect.stringContaining('did not begin') }],
    [['state=called-off'], { outcome: 'held' }],
    [
      ['state=died', 'other_boot=yes', 'half[]=nginx'],
      { outcome: 'failed', detail: 'the upgrade was broken off by a reboot, with packages half-way: nginx; finish it by hand (dpkg --configure -a)' },
    ],
    [['state=nonsense'], { outcome: 'failed' }],
  ])('%j', async (lines, expected) => expect(await look(lines)).toMatchObject(expected));
});

describe('the way back', () => {
  const changed = [
    { name: 'nginx', from: '1.22', to: '1.24' },
    { name: 'openssl', from: '3.0', to: '3.1' },
    { name: 'linux-image-6.1.0-41', to: '6.1' },
  ];

  test('is said before: which versions, and what stays', () => {
    expect(job.sayUndo?.(host, { changed })).toBe(
      '2 packages back, where the old ones can still be had: nginx to 1.22, openssl to 3.0; what was new stays: linux-image-6.1.0-41',
    );
    expect(job.sayUndo?.(host, {})).toBeUndefined();
  });

  test('asks what can still be had, puts that back in one go, and says which could not', async () => {
    const first = at({
      memory: { changed },
      answers: {
        'patch-back': 'manager=apt\nthere[]=nginx=1.22\ngone[]=openssl=3.0\nthere[]=evil=1\nend=patch-back v1\n',
        patch: 'fence=taken\nend=patch v1\n',
      },
    });
    const begun = await job.undo?.(host, first);
    expect(first.asked).toEqual([
      ['patch-back', 'nginx=1.22', 'openssl=3.0'],
      ['patch', 'R1-db01-1', 'back', '-', 'yes', '30', 'nginx=1.22'],
    ]);
    expect(begun).toMatchObject({ step: 'wait', remember: { gone: ['openssl=3.0'], takingBack: 'R1-db01-1' } });
    const memory = { changed, ...(begun as { remember: Memory }).remember };
    const over = await job.undo?.(host, at({ memory, answers: { 'patch-look': 'state=done\nrc=0\nchanged[]=nginx 1.24 1.22\nend=patch-look v1\n' } }));
    expect(over).toMatchObject({
      step: 'end',
      outcome: 'failed',
      detail: '1 package put back; what was new stays: linux-image-6.1.0-41; 1 can no longer be had: openssl=3.0',
    });
  });

  test('does nothing where nothing was upgraded, and says when nothing can be had', async () => {
    expect(await job.undo?.(host, at())).toMatchObject({ outcome: 'already' });
    expect(await job.undo?.(host, at({ memory: { changed }, answers: { 'patch-back': 'manager=apt\ngone[]=nginx=1.22\nend=patch-back v1\n' } }))).toMatchObject(
      { outcome: 'failed', detail: expect.stringContaining('none of the old versions') },
    );
  });

  test('at a stop: what waits does not begin, what has begun goes on', async () => {
    expect(await job.callOff?.(host, at({ answers: { 'patch-off': 'off=done\nend=patch-off v1\n' } }))).toMatchObject({ step: 'done' });
    expect(await job.callOff?.(host, at({ answers: { 'patch-off': 'off=late\nend=patch-off v1\n' } }))).toMatchObject({
      step: 'end',
      detail: expect.stringContaining('goes on until it is over'),
    });
  });
});

describe('simulating only', () => {
  const simulate = (answer: ExecResult) =>
    (patchSimulation as ReadJob).act(host, {
      params: { kernel: true, databases: false, keptOff: [] },
      clock: { now: () => 0 } as never,
      known: { facts: { os: 'debian' }, findings: [] } as never,
      script: async () => answer,
    });

  test('says packages, services and the database, and leaves it known', async () => {
    expect(await simulate(ok(plan(['database=postgres standby'])))).toMatchObject({
      outcome: 'ok',
      output: '2 packages (nginx 1.24, hf-extra 1.0)\n977 KB to fetch\nrestarts nginx.service\npostgres standby',
      facts: { os: 'debian', updates_pending: 2, updates_restart: ['nginx.service'], updates_looked: '1970-01-01T00:00:00.000Z' },
    });
    expect(await simulate(gone)).toMatchObject({ outcome: 'lost' });
    expect(await simulate(ok(plan(['half[]=x'])))).toMatchObject({ outcome: 'failed', output: expect.stringContaining('half-way: x') });
  });
});
