import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCertsAnswer } from '../../src/certificates/read-answer.ts';
import { readScript } from '../../src/fleet/scripts/read.ts';
import { stdinOf } from '../../src/fleet/ssh/stdin.ts';
import { answerCall } from '../../src/sandbox/answer.ts';
import { kubeconfig } from '../../src/sandbox/certificates/kubeconfig.ts';
import { layCertificates } from '../../src/sandbox/certificates/lay.ts';
import { freshModel } from '../../src/sandbox/model.ts';
import { HOSTS, type RosterHost } from '../../src/sandbox/roster.ts';
import { SHELLS, shellcheck } from '../fleet/scripts/in-root.ts';
import { noSshd, startSshd } from '../fleet/ssh/sshd.ts';
import { made } from './made.ts';

const present = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const noOpenssl = present('openssl') ? undefined : 'no openssl here';

let dir: string;
const put = (path: string, content: string | Buffer, mode = 0o644): void => {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
  chmodSync(join(dir, path), mode);
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-certs-'));
  const pki = await made();
  const leaf = await pki.leaf();
  put('site.crt', leaf.cert + pki.authority.cert);
  put('site.key', leaf.key, 0o600);
  put('haproxy.pem', leaf.cert + leaf.key, 0o600);
  put('admin.conf', kubeconfig('web01', pki.authority.cert, leaf), 0o600);
  put('both.conf', kubeconfig('web01', pki.authority.cert, { ...leaf, cert: leaf.cert + leaf.key }), 0o600);
  put('other.crt', (await pki.leaf({ subject: 'CN=other' })).cert);
  put('other.key', leaf.key);
  put('cut.crt', leaf.cert.slice(0, 300));
  put('noise.crt', Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256)));
  put('wide.crt', Buffer.from(leaf.cert, 'utf16le'));
  put('bundle.pem', pki.authority.cert.repeat(500));
  put('notes.pem', 'nothing of a certificate\n');
  put('dhparam.pem', '-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n');
  put('it’s a name.crt', leaf.cert);
  // Behind a certificate that was cut in the middle stands a key.
  put('torn.crt', `${leaf.cert.slice(0, 300)}\n${leaf.key}-----END CERTIFICATE-----\n`);
  const der = new X509Certificate(leaf.cert).raw;
  put('der/site.der', der);
  put('der/more.der', Buffer.concat([der, keyOf(leaf.key, 'pkcs8')]));
  put('der/cut.der', der.subarray(0, 200));
  put('der/pkcs8.der', keyOf(leaf.key, 'pkcs8'));
  put('der/sec1.cer', keyOf(leaf.key, 'sec1'));
  put('der/rsa.crt', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs1', format: 'der' }));
  put('der/encrypted.cert', createPrivateKey(leaf.key).export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'x' }));
  if (!noOpenssl) {
    const whole = ['-in', join(dir, 'haproxy.pem'), '-keypbe', 'NONE', '-certpbe', 'NONE', '-nomac', '-passout', 'pass:'];
    put('der/store.crt', execFileSync('openssl', ['pkcs12', '-export', ...whole]));
  }
});
const keyOf = (pem: string, type: 'pkcs8' | 'sec1'): Buffer => createPrivateKey(pem).export({ type, format: 'der' });
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = (shell: readonly string[], args: readonly string[]): string => {
  const [program = 'sh', ...words] = shell;
  return spawnSync(program, [...words, '-s'], { input: stdinOf({ script: 'certs', args }), encoding: 'utf8', maxBuffer: 8 << 20 }).stdout;
};
/** What it said of files below the folder. */
const found = (stdout: string) => {
  const read = readCertsAnswer(stdout, 'certs v1');
  const name = (path: string): string => path.slice(dir.length + 1);
  const held = (read?.held ?? []).filter(({ path }) => path.startsWith(dir));
  return {
    held: held.filter(({ path }) => !path.endsWith('bundle.pem')).map(({ path, n, kind, key }) => `${name(path)} ${n} ${kind}${key ? ` ${key}` : ''}`),
    wrong: Object.fromEntries((read?.wrong ?? []).filter(({ path }) => path.startsWith(dir)).map(({ path, says }) => [name(path), says])),
    bundle: held.filter(({ path }) => path.endsWith('bundle.pem')).length,
  };
};

describe.skipIf(noOpenssl).each(SHELLS.map((shell) => [shell.join(' '), shell] as const))('the look at certificates, by %s', (_, shell) => {
  test('hands back every block of every file with whether the key is its own, and names what is broken', () => {
    const { held, wrong, bundle } = found(run(shell, [dir, join(dir, 'admin.conf')]));
    expect(held).toEqual([
      'admin.conf#client-certificate-data 0 leaf match',
      'admin.conf#certificate-authority-data 1 ca',
      'der/site.der 0 leaf',
      'haproxy.pem 0 leaf match',
      'it’s a name.crt 0 leaf',
      'other.crt 0 leaf mismatch',
      'site.crt 0 leaf match',
      'site.crt 1 ca',
      'wide.crt 0 leaf',
    ]);
    expect(
      Object.keys(wrong)
        .filter((path) => !path.startsWith('der/'))
        .sort(),
    ).toEqual(['bundle.pem', 'cut.crt', 'noise.crt', 'torn.crt']);
    expect(wrong['cut.crt']).toBe('has no end');
    expect(wrong['noise.crt']).toMatch(/is no certificate/);
    expect(wrong['bundle.pem']).toMatch(/holds more than 100 certificates/);
    expect(bundle).toBe(100);
  });

  test('lets nothing of a private key off the host but the hash of its public half', () => {
    const stdout = run(shell, [dir, join(dir, 'admin.conf'), join(dir, 'both.conf')]);
    const key = readFileSync(join(dir, 'site.key'), 'utf8').split('\n').slice(1, 3);
    for (const line of key) expect(stdout).not.toContain(line);
    expect(stdout).not.toContain('PRIVATE');
    expect(stdout).not.toContain('client-key-data');
  });

  test('lets no DER off the host but whole certificates: keys, encrypted or not, and PKCS#12 stay, whatever they are called', () => {
    const stdout = run(shell, [dir, join(dir, 'both.conf')]);
    const { wrong, held } = found(stdout);
    expect(Object.fromEntries(Object.entries(wrong).filter(([path]) => /^der\/|conf$/.test(path)))).toEqual({
      'both.conf': 'block 1 has something else behind it',
      'der/more.der': 'has something else behind it',
      'der/cut.der': 'has no end',
      ...Object.fromEntries(['pkcs8.der', 'sec1.cer', 'rsa.crt', 'encrypted.cert', 'store.crt'].map((name) => [`der/${name}`, 'is no certificate'])),
    });
    expect(held).toContain('der/site.der 0 leaf');
    expect(stdout.match(/^der=/gm)).toHaveLength(1);
    const scalar = createPrivateKey(readFileSync(join(dir, 'site.key'), 'utf8')).export({ format: 'jwk' }).d as string;
    const bytes = [...stdout.matchAll(/^(?:der|pem|b64)=(.*)$/gm)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
    expect(bytes.some((one) => one.includes(Buffer.from(scalar, 'base64url')))).toBe(false);
  });

  test('changes nothing, and needs a second or two', () => {
    const before = execFileSync('find', [dir, '-printf', '%p %T@ %m\\n'], { encoding: 'utf8' });
    run(shell, [dir]);
    expect(execFileSync('find', [dir, '-printf', '%p %T@ %m\\n'], { encoding: 'utf8' })).toBe(before);
  });
});

test.skipIf(!present('shellcheck'))('both scripts are sound sh', () => {
  for (const script of ['certs', 'certs-root']) expect(shellcheck(script)).toBe('');
});

test('as root it is the same script, marked so', () => {
  expect(readScript('certs-root').root).toBe(true);
  expect(readScript('certs').root).toBeUndefined();
});

describe.skipIf(noSshd ?? noOpenssl)('over a real sshd', () => {
  test('the answer is the same, and what the sandbox’s hosts say has the same keys in the same order', async () => {
    const sshd = await startSshd();
    const options = ['-F', 'none', '-i', sshd.identity, '-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', 'BatchMode=yes', '-p', String(sshd.port)];
    const child = spawn('ssh', [...options, `${sshd.user}@${sshd.address}`, 'sh -s'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stdin.end(stdinOf({ script: 'certs', args: [dir, join(dir, 'admin.conf')] }));
    await new Promise((resolve) => child.once('close', resolve));
    await sshd.stop();
    expect(found(stdout).held).toContain('site.crt 0 leaf match');

    const hosts = join(dir, 'hosts');
    await layCertificates(hosts);
    const kyousuke = HOSTS.find(({ name }) => name === 'kyousuke') as RosterHost;
    const said = answerCall({ script: 'certs', version: 1, args: [] }, kyousuke, freshModel(kyousuke, 0), 0, new Map(), join(hosts, 'kyousuke')).stdout;
    expect(keysOf(said, '/etc/kubernetes/pki/apiserver.crt')).toEqual(keysOf(stdout, join(dir, 'other.crt')));
    expect(keysOf(said, '/etc/kubernetes/admin.conf')).toEqual(keysOf(stdout, join(dir, 'admin.conf')));
    expect(readCertsAnswer(said, 'certs v1')?.held).toHaveLength(6);
  });
});

/** `file owner mode mtime pem key keypin`, as they come for one file. */
function keysOf(stdout: string, path: string): string[] {
  const [, section = ''] = stdout.split(`file=${path}\n`);
  return section
    .split(/^(?:file|end)=/m)[0]
    ?.trim()
    .split('\n')
    .map((line) => line.slice(0, line.indexOf('='))) as string[];
}
