import { describe, expect, test } from 'vitest';
import type { Facts } from '../../src/fleet/host.ts';
import { parseTarget } from '../../src/fleet/target/parse.ts';
import { outcomeTable } from '../../src/rollout/outcome-table.ts';
import type { TouchedHost } from '../../src/rollout/outcomes/touched.ts';

const FROM = { from: 'package "linux-image*"', run: 'R1' };

/** So many hosts with these facts, of which the first `lost` were lost. */
let number = 0;
const some = (count: number, lost: number, facts: Facts, more: Partial<TouchedHost> = {}): TouchedHost[] =>
  Array.from({ length: count }, (_, n) => ({
    host: `node${String(++number).padStart(2, '0')}`,
    outcome: n < lost ? 'lost' : 'ok',
    facts: { machine_id: `m${number}`, boot_id: `b${number}`, ...facts },
    ...more,
  }));

/** Instaclustr, 2022: ten on Xen 4.2 of which nine did not boot, six on 4.11, four on Nitro; families cross them. */
const instaclustr = [
  ...some(4, 4, { xen: '4.2.amazon', virt: 'xen', cloud: 'aws', instance_family: 'i3' }),
  ...some(3, 2, { xen: '4.2.amazon', virt: 'xen', cloud: 'aws', instance_family: 'r4' }),
  ...some(3, 3, { xen: '4.2.amazon', virt: 'xen', cloud: 'aws', instance_family: 'm4' }),
  ...some(3, 0, { xen: '4.11.amazon', virt: 'xen', cloud: 'aws', instance_family: 'i3' }),
  ...some(2, 0, { xen: '4.11.amazon', virt: 'xen', cloud: 'aws', instance_family: 'r4' }),
  ...some(1, 0, { xen: '4.11.amazon', virt: 'xen', cloud: 'aws', instance_family: 'm4' }),
  ...some(4, 0, { virt: 'amazon', cloud: 'aws', instance_family: 'm5' }),
];

describe('Instaclustr, 2022', () => {
  const table = outcomeTable(instaclustr, FROM);

  test('the top line is the hypervisor', () => {
    expect(table.rows[0]).toMatchObject({ attribute: 'xen', says: 'xen 4.2: 9/10 lost, xen 4.11: 0/6, nitro: 0/4' });
  });

  test('the instance family is listed as weaker', () => {
    const family = table.rows.find(({ attribute }) => attribute === 'instance_family');
    expect(family?.says).toMatch(/^instance_family m4: 3\/4 lost, instance_family i3: 4\/7, instance_family r4: 2\/5, instance_family m5: 0\/4$/);
    expect(family?.parts).toBeLessThan((table.rows[0]?.parts ?? 0) / 2);
  });

  test('ids, of which each host has its own, are not', () => {
    expect(table.rows.map(({ attribute }) => attribute)).not.toContain('machine_id');
  });

  test('the top line becomes a rule in one command', () => {
    expect(table.exclude).toBe('exclude @all where xen < 4.6 from package "linux-image*" because 9 of 10 with xen 4.2 were lost in R1');
  });
});

describe('other pasts', () => {
  const exclude = (hosts: TouchedHost[], target?: string) => {
    const command = outcomeTable(hosts, { from: 'job reboot', run: 'R1', ...(target && { target }) }).exclude;
    // What is offered can be typed.
    if (command !== undefined) parseTarget(/^exclude (.+?) from /.exec(command)?.[1] as string);
    return command;
  };

  test('nobody failed, or everybody did: there is nothing to part', () => {
    expect(outcomeTable(some(6, 0, { xen: '4.2' }), FROM)).toEqual({ rows: [] });
    expect(outcomeTable(some(6, 6, { xen: '4.2' }), FROM)).toEqual({ rows: [] });
  });

  test('one lost of six that are all alike gives no rule', () => {
    expect(outcomeTable(some(6, 1, { xen: '4.2', os: 'debian' }), FROM)).toEqual({ rows: [] });
  });

  test('the newer version is the bad one', () => {
    const hosts = [...some(5, 5, { kernel: '6.1.0-41-amd64' }), ...some(5, 0, { kernel: '6.1.0-40-amd64' })];
    expect(outcomeTable(hosts, FROM).rows[0]?.says).toBe('kernel 6.1.0.41: 5/5 lost, kernel 6.1.0.40: 0/5');
    expect(exclude(hosts)).toMatch(/^exclude @all where kernel >= 6.1.0.41 from job reboot because 5 of 5 with kernel 6.1.0.41 were lost in R1$/);
  });

  test('only one version fails, in the middle: it is named', () => {
    const hosts = [...some(4, 0, { xen: '4.2' }), ...some(4, 4, { xen: '4.6' }), ...some(4, 0, { xen: '4.11' })];
    expect(exclude(hosts)).toContain('where xen = 4.6 from');
  });

  test('only hosts that have it fail: having it is the condition', () => {
    expect(exclude([...some(5, 5, { livepatch_kernel: '5.4.0' }), ...some(5, 0, {})])).toContain('where livepatch_kernel is known from');
  });

  test('a text is named, in quotes where it has blanks', () => {
    const hosts = [...some(4, 4, { product: 'X10 "old"' }), ...some(4, 0, { product: 'Y' })];
    expect(exclude(hosts, '@prod')).toContain('exclude @prod where product = "X10 old" from');
  });

  test('uptime is cut where it parts', () => {
    const hosts = [...some(4, 4, { uptime: 211 * 86_400 }), ...some(4, 0, { uptime: 100 * 86_400 })];
    expect(outcomeTable(hosts, FROM).rows[0]?.says).toBe('uptime >= 211d: 4/4 lost, uptime < 211d: 0/4');
    expect(exclude(hosts)).toContain('where uptime >= 211d from');
  });

  test('a site is a group', () => {
    expect(exclude([...some(4, 4, {}, { site: 'bne' }), ...some(4, 0, {}, { site: 'mel' })])).toContain('exclude @all & @bne from');
  });

  test('those without the attribute fail: no rule could name them', () => {
    expect(exclude([...some(5, 5, {}), ...some(5, 0, { xen: '4.11' })])).toBeUndefined();
  });

  test('failed and lost are said together; what nobody knows does not count', () => {
    const mixed = some(4, 4, { os: 'debian' });
    (mixed[0] as TouchedHost).outcome = 'failed';
    (mixed[1] as TouchedHost).outcome = 'unverified';
    expect(outcomeTable([...mixed, ...some(4, 0, { os: 'rocky' })], FROM).rows[0]?.says).toBe('os debian: 3/3 lost or failed, os rocky: 0/4');
  });
});
