import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HostRoot, hostRoot, noHost, present } from './host-root.ts';

const why = noHost ?? (['dnf', 'rpmbuild', 'createrepo_c'].every(present) ? undefined : 'no dnf here (apt install dnf rpm createrepo-c)');

/**
 * A Debian that has dnf and no apt: Debian's own dnf 4, over packages built here. What it does not show: modules, kernels
 * that stand beside each other (installonly), needs-restarting, and dnf5, which the script says it does not know.
 */
let root: HostRoot;
const LONG = 'a-very-long-package-name-that-would-be-wrapped-in-a-table-of-eighty';

function add(name: string, version: string, requires?: string): void {
  root.sh(`mkdir -p /tmp/b && cat >/tmp/b/x.spec <<'HERE'
Name: ${name}
Version: ${version}
Release: 1
Summary: for a test
License: MIT
BuildArch: noarch
${requires ? `Requires: ${requires}` : ''}
%description
for a test
%install
mkdir -p %{buildroot}/usr/share/${name}
echo ${version} >%{buildroot}/usr/share/${name}/version
%files
/usr/share/${name}/version
HERE
rpmbuild -bb --quiet --define '_topdir /tmp/b' --define '_rpmdir /repo' /tmp/b/x.spec >/dev/null 2>&1`);
}

beforeEach(async () => {
  if (why) return;
  root = await hostRoot();
  root.sh(
    `mv /usr/bin/apt-get /usr/bin/apt-get.away && mkdir -p /repo /etc/yum.repos.d && rm -f /etc/yum.repos.d/* && printf '[local]\\nname=local\\nbaseurl=file:///repo\\nenabled=1\\ngpgcheck=0\\n' >/etc/yum.repos.d/local.repo`,
  );
  for (const name of ['hf-app', 'hf-lib', 'kernel-core', LONG]) add(name, '1.0');
  root.sh('rpm -i --nodeps /repo/noarch/*.rpm 2>/dev/null');
  for (const name of ['hf-lib', 'kernel-core', LONG]) add(name, '2.0');
  add('hf-app', '2.0', 'hf-extra');
  add('hf-extra', '1.0');
  root.sh('createrepo_c -q /repo');
});
afterEach(() => root?.close());

const installed = () => root.sh(`rpm -qa --qf '%{NAME} %{VERSION}\\n' | sort`).trim().split('\n');

async function over(intent: string) {
  for (;;) {
    const look = root.run('patch-look', [intent]);
    if (!['waiting', 'installing'].includes(look.said.state as string)) return look;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe.skipIf(why)(`a host with dnf${why ? ` (skipped: ${why})` : ''}`, () => {
  test('says what an upgrade would do, with and without the kernel and what is kept off', () => {
    const plan = root.run('patch-plan', ['yes', 'yes']);
    expect(plan.said).toMatchObject({ manager: 'dnf', refresh: 'done' });
    expect(plan.lists.package).toEqual([`${LONG} 1.0-1 2.0-1`, 'hf-app 1.0-1 2.0-1', 'hf-extra - 1.0-1', 'hf-lib 1.0-1 2.0-1', 'kernel-core 1.0-1 2.0-1']);
    expect(Number(plan.said.download)).toBeGreaterThan(1000);
    expect(root.run('patch-plan', ['no', 'no', 'hf-li*', 'a-*']).lists.package).toEqual(['hf-app 1.0-1 2.0-1', 'hf-extra - 1.0-1']);
    expect(installed()).toContain('hf-app 1.0');
  });

  test('patches exactly that, once, and goes back', async () => {
    const { said } = root.run('patch-plan', ['yes', 'no']);
    expect(root.run('patch', ['R1-kvm01-1', 'upgrade', said.sum as string, 'no', '5']).said.fence).toBe('taken');
    const look = await over('R1-kvm01-1');
    expect(look.said).toMatchObject({ state: 'done', rc: '0' });
    expect(look.lists.changed).toEqual([`${LONG}.noarch 1.0-1 2.0-1`, 'hf-app.noarch 1.0-1 2.0-1', 'hf-extra.noarch - 1.0-1', 'hf-lib.noarch 1.0-1 2.0-1']);
    expect(installed()).toContain('kernel-core 1.0');
    expect(root.run('patch', ['R1-kvm01-1', 'upgrade', said.sum as string, 'yes', '5']).said.fence).toBe('already');

    const back = root.run('patch-back', ['hf-lib.noarch=1.0-1', 'hf-app.noarch=0.5-1']);
    expect(back.lists.there).toEqual(['hf-lib.noarch=1.0-1']);
    expect(back.lists.gone).toEqual(['hf-app.noarch=0.5-1']);
    root.run('patch', ['R2-kvm01-1', 'back', '-', 'yes', '5', 'hf-lib.noarch=1.0-1']);
    expect((await over('R2-kvm01-1')).lists.changed).toEqual(['hf-lib.noarch 2.0-1 1.0-1']);
    expect(installed()).toContain('hf-lib 1.0');
  });

  test('does nothing when what would be upgraded changed since', async () => {
    const { said } = root.run('patch-plan', ['yes', 'yes']);
    add('hf-lib', '3.0');
    root.sh('createrepo_c -q /repo && dnf -q makecache --refresh >/dev/null 2>&1');
    root.run('patch', ['R1-kvm01-1', 'upgrade', said.sum as string, 'yes', '5']);
    expect((await over('R1-kvm01-1')).said.state).toBe('changed');
    expect(installed()).toContain('hf-lib 1.0');
  });

  test('nothing to do is nothing to do', () => {
    expect(root.run('patch-plan', ['yes', 'no', 'hf-*', 'a-*']).lists.package).toEqual([]);
  });
});
