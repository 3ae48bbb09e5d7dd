import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { planLogin } from '../../../src/fleet/ssh/identities.ts';
import { newKeyPair } from '../../../src/sandbox/keys.ts';

test.each([
  [0o600, /none of key opened it$/],
  [0o644, /no key to log in with; .*key can be read by others: chmod 600 it/],
  [0o640, /can be read by others/],
])('a private key of mode %o is used only when no other user can read it, as ssh has it', (mode, says) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'key');
  writeFileSync(path, newKeyPair().private);
  chmodSync(path, mode);
  expect(planLogin({ user: 'ops', own: [path], shared: [] }).explain()).toMatch(says);
});
