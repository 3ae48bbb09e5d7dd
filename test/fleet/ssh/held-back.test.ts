import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openSsh } from '../../../src/fleet/ssh/open.ts';
import { HeldBack } from '../../../src/fleet/ssh/transport.ts';
import { hostOn, LIMITS } from './hosts.ts';
import { noSshd, startSshd } from './sshd.ts';

vi.mock('../../../src/fleet/scripts/read.ts', () => ({
  readScript: () => ({ text: '# holdfast:mark v1\n: >"$1/been-here"\necho end=mark v1\n', version: 1, root: false }),
}));

test.skipIf(noSshd)('what is stopped while the login goes on is not begun on the host, and the connection serves what comes next', async () => {
  const sshd = await startSshd();
  const ssh = openSsh(LIMITS);
  const dir = mkdtempSync(join(tmpdir(), 'held-back-'));
  let stopped = false;
  const call = { script: 'mark', args: [dir], timeout: 10_000, unless: () => (stopped ? 'stopped by ada' : undefined) };
  const asked = ssh.exec(hostOn(sshd), call);
  stopped = true;
  await expect(asked).rejects.toThrow(HeldBack);
  await expect(ssh.exec(hostOn(sshd), call)).rejects.toThrow('stopped by ada');
  stopped = false;
  expect(readdirSync(dir)).toEqual([]);
  expect(await ssh.exec(hostOn(sshd), call)).toMatchObject({ reach: 'ok', code: 0 });
  expect(readdirSync(dir)).toEqual(['been-here']);
  await ssh.close();
  await sshd.stop();
  rmSync(dir, { recursive: true });
});
