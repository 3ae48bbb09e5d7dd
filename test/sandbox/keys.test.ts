import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { keyPairs, newKeyPair } from '../../src/sandbox/keys.ts';

test('every key that is made can be read again, also the one in 256 that ssh2 spoils', () => {
  for (let i = 0; i < 3000; i++) {
    const pair = newKeyPair();
    for (const half of [pair.private, pair.public]) expect(ssh2.utils.parseKey(half)).not.toBeInstanceOf(Error);
  }
});

test('keys are made once, kept in a file for their owner alone, and added to for new names', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'keys-'));
  const file = join(dir, 'keys.json');
  const [web01] = [...(await keyPairs(file, ['web01'])).values()];
  const both = await keyPairs(file, ['web01', 'web02']);
  expect(both.get('web01')).toEqual(web01);
  expect(both.get('web02')?.private).not.toBe(web01?.private);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await rm(dir, { recursive: true });
});
