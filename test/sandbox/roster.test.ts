import { describe, expect, test } from 'vitest';
import { HOSTS, PEOPLE } from '../../src/sandbox/roster.ts';

const find = (name: string) => HOSTS.find((host) => host.name === name);

describe('the fleet of the sandbox', () => {
  test('is web, db, kvm, lab, a monitor, a load balancer and the five of kaza, and nothing else', () => {
    const numbered = (kind: string, last: number) => Array.from({ length: last }, (_, i) => `${kind}${String(i + 1).padStart(2, '0')}`);
    expect(HOSTS.map((host) => host.name)).toEqual([
      ...numbered('web', 6),
      ...numbered('db', 2),
      ...numbered('kvm', 12),
      ...numbered('lab', 2),
      'mon01',
      'lb01',
      ...['kyousuke', 'masato', 'kengo', 'riki', 'mio'],
    ]);
  });

  test('has kvm01–06 in bne and kvm07–12 in mel', () => {
    for (const host of HOSTS.filter(({ kind }) => kind === 'kvm')) expect(host.site).toBe(host.name <= 'kvm06' ? 'bne' : 'mel');
  });

  test('puts every guest on a hypervisor of its own site', () => {
    for (const guest of HOSTS.filter(({ parent }) => parent)) {
      expect(find(guest.parent as string)).toMatchObject({ kind: 'kvm', site: guest.site });
    }
  });

  test('gives web, db and lab a parent each, and metal none', () => {
    for (const host of HOSTS) expect(host.parent !== undefined, host.name).toBe(['web', 'db', 'lab'].includes(host.kind));
  });

  test('keeps the members of a pair of guests apart: not on one parent, not on parents that are a pair, not on parents in the same place of their sites', () => {
    const place = (host: string): number => (Number(host.slice(-2)) - 1) % 6;
    const names = new Set(HOSTS.filter(({ parent }) => parent).flatMap(({ redundancy }) => redundancy ?? []));
    expect(names.size).toBe(4);
    for (const name of names) {
      const [one, other] = HOSTS.filter(({ redundancy }) => redundancy === name).map(({ parent }) => find(parent as string));
      expect(one?.name).not.toBe(other?.name);
      expect(one?.redundancy).not.toBe(other?.redundancy);
      expect(place(one?.name ?? '')).not.toBe(place(other?.name ?? ''));
    }
  });

  test('has prod in ring prod, lab in ring lab, and mon01 alone on the alert path', () => {
    for (const host of HOSTS) expect(host.ring).toBe(host.kind === 'lab' ? 'lab' : 'prod');
    expect(HOSTS.filter(({ alertPath }) => alertPath).map(({ name }) => name)).toEqual(['mon01']);
  });

  test('is looked after by you, ada, pepe and kim, whose days do not begin together', () => {
    expect(PEOPLE.map(({ name, role }) => [name, role])).toEqual([
      ['you', 'admin'],
      ['ada', 'operator'],
      ['pepe', 'operator'],
      ['kim', 'operator'],
    ]);
    expect(new Set(PEOPLE.slice(1).map(({ zone }) => zone)).size).toBe(3);
  });
});
