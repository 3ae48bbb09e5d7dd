import { describe, expect, test } from 'vitest';
import type { Fleet } from '../../../src/fleet/fleet.ts';
import { judgeFleet } from '../../../src/fleet/hazards/fleet.ts';
import type { Facts, Host, HostState } from '../../../src/fleet/host.ts';

const host = (name: string, more: Partial<Host> = {}): Host => ({
  name,
  address: name,
  port: 22,
  groups: [],
  redundancy: [],
  vars: {},
  ssh: { jump: [], identityFiles: [], knownHosts: [], transport: 'ssh2' },
  ...more,
});
const fleet = (...hosts: Host[]): Fleet => ({ hosts: new Map(hosts.map((one) => [one.name, one])), groups: new Map() });
const states = (facts: Record<string, Facts>): Map<string, HostState> =>
  new Map(Object.entries(facts).map(([name, own]) => [name, { host: name, reach: 'ok', askedAt: 0, facts: own, findings: [] }]));

describe('what no host shows by itself', () => {
  test('bender: both mysql-proxies and Zabbix on one machine', () => {
    const found = judgeFleet(
      fleet(
        host('bender'),
        host('mysql-proxy01', { parent: 'bender', redundancy: ['mysql-proxy'] }),
        host('mysql-proxy02', { parent: 'bender', redundancy: ['mysql-proxy'] }),
        host('zabbix', { parent: 'bender', alertPath: true }),
      ),
    );
    expect(found.get('bender')?.map(({ hazard }) => hazard)).toEqual(['redundancy-together', 'carries-alert-path']);
    expect(found.get('mysql-proxy01')?.[0]?.text).toBe('mysql-proxy[01-02] of redundancy group mysql-proxy all stand on bender: they go down together');
    expect(found.get('mysql-proxy02')).toHaveLength(1);
    expect(found.get('zabbix')).toBeUndefined();
  });

  test('members on different parents, and members of different groups, are fine', () => {
    expect(
      judgeFleet(
        fleet(host('a', { parent: 'x', redundancy: ['g'] }), host('b', { parent: 'y', redundancy: ['g'] }), host('c', { parent: 'x', redundancy: ['h'] })),
      ).size,
    ).toBe(0);
  });

  test('one machine under several names and clones with one machine-id are told apart', () => {
    const found = judgeFleet(
      fleet(host('a1'), host('a2'), host('b1'), host('b2'), host('c')),
      states({
        a1: { machine_id: 'm1', boot_id: 'x' },
        a2: { machine_id: 'm1', boot_id: 'x' },
        b1: { machine_id: 'm2', boot_id: 'y' },
        b2: { machine_id: 'm2', boot_id: 'z' },
        c: { machine_id: 'm3' },
        gone: { machine_id: 'm3' },
      }),
    );
    expect(found.get('a1')?.[0]?.text).toBe('one machine under 2 names: a[1-2]');
    expect(found.get('b2')?.[0]?.text).toBe('machines that share the machine-id m2… (cloned?): b[1-2]');
    expect(found.get('c')).toBeUndefined();
  });

  test('a circle of parents in the inventory ends', () => {
    expect(judgeFleet(fleet(host('a', { parent: 'b', alertPath: true }), host('b', { parent: 'a' }))).has('b')).toBe(true);
  });

  test('5,000 hosts take well under a second', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => host(`h${i}`, { parent: `p${i % 500}`, redundancy: [`g${i % 700}`], alertPath: i % 100 === 0 }));
    const began = performance.now();
    judgeFleet(fleet(...many), states(Object.fromEntries(many.map(({ name }, i) => [name, { machine_id: String(i % 4_000), boot_id: name }]))));
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
