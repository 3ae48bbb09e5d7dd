import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigProblems, loadConfig } from '../../src/config/load.ts';
import { folderWith, load, problemsOf } from './folder.ts';

const HOSTS = `hosts:
  web[01-03]: { ring: prod }
  db1:
groups:
  web: { hosts: "web[01-03]" }
`;

describe('a configuration that holds', () => {
  test('brings hosts, groups and people, with what nobody said filled in', async () => {
    const { config, fleet, people, file } = await load(`name: ours
timezone: Europe/Berlin
${HOSTS}people:
  ada: { name: Ada Lovelace, role: admin, login: ada, timezone: Europe/London }
  kim: { role: [known, operator on @web], login: [kim, kimberly] }
  pepe:
ssh: { connect: 8s }
`);
    expect([...fleet.hosts.keys()]).toEqual(['web01', 'web02', 'web03', 'db1']);
    expect(fleet.groups.get('prod')).toEqual(['web01', 'web02', 'web03']);
    expect(people).toEqual([
      { name: 'ada', display: 'Ada Lovelace', roles: [{ role: 'admin' }], zone: 'Europe/London', logins: ['ada'] },
      { name: 'kim', display: 'kim', roles: [{ role: 'known' }, { role: 'operator', scope: '@web' }], zone: 'Europe/Berlin', logins: ['kim', 'kimberly'] },
      { name: 'pepe', display: 'pepe', roles: [{ role: 'known' }], zone: 'Europe/Berlin' },
    ]);
    expect(config.ssh).toMatchObject({ connect: 8000, banner: 5000, auth: 8000, concurrency: 64 });
    expect(file.startsWith('/')).toBe(true);
  });

  test('takes an Ansible inventory as it is, relative to itself', async () => {
    const { fleet } = await load('inventory:\n  - ansible: hosts.ini\n', { 'hosts.ini': '[web]\nweb[1:2] ansible_port=2200\n' });
    expect(fleet.groups.get('web')).toEqual(['web1', 'web2']);
    expect(fleet.hosts.get('web1')?.port).toBe(2200);
  });

  test('keeps its data beside itself, or where HOLDFAST_DATA says', async () => {
    const { config, file } = await load(HOSTS);
    expect(config.data).toBe(join(file, '..', 'data'));
    expect((await load(`${HOSTS}data: /var/lib/here\n`)).config.data).toBe('/var/lib/here');
    expect((await load(`${HOSTS}data: /var/lib/here\n`, {}, { env: { HOLDFAST_DATA: '/var/lib/there' } })).config.data).toBe('/var/lib/there');
  });

  test('sections with nothing in them are empty, anchors and merge keys mean what YAML says', async () => {
    const { config } = await load(
      'people:\ninventory:\ngroups:\ndefaults:\nhosts:\n  a1: &common { ring: prod, user: ops }\n  a2: { <<: *common, user: root }\n',
    );
    expect(config.hosts.a2).toEqual({ ring: 'prod', user: 'root' });
    expect(config.people).toEqual({});
  });
});

describe('a configuration that does not hold', () => {
  test('says everything that is wrong at once, each with its line and column', async () => {
    const found = await problemsOf(`name: ours
timezon: UTC
timezone: Mars/Olympus
hosts:
  web01: { port: ssh, usr: root }
  web02:
  web01: { port: 2222 }
people:
  Ada: { role: admin }
  ada: { role: emperor, phone: +441632960001 }
  kim: { role: operator on @wbe, discord: 123456789012345678 }
  lee: { login: kim }
  max: { login: kim }
groups:
  web: { hosts: "web[01-02]", owner: adda }
  broken: [unclosed
inventory:
  - ansible: 5
  - ansibel: hosts.ini
ssh:
  connect: 5
  auth: 8 parsecs
defaults:
  soak.canry: 5m
redis: { url: "redis://h" }
`);
    expect(found).toEqual([
      expect.stringMatching(/^2:1: `timezon` is not known; did you mean `timezone`\?$/),
      expect.stringMatching(/^3:11: `timezone` "Mars\/Olympus" is no time zone/),
      expect.stringMatching(/^7:3: `web01` is given twice, first on line 5; keep one$/),
      expect.stringMatching(/^9:3: `Ada` is no name for a person: small letters/),
      expect.stringMatching(/^10:16: `people\.ada\.role` "emperor" is no role; write `known`, `operator` or `admin`/),
      expect.stringMatching(/^10:32: `people\.ada\.phone` must be a text, is a number: put it in quotes$/),
      expect.stringMatching(/^11:16: `people\.kim\.role` No host matches "@wbe"\. Did you mean @web/),
      expect.stringMatching(/^11:43: `people\.kim\.discord` must be a text, is a number: put it in quotes$/),
      expect.stringMatching(/^13:17: `people\.max\.login` is also that of lee/),
      expect.stringMatching(/^15:38: `groups\.web\.owner`: nobody under `people` is called `adda`; did you mean `ada`\?$/),
      expect.stringMatching(/^16:3: `groups\.broken` must be a block of `key: value` lines, is a list$/),
      expect.stringMatching(/^17:1: cannot be read as YAML: flow sequence in block collection must be sufficiently indented and end with a \]/),
      expect.stringMatching(/^18:14: `inventory\[1\]\.ansible` must be a text, is a number: put it in quotes$/),
      expect.stringMatching(/^19:5: `ansibel` is not known in `inventory\[2\]`; did you mean `ansible`\?$/),
      expect.stringMatching(/^21:12: `ssh\.connect` must be a duration with its unit/),
      expect.stringMatching(/^22:9: `ssh\.auth` "8 parsecs" is no duration/),
      expect.stringMatching(/^24:3: `soak\.canry` is not known in `defaults`; did you mean `soak\.canary`\?$/),
      expect.stringMatching(/^25:1: `redis` needs `database`/),
    ]);
  });

  test('its message names file, line and column, so that a terminal can open them', async () => {
    const folder = folderWith({ 'holdfast.yaml': 'name: 5\nhosts: 7\n' });
    const file = join(folder, 'holdfast.yaml');
    const error = await loadConfig(file, { env: {}, home: folder }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigProblems);
    expect((error as Error).message.split('\n')).toEqual([
      `${file}:1:7: \`name\` must be a text, is a number: put it in quotes`,
      `${file}:2:8: \`hosts\` must be a block of \`key: value\` lines, is a number`,
    ]);
  });

  test.each([
    ['a host of two places', 'hosts: { "web[01-03]": { ring: prod }, web02: { ring: lab } }', /web02 has ring lab under web02 and prod under web\[01-03\]/],
    ['a host of a group that does not exist', 'hosts: { web01: {} }\ngroups: { web: { hosts: "web[01-02]" } }', /web02/],
    ['a parent nobody knows', 'hosts: { web01: { parent: kvm01 } }', /kvm01/],
    ['an inventory that is not there', 'inventory:\n  - ansible: nowhere.ini', /nowhere\.ini/],
    ['an inventory command that fails', 'inventory:\n  - ansible_command: ["false"]', /false/],
    ['a key under ssh in defaults', 'defaults: { ssh.connect: 5s }', /`ssh\.connect` is set as `connect` under `ssh`/],
    ['a probe that asks nothing', 'groups: { web: { probes: [{ name: x }] } }', /needs one of `port`, `http`, `command`/],
    ['a probe that asks two things', 'groups: { web: { probes: [{ port: 1, http: "http://x/" }] } }', /`http` does not go with what stands beside it/],
    ['a source that is two', 'inventory: [{ ansible_command: [echo, "{}"], ssh_config: b }]', /`ssh_config` does not go with what stands beside it/],
    ['a log server that is told no host', 'log_server: { command: [tail] }', /has no `\{host\}`/],
    ['a run book that is not there', 'groups: { web: { runbook: web.md } }', /there is no file .*web\.md/],
    ['a hazard that asks nonsense', 'hazards: [{ name: x, severity: info, text: y, when: "uptime >" }]', /hazard `x`: /],
    ['a hazard about a fact nobody has', 'hazards: [{ name: x, severity: info, text: y, when: "uptme > 5d" }]', /uptme/],
    ['a hazard without a severity', 'hazards: [{ name: x, text: y, when: "uptime > 5d" }]', /lacks `severity`: it must be `info`, `warning` or `critical`/],
    ['a scope that cannot be read', 'people: { ada: { role: "operator on @web (x)" } }', /parentheses/],
    ['a scope of an owner nobody knows', 'people: { ada: { role: "operator on @owner:pepe" } }', /nobody under `people` is called `pepe`/],
    ['a word that is taken', 'people: { console: {} }', /`console` means something else/],
    ['a share without end', 'defaults: { batch.share: 500 }', /percent/],
    ['an alias that leads nowhere', 'name: *nobody', /YAML/],
    ['a key left empty', 'database:\n  url:', /`database\.url` is empty/],
    ['two documents', 'name: a\n---\nname: b', /YAML/],
    ['a list instead of a configuration', '- a\n- b', /the file must be a block/],
  ])('%s', async (_, text, says) => {
    const found = await problemsOf(`${text}\n`);
    expect(found.join('\n')).toMatch(says);
    // One mistake is one problem.
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^\d+:\d+: /);
  });

  test('a problem in an inventory names that file and its line', async () => {
    const error = await load('inventory: [{ ansible: hosts.ini }]\n', { 'hosts.ini': '[web]\nweb1\n[web:nonsense]\n' }).catch((thrown: unknown) => thrown);
    expect((error as ConfigProblems).problems).toEqual([expect.objectContaining({ file: expect.stringMatching(/hosts\.ini$/), line: 3 })]);
  });

  test('an entry left out for its mistakes does not shift the lines of those behind it', async () => {
    expect(await problemsOf('hazards:\n  - 5\n  - nothing\n  - { name: x, severity: info, text: y, when: "uptime >" }\n')).toEqual([
      expect.stringMatching(/^2:5: `hazards\[1\]` must be a block/),
      expect.stringMatching(/^3:5: `hazards\[2\]` must be a block/),
      expect.stringMatching(/^4:47: hazard `x`: /),
    ]);
  });

  test('a list that is wrong and holds something wrong is said for both', async () => {
    expect(await problemsOf('log_server: { command: [tail, ""] }\n')).toEqual([
      expect.stringMatching(/^1:15: `log_server\.command` has no `\{host\}`/),
      expect.stringMatching(/^1:31: `log_server\.command\[2\]` is empty/),
    ]);
  });

  test('nor do several left out of lists within lists', async () => {
    const found = await problemsOf(
      'log_server: { command: ["x{host}"] }\nhazards:\n  - 5\n  - 5\npeople:\n  ada: { role: [king, operator, "operator on @nowhere"], login: [5, ada] }\n  kim: { login: ada }\n',
    );
    expect(found.map((one) => one.split(':').slice(0, 2).join(':'))).toEqual(['3:5', '4:5', '6:17', '6:33', '6:66', '7:17']);
  });

  test('whatever stands in a file, each problem is one line without control characters', async () => {
    const error = await load('"evil\\e[2J\\nkey\\u202e": 1\n').catch((thrown: unknown) => thrown);
    expect((error as Error).message.split(': ').slice(1).join(': ')).toMatch(/^`evil\\u001b\[2J key\\u202e` is not known; there is/);
  });

  test('a bomb of aliases is refused, not expanded', async () => {
    const lines = [
      'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(', ')}]`),
    ];
    expect((await problemsOf(`${lines.join('\n')}\n`)).join('\n')).toMatch(/alias/i);
  });

  test('a missing, an empty and an unreadable one each say what to do', async () => {
    const folder = folderWith({ 'empty.yaml': '# nothing yet\n' });
    const messageOf = (name: string) => loadConfig(join(folder, name), { env: {}, home: folder }).catch((error: Error) => error.message);
    expect(await messageOf('none.yaml')).toMatch(/none\.yaml: does not exist: run `npx holdfast init/);
    expect(await messageOf('empty.yaml')).toMatch(/empty\.yaml: is empty: run `npx holdfast init/);
    expect(await messageOf('.')).toMatch(/is a folder/);
  });
});
