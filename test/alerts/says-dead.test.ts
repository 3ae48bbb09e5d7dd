import { describe, expect, test } from 'vitest';
import { saysDead } from '../../src/alerts/says-dead.ts';

const alert = (summary: string, more: { integration?: string; hosts?: string[]; details?: Record<string, string> } = {}) =>
  saysDead({ integration: 'prometheus', hosts: ['kvm01'], details: {}, summary, ...more });

describe('a host is dead', () => {
  test.each([
    'does not answer',
    'kvm01 does not answer',
    'kvm01.example.org:9100: does not answer',
    'HostDown: kvm01 does not answer',
    'HostDown kvm01',
    'Host kvm01 is down',
    'kvm01 is down: timeout',
    'node_down (kvm01)',
    'kvm01: Unavailable by ICMP ping',
  ])('where a sender says "%s"', (summary) => {
    expect(alert(summary)).toBe(true);
  });

  test('where our own look at the hosts says so, or the name of the alert', () => {
    expect(alert('half dead: TCP opens and SSH says nothing', { integration: 'down' })).toBe(true);
    expect(alert('see the runbook', { details: { alertname: 'HostDown' } })).toBe(true);
  });

  test.each([
    'DiskFull kvm01',
    'kvm01: / is 98 % full',
    'InstanceDown kvm01:9187',
    'kvm01: libvirtd is down',
    'kvm01: API does not answer',
    'DB down',
    'kvm01',
  ])('but not where it says "%s"', (summary) => {
    expect(alert(summary)).toBe(false);
  });

  test('and never of several hosts at once', () => {
    expect(alert('does not answer', { hosts: ['kvm01', 'kvm02'] })).toBe(false);
    expect(alert('12 hosts do not answer at once', { integration: 'down', hosts: [] })).toBe(false);
  });
});
