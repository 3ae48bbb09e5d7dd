import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { present } from '../patch/host-root.ts';
import { dataDirectory, holdfast, piped } from './holdfast.ts';

/** The acceptance of the rotation of certificates as a stranger would try it: lines typed into the program, and openssl from outside. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

function place(): { HOLDFAST_DATA: string } {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  return { HOLDFAST_DATA: dataDir };
}

const APISERVER = '/etc/kubernetes/pki/apiserver.crt';
const fileOf = ({ HOLDFAST_DATA }: { HOLDFAST_DATA: string }, host: string, path: string): string => join(HOLDFAST_DATA, 'sandbox/hosts', host, path);

/** Bytes, mode, owner and time of everything in the PKI of a host. */
function everything(env: { HOLDFAST_DATA: string }): unknown {
  const pki = fileOf(env, 'kyousuke', '/etc/kubernetes/pki');
  return readdirSync(pki)
    .sort()
    .map((name) => {
      const { mode, uid, gid, mtimeMs } = statSync(join(pki, name));
      return [
        name,
        createHash('sha256')
          .update(readFileSync(join(pki, name)))
          .digest('hex'),
        mode,
        uid,
        gid,
        Math.floor(mtimeMs),
      ];
    });
}

/** The serial that somebody else's tool is shown on 6443 of kyousuke; and whether it trusts that with the authority of before. */
async function fromOutside(env: { HOLDFAST_DATA: string }): Promise<{ serial: string; trusted: boolean }> {
  const config = parse(readFileSync(join(env.HOLDFAST_DATA, 'sandbox/holdfast.yaml'), 'utf8')) as {
    certificates: { listeners: { hosts: string; port: number; address: string }[] };
  };
  const { address } = config.certificates.listeners.find(({ hosts, port }) => hosts === 'kyousuke' && port === 6443) as { address: string };
  const ca = fileOf(env, 'kyousuke', '/etc/kubernetes/pki/ca.crt');
  const shown = await new Promise<string>((resolve, reject) => {
    const child = execFile('openssl', ['s_client', '-connect', address, '-servername', 'kubernetes', '-CAfile', ca], { timeout: 10_000 }, (error, out) =>
      out ? resolve(out) : reject(error),
    );
    child.stdin?.end();
  });
  const pem = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(shown)?.[0] ?? '';
  return { serial: new X509Certificate(pem).serialNumber, trusted: /Verify return code: 0 /.test(shown) };
}

const skip = present('openssl') ? '' : ' (skipped: no openssl here)';

describe.skipIf(skip !== '')(`rotate certs kyousuke${skip}`, () => {
  test('plans one expired leaf and no CA, and when ada has approved it, openssl sees a new serial from outside; the undo brings the old one back', {
    timeout: 120_000,
  }, async () => {
    const env = place();
    const program = holdfast(['start'], { env });
    leftovers.push(() => program.child.kill('SIGKILL'));
    const planned = await program.asks('/ops rotate certs kyousuke', /every host: show R1 plan/);
    expect(planned).toMatch(/kyousuke: 1 leaf expired 61 d ago, 0 CAs will change: kubeadm certs renew apiserver/);
    expect(planned).toMatch(/LEAF renew \/etc\/kubernetes\/pki\/apiserver\.crt: expired 61 d ago, key [0-9a-f]{12}, issuer CN=kubernetes, served on 6443/);
    expect(planned).toMatch(/CA untouched \/etc\/kubernetes\/pki\/ca\.crt: CN=kubernetes, key [0-9a-f]{12}/);
    expect(planned).toContain('a second person is needed: disrupts production: kyousuke');
    const before = await fromOutside(env);
    const files = everything(env);
    expect(before.trusted).toBe(false);

    const done = await program.asks('@ada /ops approve R1', /R1 done: 1\/1[\s\S]*approved by ada/);
    const after = await fromOutside(env);
    expect(after.serial).not.toBe(before.serial);
    expect(after.trusted).toBe(true);
    expect(after.serial).toBe(new X509Certificate(readFileSync(fileOf(env, 'kyousuke', APISERVER))).serialNumber);
    expect(done).toContain(`kyousuke: renewed apiserver: serial ${after.serial.toLowerCase()}, ends in 36`);

    await program.asks('/ops undo R1', /R2 done: 1\/1[\s\S]*undo of R1/);
    expect((await fromOutside(env)).serial).toBe(before.serial);
    expect(everything(env)).toEqual(files);
    program.end();
    await program.ended;
  });

  test('refuses the CA by name, says why, names "rotate ca", and the line fails; "rotate ca" only explains', { timeout: 60_000 }, async () => {
    const env = place();
    const { code, stdout } = await piped(['/ops rotate certs kyousuke cert ca'], { env });
    expect(stdout).toMatch(/\/etc\/kubernetes\/pki\/ca\.crt on kyousuke is a certificate authority \(CA:TRUE, CN=kubernetes, key [0-9a-f]{12}\)/);
    expect(stdout).toContain('"rotate ca" says what that would be');
    expect(code).toBe(1);
    const files = everything(env);
    const explained = await piped(['/ops rotate ca @kaza', '/ops rotate ca @kaza --json', '/ops rotate ca rehearse'], { env });
    expect(explained.code).toBe(0);
    expect(explained.stdout).toContain('"rotate ca" changes nothing, ever');
    expect(explained.stdout).toMatch(/would make worthless at once: 8 leaves on .*, 1 kubeconfig; trusted in 7 files/);
    const { authorities } = JSON.parse(explained.stdout.split('\n').find((line) => line.startsWith('{')) as string) as {
      authorities: { keys: unknown[]; invalidates: { path: string }[] }[];
    };
    // Gone through on a copy: a swap breaks every meeting of its host, the overlap none.
    expect(explained.stdout).toMatch(/not so: .*: 8 of 40 meetings break at once: kyousuke refuses/);
    expect(explained.stdout.match(/all 40 meetings of a host with a leaf hold/g)).toHaveLength(4);
    expect(authorities).toHaveLength(1);
    expect(authorities[0]?.keys).toEqual([{ host: 'kyousuke', path: '/etc/kubernetes/pki/ca.key' }]);
    expect(authorities[0]?.invalidates).toHaveLength(9);
    expect(everything(env)).toEqual(files);
  });

  test('the trap: a renewal that also writes a new CA of the same name is put back byte for byte, the run has failed, an incident and a page stand', {
    timeout: 120_000,
  }, async () => {
    const env = place();
    const program = holdfast(['start'], { env });
    leftovers.push(() => program.child.kill('SIGKILL'));
    await program.asks('/ops sandbox kyousuke rotate-trap', /writes a new authority under the old name/);
    await program.asks('/ops rotate certs kyousuke', /every host: show R1 plan/);
    const [files, { serial }] = [everything(env), await fromOutside(env)];
    const halted = await program.asks('@ada /ops approve R1', /incident INC-1 is open/);
    expect(halted).toMatch(
      /failed kyousuke: put back byte for byte \(9 files\): \/etc\/kubernetes\/pki\/ca\.crt is another certificate authority under the same name/,
    );
    await program.says(/to ada by dm .*PG1: R1 halted/);
    expect(everything(env)).toEqual(files);
    expect((await fromOutside(env)).serial).toBe(serial);
    program.end();
    expect((await program.ended).code).not.toBe(0);
  });

  test('what is renewed and not served is said so, in these words', { timeout: 120_000 }, async () => {
    const { stdout } = await piped(['/ops sandbox mio rotate-deaf', '/ops rotate certs mio cert server', '@ada /ops approve R1'], {
      env: place(),
      args: ['--speed', '300'],
    });
    expect(stdout).toMatch(/unverified mio: RENEWED, NOT LIVE: port 5432 still serves another certificate after 3 min/);
  });
});
