import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readScript } from '../../../src/fleet/scripts/read.ts';
import { readSaid } from '../../../src/fleet/scripts/said.ts';
import { answerCall } from '../../../src/sandbox/answer.ts';
import { layCertificates } from '../../../src/sandbox/certificates/lay.ts';
import { freshModel } from '../../../src/sandbox/model.ts';
import { HOSTS, type RosterHost } from '../../../src/sandbox/roster.ts';
import { type HostRoot, hostRoot, noHost, present } from '../../patch/host-root.ts';

const SCRIPTS = ['certs-keep', 'certs-do', 'certs-look', 'certs-back'];
const FILE = /^[0-9a-f]{64} \d{3,4} \d+ \d+ \d+ \/\S/;

/** What each script may say, as its head lists it; a `[]` marks a list. */
const CONTRACT: Record<string, Record<string, RegExp>> = {
  'certs-keep': { fence: /^(new|again)$/, 'kept[]': FILE, 'absent[]': /^\//, failed: /./ },
  'certs-do': { fence: /^(taken|already)$/, how: /^(systemd|setsid|background)$/, failed: /./ },
  'certs-look': { state: /^(absent|running|done|died)$/, rc: /^\d+$/, seconds: /^\d+$/, mended: /^\//, 'log[]': /./ },
  'certs-back': {
    state: /^(kept|absent|superseded)$/,
    'differs[]': /^\//,
    'now[]': /^([0-9a-f]{64} \d{3,4} \d+ \d+ \d+|absent) \/\S/,
    'failed[]': /^\/.*: ./,
    'aside[]': /^\/var\/lib\//,
  },
};

/** Reads an answer and holds it against the contract. */
function kept(script: string, stdout: string) {
  const lines = stdout.split('\n');
  expect([lines.pop(), lines.pop()], script).toEqual(['', `end=${script} v1`]);
  for (const line of lines) {
    const [, key = '', value = ''] = /^([a-z_]+(?:\[\])?)=(.*)$/.exec(line) ?? [];
    expect(CONTRACT[script]?.[key], `${script}: ${line}`).toBeDefined();
    expect(value, `${script}: ${line}`).toMatch(CONTRACT[script]?.[key] as RegExp);
  }
  return readSaid(stdout, `${script} v1`) as NonNullable<ReturnType<typeof readSaid>>;
}

type Ask = (script: string, ...args: string[]) => ReturnType<typeof kept>;

/** One life of an intent, in which every script says most of what it may. */
async function life(ask: Ask, leaf: string, renewal: readonly string[], over: (look: () => string | undefined) => Promise<unknown>): Promise<void> {
  const key = leaf.replace('.crt', '.key');
  expect(ask('certs-do', 'R1-x-1', 'renew-0', ...renewal).values.failed).toBe('nothing was kept for this intent');
  expect(ask('certs-back', 'R1-x-1', 'look').values.state).toBe('absent');
  const first = ask('certs-keep', 'R1-x-1', leaf, key, '/etc/none.crt');
  expect([first.values.fence, first.lists.absent, first.lists.kept?.length]).toEqual(['new', ['/etc/none.crt'], 2]);
  expect(ask('certs-look', 'R1-x-1', 'renew-0').values.state).toBe('absent');
  expect(ask('certs-do', 'R1-x-1', 'renew-0', ...renewal).values.fence).toBe('taken');
  expect(ask('certs-do', 'R1-x-1', 'renew-0', ...renewal).values.fence).toBe('already');
  await over(() => ask('certs-look', 'R1-x-1', 'renew-0').values.state);
  expect(ask('certs-look', 'R1-x-1', 'renew-0').values).toMatchObject({ state: 'done', rc: '0' });
  // What was kept is from before, whoever asks again.
  expect(ask('certs-keep', 'R1-x-1', leaf).lists.kept).toEqual(first.lists.kept);
  expect(ask('certs-back', 'R1-x-1', 'look').lists.differs?.slice().sort()).toEqual([leaf, key]);
  const back = ask('certs-back', 'R1-x-1', 'back');
  expect(back.lists.failed).toBeUndefined();
  expect([back.lists.now, back.lists.aside?.length]).toEqual([first.lists.kept, 2]);
  expect(ask('certs-back', 'R1-x-1', 'back').lists.differs).toBeUndefined();
  // A later rotation has begun: whoever was frozen over the earlier one puts nothing back over it; a person's undo may.
  ask('certs-keep', 'R1-x-2', leaf);
  expect(ask('certs-back', 'R1-x-1', 'back').values.state).toBe('superseded');
  expect(ask('certs-back', 'R1-x-1', 'undo', leaf).lists.now).toHaveLength(1);
}

describe('a simulated host', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-pki-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  test('keeps to the contract of the real scripts: kept, renewed once, put back', async () => {
    await layCertificates(join(dir, 'hosts'));
    const host = HOSTS.find(({ name }) => name === 'kyousuke') as RosterHost;
    let now = 0;
    const ask: Ask = (script, ...args) => {
      now += 10_000;
      return kept(script, answerCall({ script, version: 1, args }, host, freshModel(host, 0), now, new Map(), join(dir, 'hosts/kyousuke')).stdout);
    };
    await life(ask, '/etc/kubernetes/pki/apiserver.crt', ['kubeadm', 'apiserver'], (look) => expect.poll(look).toBe('done'));
  });
});

describe.skipIf(noHost)(`the real scripts${noHost ? ` (skipped: ${noHost})` : ''}`, { timeout: 60_000 }, () => {
  let root: HostRoot;
  beforeAll(async () => {
    root = await hostRoot();
    root.sh(`
mkdir -p /etc/kubernetes/pki /etc/kubernetes/manifests
for f in apiserver.crt apiserver.key ca.crt; do echo "old $f" >/etc/kubernetes/pki/$f; done
echo "kind: Pod" >/etc/kubernetes/manifests/kube-apiserver.yaml
cat >/usr/local/bin/kubeadm <<'END'
#!/bin/sh
# Stands in for kubeadm, in the words of its documentation.
case "$*" in
"certs --help") exit 0 ;;
"certs renew apiserver")
  for f in crt key; do echo "new $f" >/etc/kubernetes/pki/apiserver.$f; done
  echo "[renew] Reading configuration from the cluster..."
  echo "certificate for serving the Kubernetes API renewed"
  ;;
*) echo "unknown command \\"$*\\"" >&2 && exit 1 ;;
esac
END
chmod 755 /usr/local/bin/kubeadm`);
  });
  afterAll(() => root?.close());
  const asking =
    (shell: string): Ask =>
    (script, ...args) =>
      kept(script, root.run(script, args, shell).stdout);

  test.each(['dash', 'bash', 'busybox sh'].filter((shell) => present(shell.split(' ')[0] as string)))(
    'keep to the same contract in %s, with a kubeadm that stands in for the real one',
    async (shell) => {
      root.sh(
        'rm -rf /var/lib/holdfast/certs; for f in crt key; do echo "old $f" >/etc/kubernetes/pki/apiserver.$f; done; touch -d 2024-01-02T03:04:05.678901234 /etc/kubernetes/pki/apiserver.crt',
      );
      const exact = root.sh('stat -c "%y %a %u %g" /etc/kubernetes/pki/apiserver.*');
      await life(asking(shell), '/etc/kubernetes/pki/apiserver.crt', ['kubeadm', 'apiserver'], (look) => expect.poll(look, { timeout: 20_000 }).toBe('done'));
      expect(root.sh('stat -c "%y %a %u %g" /etc/kubernetes/pki/apiserver.*')).toBe(exact);
    },
  );

  test('take a manifest away and put it back; one that a step died over is put back by whoever looks', async () => {
    const ask = asking('sh');
    ask('certs-keep', 'R2-x-1', '/etc/kubernetes/pki/ca.crt');
    const manifest = (): string => root.sh('ls /etc/kubernetes/manifests');
    ask('certs-do', 'R2-x-1', 'reload-0', 'static-pod', 'kube-apiserver', '1');
    await expect.poll(manifest).toBe('');
    await expect.poll(() => ask('certs-look', 'R2-x-1', 'reload-0').values.state, { timeout: 20_000 }).toBe('done');
    expect(manifest()).toBe('kube-apiserver.yaml\n');

    ask('certs-do', 'R2-x-1', 'reload-1', 'static-pod', 'kube-apiserver', '600');
    await expect.poll(manifest).toBe('');
    root.sh('pid=$(cat /var/lib/holdfast/certs/R2-x-1/do/reload-1/pid); kill -9 $pid; pkill -9 -P $pid || true');
    await expect.poll(() => ask('certs-look', 'R2-x-1', 'reload-1').values.mended ?? manifest(), { timeout: 20_000 }).not.toBe('');
    expect(manifest()).toBe('kube-apiserver.yaml\n');
    expect(ask('certs-look', 'R2-x-1', 'reload-1').values.state).toBe('died');
  });

  test('kubeadm is asked for nothing but leaves, and no word of a shell gets through a name', () => {
    const ask = asking('sh');
    ask('certs-keep', 'R3-x-1', '/etc/kubernetes/pki/ca.crt');
    for (const name of ['all', 'ca', 'etcd-ca', 'apiserver --cert-dir=/tmp', '$(touch /tmp/pwned)']) {
      expect(ask('certs-do', 'R3-x-1', 'renew-0', 'kubeadm', name).values.failed).toBe(`${name} is no leaf that kubeadm renews`);
    }
    expect(ask('certs-do', 'R3-x-1', 'renew-0', 'certbot', '--force').values.failed).toBe('--force is no name');
    expect(ask('certs-do', 'R3-x-1', '../x', 'nginx').values.failed).toBe('the step is no name');
    expect(ask('certs-do', '../../etc', 'renew-0', 'nginx').values.failed).toBe('the intent is no name');
    expect(ask('certs-keep', 'R4-x-1', 'etc/passwd').values.failed).toBe('no path from the root: etc/passwd');
    expect(ask('certs-keep', 'R4-x-1', '/etc').values.failed).toBe('/etc is no file');
    expect(root.sh('ls /tmp')).toBe('');
  });

  test.skipIf(!present('python3'))('who may read a file beside its owner and group comes back with it', async () => {
    const ask = asking('sh');
    // What `setfacl -m u:33:r` sets: user::rw-, user:33:r--, group::---, mask::r--, other::---.
    const list = '0200000001000600ffffffff020004002100000004000000ffffffff10000400ffffffff20000000ffffffff';
    const python = (line: string): string => root.sh(`python3 -c 'import os; p = "/etc/kubernetes/pki/acl.key"; ${line}'`).trim();
    python(`open(p, "w").write("old"); os.chmod(p, 0o600); os.setxattr(p, "system.posix_acl_access", bytes.fromhex("${list}"))`);
    const read = (): string => python('print(os.getxattr(p, "system.posix_acl_access").hex() if "system.posix_acl_access" in os.listxattr(p) else "none")');
    expect(read()).toBe(list);
    ask('certs-keep', 'R6-x-1', '/etc/kubernetes/pki/acl.key');
    python('os.remove(p); open(p, "w").write("new")');
    expect(read()).toBe('none');
    expect(ask('certs-back', 'R6-x-1', 'back').lists.failed).toBeUndefined();
    expect([read(), root.sh('cat /etc/kubernetes/pki/acl.key')]).toEqual([list, 'old']);
  });

  test('a link is kept as a link with what it leads to, and both come back', async () => {
    const ask = asking('sh');
    root.sh('mkdir -p /etc/le/live /etc/le/archive && echo one >/etc/le/archive/cert1.pem && ln -s ../archive/cert1.pem /etc/le/live/cert.pem');
    expect(ask('certs-keep', 'R5-x-1', '/etc/le/live/cert.pem').lists.kept).toHaveLength(2);
    root.sh('echo two >/etc/le/archive/cert2.pem && ln -sfn ../archive/cert2.pem /etc/le/live/cert.pem && echo spoilt >/etc/le/archive/cert1.pem');
    expect(ask('certs-back', 'R5-x-1', 'back').lists.failed).toBeUndefined();
    expect(root.sh('readlink /etc/le/live/cert.pem; cat /etc/le/live/cert.pem')).toBe('../archive/cert1.pem\none\n');
  });
});

test.skipIf(!present('shellcheck')).each(SCRIPTS)(`shellcheck has nothing to say of %s${present('shellcheck') ? '' : ' (no shellcheck here)'}`, (name) => {
  // Parts are shared: not every script uses all of them.
  const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2317,SC2034', '-'], { input: readScript(name).text, encoding: 'utf8' });
  expect(stdout).toBe('');
});
