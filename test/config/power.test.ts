import { describe, expect, test } from 'vitest';
import { load, problemsOf } from './folder.ts';

const HOSTS = 'hosts:\n  kvm01: { vars: { bmc: 10.0.0.1 } }\n  kvm02:\n  web01: { parent: kvm01 }\n  web02:\n';
const ipmi = (more = '') => `  bmc:\n    hosts: kvm01\n    ipmi: { user: ops, password: "\${file:pw}"${more} }\n`;

describe('the power of hosts in the configuration', () => {
  test('is a class with its hosts and one way to reach them, with what nobody said filled in', async () => {
    const { config } = await load(`${HOSTS}power:\n${ipmi()}  guests: { hosts: web01, virsh: {} }\n`, { pw: 's3cret\n' });
    expect(config.power.bmc).toMatchObject({ ipmi: { address: '{bmc}', port: 623, cipher: 17, interface: 'lanplus', privilege: 'administrator' } });
    expect('ipmi' in (config.power.bmc ?? {}) && JSON.stringify(config.power)).not.toContain('s3cret');
    expect(config.power.guests).toMatchObject({ virsh: { on: '{parent}', domain: '{host}', uri: 'qemu:///system' } });
  });

  test.each([
    ['hosts: "@nosuch"', '6:12: `power.bmc.hosts` names @nosuch, which is no group'],
    ['hosts: kvm09', '6:12: `power.bmc.hosts` '],
    ['hosts: "kvm01 where uptime > 3d"', '6:12: `power.bmc.hosts` has a `where`: what the power of a host is must not depend on what was last seen of it'],
    ['hosts: "kvm01,kvm02"', '7:5: `power.bmc.ipmi.address` has `{bmc}`, and kvm02 has no variable `bmc`'],
  ])('%s is refused with its place', async (hosts, says) => {
    const text = `power:\n${ipmi()}`.replace('hosts: kvm01', hosts);
    const body = text.split('\n').slice(1).join('\n');
    const found = await problemsOf(`hosts:\n  kvm01: { vars: { bmc: 10.0.0.1 } }\n  kvm02:\npower:\n${body}`, { pw: 'x\n' });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(says);
  });

  test('a host in two classes, a guest without a parent and a placeholder nobody fills are told', async () => {
    const text = `${HOSTS}power:
  one: { hosts: "web[01-02]", virsh: {} }
  two: { hosts: web01, command: { status: [state, "{rack}"] } }
`;
    expect(await problemsOf(text)).toEqual([
      '7:31: `power.one.virsh.on` has `{parent}`, and web02 has no parent',
      '8:17: `power.two.hosts` names web01, which `power.one` names too: one class a host',
      '8:51: `power.two.command.status` has `{rack}`, and web01 has no variable `rack`',
    ]);
  });

  test('a variable that would be read as an option or by a shell is never filled in', async () => {
    const hostile = (value: string) => `hosts:\n  a: { vars: { bmc: "${value}" } }\npower:\n  bmc: { hosts: a, ipmi: { user: u, password: "\${file:pw}" } }\n`;
    for (const value of ['-I open', '$(reboot)', 'a;b', 'a b'])
      expect(await problemsOf(hostile(value), { pw: 'x' })).toEqual([expect.stringContaining('what a has for it is no plain word')]);
    expect(await problemsOf(hostile('fe80::1%eth0'), { pw: 'x' })).toEqual([]);
  });

  test('passwords: only from a file or the environment where others can read, and no longer than a BMC keeps', async () => {
    const written = `${HOSTS}power:\n${ipmi()}`.replace('${file:pw}', 'hunter2');
    expect(await problemsOf(written, {}, { mode: 0o600 })).toEqual([]);
    expect((await problemsOf(written, {}, { mode: 0o644 }))[0]).toMatch(
      /`power\.bmc\.ipmi\.password` holds a password, and everyone .* `\$\{file:bmc-password\}`/,
    );
    expect(await problemsOf(`${HOSTS}power:\n${ipmi()}`, { pw: 'twenty-one-bytes-long' })).toEqual([
      expect.stringContaining('`power.bmc.ipmi.password` is longer than the 20 bytes IPMI takes'),
    ]);
    expect(await problemsOf(`${HOSTS}power:\n  c: { hosts: web01, command: { status: [state, "\${env:TOKEN}"] } }\n`)).toEqual([
      expect.stringContaining('only secrets are read that way'),
    ]);
  });

  test('what is no class at all is told with what there is', async () => {
    expect(await problemsOf(`${HOSTS}power:\n  a: { hosts: web01 }\n`)).toEqual([expect.stringMatching(/`power\.a` needs one of `ipmi`, `command`, `virsh`/)]);
    expect(await problemsOf(`${HOSTS}power:\n  a: { hosts: kvm01, ipmi: { user: u, pasword: x } }\n`)).toEqual(
      expect.arrayContaining([expect.stringContaining('did you mean `password`')]),
    );
  });
});
