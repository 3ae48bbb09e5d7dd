import { expect, test } from 'vitest';
import { readScript } from '../../../src/fleet/scripts/read.ts';

test('a script is read by its name, with the version it gives itself', () => {
  const script = readScript('reach');
  expect(script.text.startsWith(`# holdfast:reach v${script.version}\n`)).toBe(true);
  expect(readScript('reach')).toBe(script);
});

test('nothing but a plain name is looked for on disk', () => {
  for (const name of ['../../etc/passwd', 'reach.sh', 'Reach', '', '-x', 'a/b', 'reach\n']) expect(() => readScript(name)).toThrow('is no script name');
  expect(() => readScript('nosuch')).toThrow('ENOENT');
});
