import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runInit } from '../../src/config/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { sshLimits } from '../../src/config/ssh-limits.ts';
import type { Host } from '../../src/fleet/host.ts';
import { openSsh } from '../../src/fleet/ssh/open.ts';
import { scanHostKeys } from '../../src/fleet/ssh/scan.ts';
import { noSshd, startSshd } from '../fleet/ssh/sshd.ts';
import { folderWith } from './folder.ts';

describe.skipIf(noSshd)('first contact with a real sshd', () => {
  test('nobody is logged in to before a person has confirmed the key; afterwards it works', async () => {
    const sshd = await startSshd();
    try {
      const ssh = ['a1', 'a2', 'a3'].map(
        (name) => `Host ${name}\n  HostName ${sshd.address}\n  Port ${sshd.port}\n  User ${sshd.user}\n  IdentityFile ${sshd.identity}\n`,
      );
      const home = folderWith({ 'my.cfg': `${ssh.join('')}Host gone\n  HostName 127.0.0.1\n  Port 1\n` });
      const out = join(home, 'holdfast.yaml');
      const printed: string[] = [];
      const init = { out, sshConfig: join(home, 'my.cfg'), home, env: { USER: sshd.user }, scan: scanHostKeys, print: (line: string) => printed.push(line) };
      const reach = async (): Promise<string> => {
        const { config, fleet } = await loadConfig(out, { env: {}, home });
        const room = openSsh(sshLimits(config, () => fleet, sshd.user));
        const { reach } = await room.exec(fleet.hosts.get('a2') as Host, { script: 'check', args: [], timeout: 30_000 });
        await room.close();
        return reach;
      };

      expect(await runInit({ ...init, interactive: false })).toBe(0);
      expect(printed.join('\n')).toMatch(/1 key of 3 hosts nobody has confirmed yet:\n {2}SHA256:\S+ {2}a\[1-3\]/);
      expect(printed.join('\n')).toMatch(/No key from gone: refused/);
      expect(await reach()).toBe('key-mismatch');

      expect(await runInit({ ...init, confirmKeys: true, interactive: true, ask: async () => true })).toBe(0);
      expect(printed.join('\n')).toMatch(/Taken: 1 key of 3 hosts, kept in .*known_hosts\./);
      await expect.poll(reach, { timeout: 10_000 }).toBe('ok');
    } finally {
      await sshd.stop();
    }
  });
});
