import { chmodSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { folderWith, problemsOf } from './folder.ts';

describe('a configuration that could be turned against its owner', () => {
  test('is refused when everyone on the machine can change it: it names programs that are run', async () => {
    expect(await problemsOf('hosts: { web01: }\n', {}, { mode: 0o600 })).toEqual([]);
    const folder = folderWith({ 'holdfast.yaml': 'hosts: { web01: }\n' });
    // Past the umask, which would hide the bit.
    chmodSync(`${folder}/holdfast.yaml`, 0o666);
    await expect(loadConfig(`${folder}/holdfast.yaml`, { env: {}, home: folder })).rejects.toThrow(/can be changed by everyone .* `chmod o-w /);
  });

  test.each(['http://ops:hunter2@localhost/', 'https://hunter2@localhost/x'])(
    'may not probe %s: its password would stand in messages and in process lists',
    async (url) => {
      const [problem = ''] = await problemsOf(`groups: { web: { probes: [{ http: "${url}" }] } }\n`);
      expect(problem).toMatch(/has a user or password in it/);
      expect(problem).not.toContain('hunter2');
    },
  );

  test('may probe an address that has an @ elsewhere', async () => {
    expect(await problemsOf('hosts: { web01: { groups: web } }\ngroups: { web: { probes: [{ http: "http://localhost/@me?mail=a@b" }] } }\n')).toEqual([]);
  });

  test.each(['hosts', 'people', 'groups', 'sites'])('does not lose `__proto__` under %s without a word', async (section) => {
    expect(await problemsOf(`${section}:\n  __proto__: {}\n`)).toEqual([expect.stringMatching(/^2:3: `__proto__` can be no name/)]);
  });
});
