import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aptRepository, type HostRoot, hostRoot, noHost } from './host-root.ts';

let root: HostRoot;
let repo: ReturnType<typeof aptRepository>;

/** A host with an application, its library, and a kernel; a newer one of each in the repository. */
beforeEach(async () => {
  if (noHost) return;
  root = await hostRoot();
  repo = aptRepository(root);
  repo.add('hf-app', '1.0', { postinst: '# deb-systemd-invoke $_dh_action hf-app.service', conffile: 'colour=red' });
  repo.add('hf-lib', '1.0');
  repo.add('linux-image-hf', '6.1.40', { depends: 'linux-image-6.1.40-hf' });
  repo.add('linux-image-6.1.40-hf', '6.1.40');
  root.sh('dpkg -i /repo/*.deb >/dev/null 2>&1');
  repo.add('hf-app', '2.0', { depends: 'hf-extra', conffile: 'colour=blue' });
  repo.add('hf-extra', '1.0');
  repo.add('hf-lib', '1.1');
  repo.add('linux-image-hf', '6.1.41', { depends: 'linux-image-6.1.41-hf' });
  repo.add('linux-image-6.1.41-hf', '6.1.41');
  repo.index();
});
afterEach(() => root?.close());

const versions = () =>
  root
    .sh(`dpkg-query -W -f '\${Package} \${Version}\\n' 'hf-*' 'linux-image-*hf' 2>/dev/null | sort`)
    .trim()
    .split('\n')
    .filter((line) => !line.endsWith(' '));

/** Looks as the job does, until it is over. */
async function over(intent: string) {
  for (;;) {
    const look = root.run('patch-look', [intent]);
    if (!['waiting', 'installing'].includes(look.said.state as string)) return look;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe.skipIf(noHost)(`a Debian with apt${noHost ? ` (skipped: ${noHost})` : ''}`, () => {
  test('says what an upgrade would do, and changes nothing but its lists of packages', () => {
    const before = versions();
    const plan = root.run('patch-plan', ['yes', 'yes']);
    expect(plan.said).toMatchObject({ manager: 'apt', refresh: 'done', end: 'patch-plan v1', sum: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(plan.lists.package).toEqual([
      'hf-app 1.0 2.0',
      'hf-extra - 1.0',
      'hf-lib 1.0 1.1',
      'linux-image-6.1.41-hf - 6.1.41',
      'linux-image-hf 6.1.40 6.1.41',
    ]);
    expect(plan.lists.restart).toEqual(['hf-app.service']);
    expect(Number(plan.said.download)).toBeGreaterThan(1000);
    expect(versions()).toEqual(before);
  });

  test('without the kernel, and without what a rule keeps off, by a simulated upgrade', () => {
    expect(root.run('patch-plan', ['yes', 'no']).lists.package).toEqual(['hf-app 1.0 2.0', 'hf-extra - 1.0', 'hf-lib 1.0 1.1']);
    const kept = root.run('patch-plan', ['no', 'no', 'hf-li*']);
    expect(kept.lists.package).toEqual(['hf-app 1.0 2.0', 'hf-extra - 1.0']);
    expect(kept.lists.leak).toBeUndefined();
    // What needs the package that stays off stays as well.
    expect(root.run('patch-plan', ['no', 'no', 'hf-extra']).lists.package).toEqual(['hf-lib 1.0 1.1']);
  });

  test('patches exactly what was looked at, goes on by itself, and says what changed', async () => {
    root.sh('echo colour=green >/etc/hf-app.conf');
    const { said } = root.run('patch-plan', ['yes', 'no']);
    expect(root.run('patch', ['R1-web01-1', 'upgrade', said.sum as string, 'no', '5']).said).toMatchObject({ fence: 'taken', how: 'setsid' });
    const look = await over('R1-web01-1');
    expect(look.said).toMatchObject({ state: 'done', rc: '0' });
    expect(look.lists.changed).toEqual(['hf-app 1.0 2.0', 'hf-extra - 1.0', 'hf-lib 1.0 1.1']);
    expect(look.lists.half).toBeUndefined();
    expect(root.sh('cat /etc/hf-app.conf')).toBe('colour=green\n');
    expect(versions()).toContain('linux-image-hf 6.1.40');
    // A second caller of the same intent does nothing.
    expect(root.run('patch', ['R1-web01-1', 'upgrade', said.sum as string, 'yes', '5']).said).toMatchObject({ fence: 'already' });
    expect(versions()).toContain('linux-image-hf 6.1.40');
  });

  test('does nothing when it is no longer what was looked at', async () => {
    const { said } = root.run('patch-plan', ['yes', 'yes']);
    repo.add('hf-lib', '1.2');
    repo.index();
    root.sh('apt-get -q update >/dev/null');
    root.run('patch', ['R1-web01-1', 'upgrade', said.sum as string, 'yes', '5']);
    expect((await over('R1-web01-1')).said.state).toBe('changed');
    expect(versions()).toContain('hf-lib 1.0');
  });

  test('waits for whoever holds the lock, ends nobody, and can be called off until then', async () => {
    const { said } = root.run('patch-plan', ['yes', 'yes']);
    root.sh(
      `setsid python3 -c 'import fcntl,time; f=open("/var/lib/dpkg/lock-frontend","w"); fcntl.lockf(f, fcntl.LOCK_EX); open("/tmp/held","w"); time.sleep(600)' </dev/null >/dev/null 2>&1 & while [ ! -e /tmp/held ]; do sleep 0.05; done`,
    );
    expect(root.run('patch-plan', ['no', 'yes']).said.lock).toMatch(/^python3 \(pid \d+\)$/);
    root.run('patch', ['R1-web01-1', 'upgrade', said.sum as string, 'yes', '5']);
    await expect
      .poll(() => root.run('patch-look', ['R1-web01-1']).said, { timeout: 10_000 })
      .toMatchObject({ state: 'waiting', holder: expect.stringMatching(/python3/) });
    expect(root.run('patch-off', ['R1-web01-1']).said.off).toBe('done');
    expect((await over('R1-web01-1')).said.state).toBe('called-off');
    expect(root.run('patch-off', ['R1-web02-1']).said.off).toBe('absent');
    expect(root.run('patch', ['R1-web02-1', 'upgrade', said.sum as string, 'yes', '5']).said.fence).toBe('already');
    expect(versions()).toContain('hf-lib 1.0');
  });

  test('names what stands half-way, before and after', async () => {
    repo.add('hf-bad', '1.0', { postinst: 'exit 1' });
    root.sh('dpkg -i /repo/hf-bad_1.0_all.deb >/dev/null 2>&1 || true');
    expect(root.run('patch-plan', ['no', 'yes']).lists.half).toEqual(['hf-bad']);
  });

  test('says how apt ended when a package does not install', async () => {
    repo.add('hf-lib', '1.3', { preinst: 'echo no room here >&2; exit 1' });
    repo.index();
    const { said } = root.run('patch-plan', ['yes', 'yes']);
    root.run('patch', ['R2-web01-1', 'upgrade', said.sum as string, 'yes', '5']);
    const look = await over('R2-web01-1');
    expect(look.said).toMatchObject({ state: 'done', rc: '100' });
    expect(look.lists.log?.join('\n')).toMatch(/E: Sub-process \/usr\/bin\/dpkg returned an error code/);
  });

  test('is given to systemd where there is one, so that neither the end of the login nor a new sshd ends it', async () => {
    root.sh(
      `mkdir -p /run/systemd/system && cat >/usr/bin/systemd-run <<'HERE' && chmod 755 /usr/bin/systemd-run
#!/bin/sh
echo "$@" >/tmp/systemd-run
while [ "\${1#--}" != "$1" ]; do shift; done
setsid "$@" </dev/null >/dev/null 2>&1 &
HERE`,
    );
    const { said } = root.run('patch-plan', ['yes', 'no']);
    expect(root.run('patch', ['R1-web01-1', 'upgrade', said.sum as string, 'no', '5']).said.how).toBe('systemd');
    expect((await over('R1-web01-1')).said).toMatchObject({ state: 'done', rc: '0' });
    expect(root.sh('cat /tmp/systemd-run')).toBe(
      '--quiet --collect --unit=holdfast-patch-R1-web01-1 --property=KillMode=process --property=SendSIGKILL=no sh /var/lib/holdfast/patch/R1-web01-1/run.sh /var/lib/holdfast/patch/R1-web01-1\n',
    );
  });

  test('broken off half-way (power, a person) it is said to have died, with what stands half-way', async () => {
    repo.add('hf-lib', '1.5', { postinst: 'touch /tmp/configuring; sleep 600' });
    repo.index();
    const { said } = root.run('patch-plan', ['yes', 'no']);
    root.run('patch', ['R1-web01-1', 'upgrade', said.sum as string, 'no', '5']);
    await expect.poll(() => root.sh('ls /tmp/configuring 2>/dev/null || true'), { timeout: 20_000 }).toContain('configuring');
    expect(root.run('patch-look', ['R1-web01-1']).said.state).toBe('installing');
    expect(root.run('patch-off', ['R1-web01-1']).said.off).toBe('late');
    root.sh('pkill -9 -s "$(ps -o sid= -p "$(cat /var/lib/holdfast/patch/R1-web01-1/pid)" | tr -d " ")" || true');
    await expect.poll(() => root.run('patch-look', ['R1-web01-1']).said.state, { timeout: 10_000 }).toBe('died');
    expect(root.run('patch-look', ['R1-web01-1']).lists.half).toContain('hf-lib');
    // It stays begun: nobody begins it a second time.
    expect(root.run('patch', ['R1-web01-1', 'upgrade', said.sum as string, 'no', '5']).said.fence).toBe('already');
  });

  test('goes back to the recorded versions where they can still be had, and says which cannot', async () => {
    const { said } = root.run('patch-plan', ['yes', 'no']);
    root.run('patch', ['R1-web01-1', 'upgrade', said.sum as string, 'no', '5']);
    await over('R1-web01-1');
    const back = root.run('patch-back', ['hf-app=1.0', 'hf-lib=0.9']);
    expect(back.lists.there).toEqual(['hf-app=1.0']);
    expect(back.lists.gone).toEqual(['hf-lib=0.9']);
    expect(back.said.failed).toBeUndefined();
    root.run('patch', ['R2-web01-1', 'back', '-', 'yes', '5', 'hf-app=1.0']);
    const look = await over('R2-web01-1');
    expect(look.said).toMatchObject({ state: 'done', rc: '0' });
    expect(look.lists.changed).toEqual(['hf-app 2.0 1.0']);
    expect(versions()).toContain('hf-app 1.0');
  });

  test.each([
    '$(touch /tmp/owned)',
    '; touch /tmp/owned',
    '`touch /tmp/owned`',
    "'\n touch /tmp/owned",
    '--option=APT::Update::Pre-Invoke::=touch /tmp/owned',
    '-oAPT::Update::Pre-Invoke::=touch${IFS}/tmp/owned',
  ])('whatever stands in an argument is never run, and what is no pattern is never passed over: %j', (hostile) => {
    const kept = 'ls /tmp/owned 2>/dev/null || echo none; ls /var/lib/holdfast 2>/dev/null || echo nothing';
    // The machine under this root may have a directory of that name.
    const before = root.sh(kept);
    expect(before).toMatch(/^none\n/);
    expect(root.run('patch-plan', ['yes', 'yes', hostile]).said.failed).toMatch(/this is no name or pattern of a package/);
    const { said } = root.run('patch-plan', ['no', 'yes']);
    for (const args of [
      ['R1-web01-1', 'upgrade', said.sum as string, 'yes', '5', hostile],
      [hostile, 'upgrade', hostile, hostile, '5', hostile],
      ['R1-web01-1', 'back', hostile, hostile, '5', hostile],
      ['R1-web01-1', 'back', hostile, hostile, hostile],
    ])
      expect(root.run('patch', args).said).toMatchObject({ failed: expect.any(String) });
    expect(root.run('patch-back', [hostile]).said.failed).toMatch(/no name or pattern/);
    expect(root.run('patch-look', [hostile]).said.state).toBe('absent');
    expect(root.run('patch-off', [hostile]).said.off).toBe('absent');
    expect(root.sh(kept)).toBe(before);
  });
});
