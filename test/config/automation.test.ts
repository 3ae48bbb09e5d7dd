import { describe, expect, test } from 'vitest';
import { machinesOf } from '../../src/config/automation.ts';
import { load, problemsOf } from './folder.ts';

const KEY = 'k'.repeat(24);
const HOSTS = 'hosts: { "web[01-03]": { groups: web } }\n';

describe('automation', () => {
  test('gives a machine a name nobody can have, its roles and its scope', async () => {
    const { config } = await load(`${HOSTS}automation: { ci: { key: "${KEY}", role: operator on @web }, probe: { key: "${KEY}2" } }\n`);
    expect(machinesOf(config)).toMatchObject([
      { name: 'machine:ci', roles: [{ role: 'operator', scope: '@web' }], machine: true },
      { name: 'machine:probe', roles: [{ role: 'known' }], machine: true },
    ]);
  });

  test('reads keys from the environment and never shows them', async () => {
    const { config } = await load(`automation: { ci: { key: "\${env:CI_KEY}" } }\n`, {}, { env: { CI_KEY: KEY } });
    expect(config.automation.ci?.key.reveal()).toBe(KEY);
    expect(JSON.stringify(config)).not.toContain(KEY);
  });

  test.each([
    ['a key that could be guessed', 'automation: { ci: { key: short } }', /shorter than 24/],
    ['a key no header carries', `automation: { ci: { key: "two words and more than enough" } }`, /no header carries/],
    ['a machine that says who may do what', `automation: { ci: { key: "${KEY}", role: admin } }`, /is for people/],
    ['one key for two', `automation: { a: { key: "${KEY}" }, b: { key: "${KEY}" } }`, /also that of a/],
    ['a scope nobody knows', `${HOSTS}automation: { ci: { key: "${KEY}", role: operator on @nosuch } }`, /automation\.ci\.role.*nosuch/],
    ['a machine called like the shell', `automation: { console: { key: "${KEY}" } }`, /console/],
    ['FleetLock without a role that takes hosts down', `automation: { z: { key: "${KEY}", fleetlock: {} } }`, /without the role `operator`/],
    [
      'a FleetLock group of nothing',
      `${HOSTS}automation: { z: { key: "${KEY}", role: operator, fleetlock: { groups: { default: "@nosuch" } } } }`,
      /fleetlock\.groups\.default.*nosuch/,
    ],
    [
      'a FleetLock id for no host',
      `${HOSTS}automation: { z: { key: "${KEY}", role: operator, fleetlock: { hosts: { abc: db01 } } } }`,
      /there is no host `db01`/,
    ],
    ['an address for everybody without a key', 'listen: { private: { host: 0.0.0.0 } }', /can be reached from other machines/],
    ['an address that is none', 'listen: { private: { host: everywhere } }', /must be an address/],
  ])('refuses %s, with its place', async (_what, text, says) => {
    const problems = await problemsOf(`${text}\n`);
    expect(problems.join('\n')).toMatch(says);
    expect(problems.join('\n')).not.toContain(KEY);
  });

  test('a key written into a file that everyone can read is said', async () => {
    expect((await problemsOf(`automation: { ci: { key: "${KEY}" } }\n`, {}, { mode: 0o644 })).join()).toMatch(/holds a key, and everyone on this machine/);
  });

  test('with keys, other machines may reach it', async () => {
    const { config } = await load(`automation: { ci: { key: "${KEY}" } }\nlisten: { private: { host: 0.0.0.0, port: 9000 } }\n`);
    expect(config.listen.private).toEqual({ host: '0.0.0.0', port: 9000 });
  });

  test('unsaid, only this machine can', async () => {
    expect((await load('name: x\n')).config.listen.private).toEqual({ host: '127.0.0.1', port: undefined });
  });
});
