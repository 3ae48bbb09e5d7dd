import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startClock } from '../../src/lib/clocks.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { CHECK, login } from './client.ts';

test('a slow host gives the same answer after 8 s, and is quick again as soon as it is ok', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const sandbox = await startSandbox({ dataDir, clock: startClock({ speed: 60 }), log: { info() {}, warn() {}, error() {} } });
  const timed = async () => {
    const began = performance.now();
    const { code, stdout } = await session.exec('sh -s', CHECK);
    return { code, bootId: /^boot_id=.*$/m.exec(stdout)?.[0], took: performance.now() - began };
  };
  const session = await login(sandbox, 'web06');
  const before = await timed();
  await sandbox.controls.fault('web06', 'slow');
  const slow = await timed();
  await sandbox.controls.fault('web06', 'ok');
  const after = await timed();

  expect([slow.code, slow.bootId]).toEqual([0, before.bootId]);
  expect(slow.took).toBeGreaterThan(7_900);
  expect(after.took).toBeLessThan(4_000);
  session.end();
  await sandbox.close();
  await rm(dataDir, { recursive: true });
});
