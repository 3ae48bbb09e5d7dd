import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configDocs } from '../../docs/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import { packageRoot } from '../../src/root.ts';
import { folderWith } from './folder.ts';

describe('what is shipped beside the code', () => {
  test.each(configDocs())('$path is what the code says (else: npm run docs)', ({ path, text }) => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('the example loads, also when git made it readable for everyone', async () => {
    const folder = folderWith({});
    cpSync(join(packageRoot, 'examples'), folder, { recursive: true });
    chmodSync(join(folder, 'holdfast.yaml'), 0o644);
    const env = {
      HOLDFAST_DB_PASSWORD: 'x',
      HOLDFAST_REDIS_PASSWORD: 'y',
      KIM_NTFY: 'z',
      TWILIO_TOKEN: 't',
      HEARTBEAT_URL: 'https://hc.example.org/1',
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_APP_TOKEN: 'xapp-1',
      DISCORD_TOKEN: 'd.t',
    };
    const { config, fleet, people } = await loadConfig(join(folder, 'holdfast.yaml'), { env, home: folder });
    expect(fleet.groups.get('old')).toEqual(['web01.example.org']);
    expect(fleet.hosts.get('kvm01.bne.example.org')?.ssh.jump).toEqual(['mon01']);
    expect(people.map(({ name }) => name)).toEqual(['ada', 'pepe', 'kim']);
    // It shows all there is.
    for (const section of Object.keys(ConfigSchema.shape)) expect(config, section).toHaveProperty(section);
  });

  test('docs/configuration.md explains every section, and nothing that is not there', () => {
    const page = readFileSync(join(packageRoot, 'docs', 'configuration.md'), 'utf8');
    const headed = [...page.matchAll(/^## `(\w+)`/gm)].map(([, name]) => name);
    expect(headed.sort()).toEqual(Object.keys(ConfigSchema.shape).sort());
  });

  test.skipIf(spawnSync('systemd-analyze', ['--version']).error)(
    'the systemd unit is one systemd understands (skipped where there is no systemd-analyze)',
    () => {
      const unit = readFileSync(join(packageRoot, 'contrib', 'holdfast.service'), 'utf8').replace('/usr/bin/node', '/bin/true');
      const folder = folderWith({ 'holdfast.service': unit });
      const { stderr, status } = spawnSync('systemd-analyze', ['verify', join(folder, 'holdfast.service')], { encoding: 'utf8' });
      expect(stderr.split('\n').filter((line) => line.includes('holdfast.service'))).toEqual([]);
      expect(status).toBe(0);
    },
  );
});
