import { appendFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Loaded } from '../../src/config/load.ts';
import { reload } from '../../src/config/reload.ts';
import { load } from './folder.ts';

const TEXT = 'hosts:\n  web01: { ring: prod }\n  web02: { ring: prod }\n';

const at = ({ file }: Loaded) => ({ env: {}, home: dirname(file) });

describe('reading the configuration again', () => {
  test('swaps in what changed and says it', async () => {
    const before = await load(TEXT);
    writeFileSync(before.file, 'hosts:\n  web01: { ring: lab }\n  web03:\npeople: { ada: {} }\ndefaults: { soak.canary: 5m }\n');
    const after = await reload(before, at(before));
    expect(after).toMatchObject({ kind: 'swapped', restart: [], problems: [] });
    expect([...after.loaded.fleet.hosts.keys()]).toEqual(['web01', 'web03']);
    expect(after.says).toContain('hosts +1 −1 ~1 (2 now)');
    expect(after.says).toContain('people, defaults');
  });

  test('a host that is new in the inventory counts, though the configuration is the same', async () => {
    const before = await load('inventory: [{ ansible: hosts.ini }]\n', { 'hosts.ini': 'a1\n' });
    appendFileSync(`${dirname(before.file)}/hosts.ini`, 'a2\n');
    expect((await reload(before, at(before))).says).toContain('hosts +1 (2 now)');
  });

  test('roles by groups of a platform change at once, how it is connected to at the next start', async () => {
    const before = await load('discord: { token: t }\n');
    writeFileSync(before.file, 'discord: { token: t, groups: { "112233445566778899": operator } }\n');
    const after = await reload(before, at(before));
    expect([after.restart, after.says]).toEqual([[], expect.stringContaining('In force now: discord.')]);
    writeFileSync(before.file, 'discord: { token: other }\n');
    expect((await reload(before, at(before))).restart).toEqual(['discord']);
  });

  test('a platform that is new is no way to anybody until a restart, and one that is gone still is', async () => {
    const before = await load('discord: { token: t }\n');
    writeFileSync(before.file, 'slack: { app_token: xapp-1, bot_token: xoxb-1 }\n');
    const after = await reload(before, at(before));
    expect(after.restart).toEqual(expect.arrayContaining(['slack', 'discord']));
    expect(after.loaded.config.slack).toBeUndefined();
    expect(after.loaded.config.discord?.token?.reveal()).toBe('t');
  });

  test('what is wrong is refused whole: the one in force stays, and why is said', async () => {
    const before = await load(TEXT);
    writeFileSync(before.file, `${TEXT}  web01:\npeople: { ada: { role: king } }\n`);
    const after = await reload(before, at(before));
    expect(after.kind).toBe('kept');
    expect(after.loaded).toBe(before);
    expect(after.problems).toHaveLength(2);
    expect(after.says).toMatch(/has 2 problems; what was in force stays\.\n.*:4:3: `web01` is given twice/);
  });

  test('data, database and redis stay as they were until a restart, and that is said', async () => {
    const before = await load(`${TEXT}database: { url: "postgres://h/a" }\n`);
    writeFileSync(before.file, `${TEXT}name: renamed\ndata: ./elsewhere\ndatabase: { url: "postgres://h/b" }\n`);
    const after = await reload(before, at(before));
    expect(after).toMatchObject({ kind: 'swapped', restart: expect.arrayContaining(['data', 'database']) });
    expect(after.says).toMatch(/In force now: name\. Needs a restart, as before until then: .*data/);
    expect(after.loaded.config.database?.url.reveal()).toBe('postgres://h/a');
    expect(after.loaded.config.data).toBe(before.config.data);
    expect(after.loaded.config.name).toBe('renamed');
  });

  test('nothing changed is said too', async () => {
    const before = await load(`${TEXT}database: { url: "postgres://h/a" }\n`);
    expect(await reload(before, at(before))).toMatchObject({ kind: 'same', loaded: before });
  });
});
