import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPatchAnswer } from '../../src/fleet/patch/answer.ts';
import { readScript } from '../../src/fleet/scripts/read.ts';
import { answerCall } from '../../src/sandbox/answer.ts';
import { freshModel, type HostModel } from '../../src/sandbox/model.ts';
import { HOSTS, type RosterHost } from '../../src/sandbox/roster.ts';
import { become } from '../../src/sandbox/simulated.ts';
import { aptRepository, type HostRoot, hostRoot, noHost, present } from './host-root.ts';

const SCRIPTS = ['patch-plan', 'patch', 'patch-look', 'patch-off', 'patch-back'];

/** What each script may say, as its head lists it; a `[]` marks a list. */
const CONTRACT: Record<string, Record<string, RegExp>> = {
  'patch-plan': {
    manager: /^(apt|dnf)$/,
    refresh: /^(done|failed|skipped)$/,
    refresh_says: /./,
    lock: /^\S+ \(pid \d+\)$/,
    'half[]': /^\S+$/,
    'package[]': /^(\S+ \S+ \S+)?$/,
    'leak[]': /^\S+ \S+ \S+$/,
    'held[]': /^\S+$/,
    sum: /^[0-9a-f]{64}$/,
    download: /^\d+$/,
    boot_free_mb: /^\d+$/,
    cache_free_mb: /^\d+$/,
    'restart[]': /^\S+\.service$/,
    database: /^(postgres|mysql|mongod) (primary|standby|replica|unknown)$/,
    failed: /./,
  },
  patch: { fence: /^(taken|already)$/, how: /^(systemd|setsid|background)$/, failed: /./ },
  'patch-look': {
    state: /^(absent|waiting|installing|done|changed|leaks|locked|called-off|died)$/,
    holder: /./,
    seconds: /^\d+$/,
    says: /./,
    rc: /^\d+$/,
    other_boot: /^yes$/,
    'changed[]': /^\S+ \S+ \S+$/,
    'half[]': /^\S+$/,
    'stale[]': /^\S/,
    reboot_required: /^(yes|no)$/,
    kernel_newest: /^\d/,
    'log[]': /./,
  },
  'patch-off': { off: /^(done|absent|late)$/ },
  'patch-back': { manager: /^(apt|dnf)$/, lock: /^\S+ \(pid \d+\)$/, 'half[]': /^\S+$/, 'there[]': /^\S+=\S+$/, 'gone[]': /^\S+=\S+$/, failed: /./ },
};

/** One sentence per violation; none = it keeps to it. */
function violations(script: string, stdout: string): string[] {
  const lines = stdout.split('\n');
  const wrong: string[] = [];
  if (lines.pop() !== '' || lines.pop() !== `end=${script} v1`) wrong.push('it does not end as it should');
  for (const line of lines) {
    const [, key = '', value = ''] = /^([a-z_]+(?:\[\])?)=(.*)$/.exec(line) ?? [];
    const form = CONTRACT[script]?.[key];
    if (!form) wrong.push(`not in the contract: ${line}`);
    else if (!form.test(value)) wrong.push(`not of its form: ${line}`);
  }
  return wrong;
}

describe('a simulated host', () => {
  const web01 = HOSTS.find(({ name }) => name === 'web01') as RosterHost;
  const db01 = HOSTS.find(({ name }) => name === 'db01') as RosterHost;
  let model: HostModel;
  let now = 0;
  const ask = (script: string, args: string[], host = web01): string => {
    const { becomes, stdout, code } = answerCall({ script, version: 1, args }, host, model, now);
    if (becomes) model = become(model, becomes);
    expect(code).toBe(0);
    if (script !== 'check') expect(violations(script, stdout)).toEqual([]);
    return stdout;
  };
  const read = (script: string, args: string[]) => {
    const answer = readPatchAnswer({ reach: 'ok', code: 0, stdout: ask(script, args), stderr: '', cut: false, ms: 1 }, `${script} v1`);
    if ('unanswered' in answer) throw new Error(answer.unanswered);
    return answer;
  };

  test('keeps to the contract of the real scripts, through an upgrade, a reboot that is wanted, and the way back', () => {
    model = freshModel(web01, now);
    const plan = read('patch-plan', ['yes', 'yes']);
    expect(plan.lists.package).toHaveLength(5);
    expect(read('patch', ['R1-web01-1', 'upgrade', plan.said.sum as string, 'yes', '30']).said.fence).toBe('taken');
    expect(read('patch', ['R1-web01-1', 'upgrade', plan.said.sum as string, 'yes', '30']).said.fence).toBe('already');
    expect(read('patch-look', ['R1-web01-1']).said.state).toBe('installing');
    expect(read('patch-off', ['R1-web01-1']).said.off).toBe('late');
    now += 300_000;
    const over = read('patch-look', ['R1-web01-1']);
    expect(over.said).toMatchObject({ state: 'done', rc: '0', reboot_required: 'yes', kernel_newest: '6.1.0-41-amd64' });
    expect(ask('check', []).split('\n')).toEqual(expect.arrayContaining(['kernel_newest=6.1.0-41-amd64', 'reboot_required=yes', 'kernel=6.1.0-40-amd64']));
    expect(read('patch-plan', ['yes', 'yes']).lists.package).toEqual([]);
    expect(read('patch-back', ['nginx=1.22.1-9+deb12u2']).lists.there).toEqual(['nginx=1.22.1-9+deb12u2']);
    read('patch', ['R2-web01-1', 'back', '-', 'yes', '30', 'nginx=1.22.1-9+deb12u2']);
    now += 300_000;
    expect(read('patch-look', ['R2-web01-1']).lists.changed).toEqual(['nginx 1.22.1-9+deb12u3 1.22.1-9+deb12u2']);
    expect(read('patch-plan', ['yes', 'yes']).lists.package).toEqual(['nginx 1.22.1-9+deb12u2 1.22.1-9+deb12u3']);
  });

  test('leaves out the kernel and what is to stay off, refuses another plan, and knows its database', () => {
    model = freshModel(web01, now);
    expect(read('patch-plan', ['no', 'no', 'open*']).lists.package?.map((line) => line.split(' ')[0])).toEqual(['libssl3', 'nginx']);
    read('patch', ['R3-web01-1', 'upgrade', 'another sum', 'yes', '30']);
    expect(read('patch-look', ['R3-web01-1']).said.state).toBe('changed');
    expect(read('patch-off', ['R4-web01-1']).said.off).toBe('absent');
    expect(read('patch', ['R4-web01-1', 'upgrade', 'x', 'yes', '30']).said.fence).toBe('already');
    expect(read('patch-look', ['R9-web01-1']).said.state).toBe('absent');
    model = freshModel(db01, now);
    expect(ask('patch-plan', ['no', 'yes'], db01)).toContain('database=postgres primary\n');
  });
});

describe.skipIf(noHost)(`the real scripts${noHost ? ` (skipped: ${noHost})` : ''}`, () => {
  let root: HostRoot;
  beforeAll(async () => {
    root = await hostRoot();
    const repo = aptRepository(root);
    repo.add('hf-app', '1.0');
    root.sh('dpkg -i /repo/*.deb >/dev/null 2>&1');
    repo.add('hf-app', '2.0');
    repo.index();
  });
  afterAll(() => root?.close());

  test.each(['dash', 'bash', 'busybox sh'].filter((shell) => present(shell.split(' ')[0] as string)))('keep to the same contract in %s', async (shell) => {
    const intent = `R1-${shell.replace(' ', '-')}-1`;
    const run = (script: string, args: string[]) => {
      const answer = root.run(script, args, shell);
      expect(violations(script, answer.stdout)).toEqual([]);
      return answer;
    };
    const plan = run('patch-plan', ['yes', 'no', 'xen*']);
    run('patch', [intent, 'upgrade', plan.said.sum as string, 'no', '5', 'xen*']);
    await expect.poll(() => run('patch-look', [intent]).said.state, { timeout: 20_000 }).toBe('done');
    expect(run('patch-look', [intent]).lists.changed).toEqual(['hf-app 1.0 2.0']);
    expect(run('patch-off', [intent]).said.off).toBe('late');
    run('patch-back', ['hf-app=1.0', 'hf-app=0.1']);
    run('patch', [`${intent}-back`, 'back', '-', 'yes', '5', 'hf-app=1.0']);
    await expect.poll(() => run('patch-look', [`${intent}-back`]).said.state, { timeout: 20_000 }).toBe('done');
    expect(root.sh("dpkg-query -W -f '${Version}' hf-app")).toBe('1.0');
  });
});

test.skipIf(!present('shellcheck')).each(SCRIPTS)(`shellcheck has nothing to say of %s${present('shellcheck') ? '' : ' (no shellcheck here)'}`, (name) => {
  // Parts are shared: not every script uses all of them.
  const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2317,SC2034', '-'], { input: readScript(name).text, encoding: 'utf8' });
  expect(stdout).toBe('');
});
