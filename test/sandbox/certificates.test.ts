import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { LEAVES } from '../../src/sandbox/certificates/laid.ts';
import { load } from '../../src/sandbox/certificates/loaded.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';

const DAY = 86_400_000;
const quiet = { info() {}, warn() {}, error() {} };
let dataDir: string;
let sandbox: Sandbox;

const start = async (): Promise<Sandbox> => startSandbox({ dataDir, clock: startClock({ speed: 60 }), log: quiet });
const file = (host: string, path: string): string => join(dataDir, 'sandbox/hosts', host, path);
const cert = async (host: string, path: string): Promise<X509Certificate> => new X509Certificate(await readFile(file(host, path)));
const listenerOf = async (host: string, port: number) =>
  (await loadConfig(sandbox.configFile, { env: {}, home: dataDir })).config.certificates.listeners.find((one) => one.hosts === host && one.port === port);

/** What somebody else's tool is shown by that listener: serial and end, as openssl prints them. */
async function seen(host: string, port: number): Promise<string> {
  const { address, name = '', starttls } = (await listenerOf(host, port)) ?? {};
  const how = ['-connect', address as string, '-servername', name, ...(starttls ? ['-starttls', starttls] : [])];
  // Not spawnSync: the listener answers from this very process.
  const { execFile } = await import('node:child_process');
  const shown = await new Promise<string>((resolve, reject) => {
    const child = execFile('openssl', ['s_client', ...how], { timeout: 10_000 }, (error, stdout) => (stdout ? resolve(stdout) : reject(error)));
    child.stdin?.end();
  });
  return spawnSync('openssl', ['x509', '-noout', '-serial'], { input: shown, encoding: 'utf8' }).stdout.trim();
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  sandbox = await start();
});
afterAll(async () => {
  await sandbox.close();
  await rm(dataDir, { recursive: true });
});

describe('the certificates of @kaza', () => {
  test('are real ones: one authority, and leaves that it signed, each with its own key beside it that nobody else may read', async () => {
    const ca = await cert('kyousuke', '/etc/kubernetes/pki/ca.crt');
    expect([ca.ca, ca.subject, ca.verify(ca.publicKey)]).toEqual([true, 'CN=kubernetes', true]);
    for (const { host, path, kubeconfig } of LEAVES.filter((leaf) => !leaf.kubeconfig)) {
      const leaf = await cert(host, path);
      expect([leaf.ca, leaf.checkIssued(ca), leaf.verify(ca.publicKey)], path).toEqual([false, true, true]);
      const key = file(host, path.replace('.crt', '.key'));
      expect(kubeconfig).toBeUndefined();
      expect((await stat(key)).mode & 0o777, key).toBe(0o600);
    }
  });

  test('hold exactly one that has ended: that of the API server of kyousuke, 61 days ago', async () => {
    const ends = await Promise.all(
      LEAVES.filter((leaf) => !leaf.kubeconfig).map(async ({ host, path }) => [host, path, (await cert(host, path)).validTo] as const),
    );
    const ended = ends.filter(([, , end]) => Date.parse(end) < Date.now());
    expect(ended.map(([host, path]) => `${host}:${path}`)).toEqual(['kyousuke:/etc/kubernetes/pki/apiserver.crt']);
    expect(Math.round((Date.now() - Date.parse(ended[0]?.[2] ?? '')) / DAY)).toBe(61);
    expect((await cert('kyousuke', '/etc/kubernetes/pki/apiserver.crt')).subjectAltName).toContain('DNS:kubernetes.default.svc');
  });

  test('stay the same over a restart', async () => {
    const before = (await cert('kyousuke', '/etc/kubernetes/pki/ca.crt')).fingerprint256;
    await sandbox.close();
    sandbox = await start();
    expect((await cert('kyousuke', '/etc/kubernetes/pki/ca.crt')).fingerprint256).toBe(before);
    expect(await readdir(join(dataDir, 'sandbox'))).not.toContain('hosts.new');
  });

  test('are seen from outside by openssl, where they are served; that of the database after asking as a client of Postgres does', async () => {
    for (const { host, path, serves } of LEAVES.filter((leaf) => leaf.serves)) {
      expect(await seen(host, serves?.port ?? 0), `${host}:${serves?.port}`).toBe(`serial=${(await cert(host, path)).serialNumber}`);
    }
  });

  test('go on being served as they were read until the service reads its files again', async () => {
    const root = join(dataDir, 'sandbox/hosts/masato');
    const before = await seen('masato', 443);
    const { newAuthority } = await import('../../src/sandbox/certificates/authority.ts');
    const { writeFile } = await import('node:fs/promises');
    const other = await newAuthority('CN=other', Date.now() - DAY, Date.now() + DAY);
    await writeFile(join(root, 'etc/nginx/tls/shop.crt'), other.cert);
    await writeFile(join(root, 'etc/nginx/tls/shop.key'), other.key);
    expect(await seen('masato', 443)).toBe(before);
    load(root, 443, '/etc/nginx/tls/shop.crt');
    expect(await seen('masato', 443)).toBe(`serial=${new X509Certificate(other.cert).serialNumber}`);
  });

  test('are not served by a host that is dead', async () => {
    await sandbox.controls.fault('kyousuke', 'dead');
    await expect(seen('kyousuke', 6443)).rejects.toThrow();
    await sandbox.controls.fault('kyousuke', 'ok');
    expect(await seen('kyousuke', 6443)).toMatch(/^serial=/);
  });
});
