import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askSshConfig } from '../../../src/fleet/inventory/ssh-config.ts';
import { readSshConfig } from '../../../src/fleet/inventory/ssh-config-read.ts';
import { newFolder } from './folder.ts';

const ssh = hasSsh();

function hasSsh(): boolean {
  try {
    execFileSync('ssh', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const names = ['web01', 'web02', 'db01', 'lab.example.org'];
const pattern = fc.constantFrom(...names, 'web*', 'db0?', '*', '*.example.org', '!web02', '!db*');
const list = fc.array(pattern, { minLength: 1, maxLength: 3 });
const header = fc.oneof(
  { weight: 3, arbitrary: list.map((patterns) => `Host ${patterns.join(' ')}`) },
  list.map((patterns) => `Match host ${patterns.join(',')}`),
  list.map((patterns) => `Match originalhost ${patterns.join(',')}`),
  fc.constantFrom('ada', 'root', '!root', 'a*').map((user) => `Match user ${user}`),
  fc.constant('Match all'),
  fc.tuple(list, fc.constantFrom('ada', 'root')).map(([patterns, user]) => `Match host ${patterns.join(',')} user ${user}`),
);
const setting = fc.oneof(
  fc.constantFrom('HostName %h.example.net', 'HostName 192.0.2.7', 'hostname=db01', 'HostName %h'),
  fc.integer({ min: 1, max: 65_535 }).map((port) => `Port ${port}`),
  fc.constantFrom('User ada', 'User root', 'User "ada"'),
  fc.constantFrom('ProxyJump gw', 'ProxyJump ada@gw:2022,inner', 'ProxyJump none'),
  fc.constantFrom('IdentityFile /keys/a', 'IdentityFile "/keys/b c"', 'IdentityFile /keys/%h-%r', 'IdentityFile none'),
  fc.constantFrom('HostKeyAlias fleet', 'UserKnownHostsFile /known/a /known/b', 'GlobalKnownHostsFile /known/g'),
);
const block = fc
  .tuple(header, fc.array(setting, { minLength: 1, maxLength: 4 }))
  .map(([first, settings]) => [first, ...settings.map((one) => `  ${one}`)].join('\n'));
const config = fc
  .tuple(fc.array(setting, { maxLength: 1 }), fc.array(block, { minLength: 1, maxLength: 6 }))
  .map(([top, blocks]) => `${[...top, ...blocks].join('\n')}\n`);

test.skipIf(!ssh)(`random ssh configs mean the same here as to \`ssh -G\`${ssh ? '' : ': no ssh client is installed'}`, async () => {
  const folder = newFolder();
  await fc.assert(
    fc.asyncProperty(config, fc.constantFrom(...names), async (text, name) => {
      const file = folder.write('config', text);
      const theirs = askSsh(file, name);
      const ours = askSshConfig(await readSshConfig(file, folder.path, []), folder.path).connectionOf(name);
      const one = (key: string): string | undefined => theirs.get(key)?.[0];
      expect(ours.address).toBe(one('hostname'));
      expect(String(ours.port ?? 22)).toBe(one('port'));
      if (ours.user) expect(ours.user).toBe(one('user'));
      expect((ours.jump ?? []).join(',')).toBe((one('proxyjump') ?? 'none').replace(/^none$/, ''));
      expect(ours.hostKeyAlias).toBe(one('hostkeyalias'));
      if (ours.userKnownHosts) expect(ours.userKnownHosts.join(' ')).toBe(one('userknownhostsfile'));
      if (ours.globalKnownHosts) expect(ours.globalKnownHosts.join(' ')).toBe(one('globalknownhostsfile'));
      // ssh prints identity files before it fills in their tokens.
      if (ours.identityFiles)
        expect(ours.identityFiles).toEqual(
          theirs
            .get('identityfile')
            ?.filter((path) => path !== 'none')
            .map((path) => path.replace('%h', ours.address as string).replace('%r', one('user') as string)),
        );
    }),
    { numRuns: 150 },
  );
});

function askSsh(file: string, name: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const line of execFileSync('ssh', ['-G', '-F', file, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')) {
    const [, key, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (key && value !== undefined) settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}
