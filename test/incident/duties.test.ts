import { describe, expect, test } from 'vitest';
import { begin } from '../../src/incident/apply.ts';
import { dutiesOf } from '../../src/incident/duties.ts';
import { joins } from '../../src/incident/join.ts';
import { pastMoment } from '../../src/incident/past.ts';
import type { Incident } from '../../src/incident/shapes.ts';

const MINUTE = 60_000;
const times = { remind: 5 * MINUTE, second: 5 * MINUTE, resolve: 60 * MINUTE };
const incident = (more: Partial<Incident> = {}): Incident => ({
  ...begin('INC-1', { title: 'down', severity: 'major', hosts: [], due: new Date(30 * MINUTE).toISOString() }, { by: 'ada', at: 0 }),
  ...more,
});
const whatAt = (minute: number, more: Partial<Incident> = {}) => dutiesOf(incident(more), minute * MINUTE, times).due.map(({ what }) => what);

describe('what is due about an incident', () => {
  test.each([
    [0, []],
    [25, ['remind']],
    [30, ['overdue']],
    [34, ['overdue']],
    [35, ['overdue', 'second writer']],
    [60, ['overdue', 'second writer', 'ask resolve']],
  ] as const)('after %i minutes without a word: %j', (minute, what) => {
    expect(whatAt(minute)).toEqual(what);
  });

  test('it is looked at again at the next of these moments, and no sooner', () => {
    const nextAfter = (minute: number) => (dutiesOf(incident(), minute * MINUTE, times).at ?? 0) / MINUTE;
    expect([0, 25, 30, 35].map(nextAfter)).toEqual([25, 30, 35, 60]);
    expect(dutiesOf(incident(), 61 * MINUTE, times).at).toBeUndefined();
  });

  test('a second writer is asked once for a promise', () => {
    expect(whatAt(40, { secondAsked: 35 * MINUTE })).toEqual(['overdue']);
  });

  test('nobody is asked whether it is over while a host is down, or until an hour after the last one was', () => {
    const hosts = [{ host: 'web01', nth: 1, down: 10 * MINUTE, source: 'check' as const }];
    expect(whatAt(500, { hosts, updateDue: 600 * MINUTE })).toEqual([]);
    const back = hosts.map((row) => ({ ...row, up: 50 * MINUTE }));
    expect(whatAt(109, { hosts: back, updateDue: 600 * MINUTE })).toEqual([]);
    expect(whatAt(110, { hosts: back, updateDue: 600 * MINUTE })).toEqual(['ask resolve']);
  });

  test('of what is over nothing is', () => {
    expect(dutiesOf(incident({ state: 'resolved' }), 500 * MINUTE, times)).toEqual({ due: [] });
  });
});

describe('something new belongs to the open incident', () => {
  const open = [
    { id: 'INC-1', hosts: ['web01'], services: ['web'], parents: ['kvm01'] },
    { id: 'INC-2', hosts: ['db01', 'kvm02'], services: ['db'], parents: [] },
  ];
  test.each([
    ['of the same host, whatever else it has', { hosts: ['db01'], services: ['web'], parents: ['kvm01'] }, 'INC-2'],
    ['of a guest on the same parent', { hosts: ['mail01'], services: [], parents: ['kvm01'] }, 'INC-1'],
    ['of a parent whose guest is in it', { hosts: ['kvm01'], services: [], parents: [] }, 'INC-1'],
    ['of a guest whose parent is in it', { hosts: ['mail02'], services: ['mail'], parents: ['kvm02'] }, 'INC-2'],
    ['of the same service', { hosts: ['web09'], services: ['web'], parents: ['kvm09'] }, 'INC-1'],
    ['of nothing they have', { hosts: ['mail01'], services: ['mail'], parents: ['kvm09'] }, undefined],
  ])('%s', (_, news, id) => {
    expect(joins(news, open)?.id).toBe(id);
  });
});

describe('when something was', () => {
  const now = Date.parse('2026-11-17T11:00:00Z');
  test.each([
    ['20:57', 'Australia/Brisbane', '2026-11-17T10:57:00.000Z'],
    // Not tonight: it has not come.
    ['21:30', 'Australia/Brisbane', '2026-11-16T11:30:00.000Z'],
    ['9:05', 'UTC', '2026-11-17T09:05:00.000Z'],
    ['2026-11-16T23:10', 'Europe/Berlin', '2026-11-16T22:10:00.000Z'],
    ['2026-11-16T23:10Z', 'Europe/Berlin', '2026-11-16T23:10:00.000Z'],
    ['2026-11-16T23:10+10:00', 'Europe/Berlin', '2026-11-16T13:10:00.000Z'],
  ])('%s in %s', (text, zone, says) => {
    expect(new Date(pastMoment(text, now, zone) ?? 0).toISOString()).toBe(says);
  });

  test.each(['25:00', '2026-11-18T09:00', 'yesterday', '', '12', '1999-01-01T00:00'])('"%s" is no moment that is past', (text) => {
    expect(pastMoment(text, now, 'UTC')).toBeUndefined();
  });
});
