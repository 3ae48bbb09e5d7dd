import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scanHostKeys } from '../../../src/fleet/ssh/scan.ts';
import { hostAt, hostOn, LIMITS } from './hosts.ts';
import { freePort, makeKey, noSshd, type Sshd, startSshd } from './sshd.ts';

describe.skipIf(noSshd)('first contact', () => {
  let sshd: Sshd;
  let bastion: Sshd;
  beforeAll(async () => {
    [sshd, bastion] = await Promise.all([startSshd({ hostKeys: ['ed25519', 'rsa'] }), startSshd()]);
  });
  afterAll(async () => {
    await Promise.all([sshd.stop(), bastion.stop()]);
  });

  test('shows each key as ssh-keygen does, its line, and whether it is known, new or another than before', async () => {
    const wrong = join(sshd.dir, 'wrong_known');
    makeKey(join(sshd.dir, 'other'));
    writeFileSync(wrong, `[${sshd.address}]:${sshd.port} ${execFileSync('cat', [join(sshd.dir, 'other.pub')], { encoding: 'utf8' })}`);
    const dead = { address: '127.0.0.1', port: await freePort() };
    const scanned = await scanHostKeys(
      [
        hostOn(sshd, { name: 'known' }),
        hostOn(sshd, { name: 'new', ssh: { knownHosts: [] } }),
        hostOn(sshd, { name: 'changed', ssh: { knownHosts: [wrong] } }),
        hostAt(dead, { name: 'dead' }),
      ],
      LIMITS,
    );
    expect(scanned.map(({ host, state }) => [host, state])).toEqual([
      ['known', 'known'],
      ['new', 'unknown'],
      ['changed', 'changed'],
      ['dead', 'unreachable'],
    ]);
    const theirs = execFileSync('ssh-keygen', ['-l', '-f', join(sshd.dir, 'host_ed25519.pub')], { encoding: 'utf8' }).split(' ')[1];
    expect(scanned[1]).toMatchObject({
      keyType: 'ssh-ed25519',
      fingerprint: theirs,
      line: `[${sshd.address}]:${sshd.port} ${sshd.hostKey('ed25519')}`,
      detail: expect.stringContaining('holdfast init'),
    });
    expect(scanned[0]?.detail).toBeUndefined();
    expect(scanned[3]?.detail).toMatch(/^refused: /);
  });

  test('the line, once confirmed, makes the host known', async () => {
    const file = join(sshd.dir, 'confirmed');
    const fresh = (name: string) => hostOn(sshd, { name, ssh: { knownHosts: [file] } });
    const [before] = await scanHostKeys([fresh('before')], LIMITS);
    appendFileSync(file, `${before?.line}\n`);
    // Files are looked at once a second at most.
    const deadline = performance.now() + 3000;
    let after = before;
    while (after?.state !== 'known' && performance.now() < deadline) [after] = await scanHostKeys([fresh('after')], LIMITS);
    expect(after?.state).toBe('known');
  });

  test('never logs in to the hosts, only to the jump host before them', async () => {
    const host = hostOn(sshd, { name: 'inner', ssh: { jump: ['bastion'], knownHosts: [] } });
    const before = sshd.log().length;
    const [scanned] = await scanHostKeys([host], { ...LIMITS, host: (name) => (name === 'bastion' ? hostOn(bastion, { name }) : undefined) });
    expect(scanned).toMatchObject({ state: 'unknown', keyType: 'ssh-ed25519' });
    expect(bastion.log()).toContain('Accepted publickey');
    expect(sshd.log().slice(before)).not.toMatch(/Accepted|Failed/);
  });
});
