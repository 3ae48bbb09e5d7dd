import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apply, begin } from '../../src/incident/apply.ts';
import type { Happened, Incident } from '../../src/incident/shapes.ts';

const at = (minute: number): number => Date.UTC(2026, 10, 17, 20, minute);
const iso = (minute: number): string => new Date(at(minute)).toISOString();
const opened = (hosts: string[] = []): Incident => begin('INC-1', { title: 'down', severity: 'major', hosts }, { by: 'ada', at: at(13) });
const after = (incident: Incident, ...events: [minute: number, type: string, data: unknown][]): Incident =>
  events.reduce((now, [minute, type, data]) => apply(now, { type, data, by: 'ada', at: at(minute) } as Happened), incident);
const rows = ({ hosts }: Incident): string[] =>
  hosts.map(({ host, nth, down, up, cause, correctedBy }) => {
    const time = (ms: number | undefined): string => (ms === undefined ? '?' : String((ms - at(0)) / 60_000));
    return `${host}#${nth} ${time(down)}-${time(up)}${cause ? ` ${cause}` : ''}${correctedBy ? ` by ${correctedBy}` : ''}`;
  });
const downs = (host: string, minute: number, cause?: string) => ({ source: 'check', hosts: [{ host, at: iso(minute), ...(cause && { cause }) }] });

describe('the outage table', () => {
  test('a host goes down once however often that is seen, and twice when it was back between', () => {
    const incident = after(
      opened(['web01']),
      [14, 'hosts down', downs('web01', 2)],
      [15, 'hosts down', downs('web01', 15, 'kernel panic')],
      [20, 'hosts up', downs('web01', 20)],
      [21, 'hosts up', downs('web01', 21)],
      [30, 'hosts down', downs('web01', 30)],
    );
    expect(rows(incident)).toEqual(['web01#1 2-20 kernel panic', 'web01#2 30-?']);
    expect(incident.began).toBe(at(2));
  });

  test('a first outage that is put right or was none takes back when it began, to the next one or the opening', () => {
    const seen = after(opened(), [14, 'hosts down', downs('web01', 2)], [15, 'hosts down', downs('web02', 6)]);
    expect(seen.began).toBe(at(2));
    const right = after(seen, [16, 'corrected', { host: 'web01', down: iso(4), opened: iso(13) }]);
    expect(right.began).toBe(at(4));
    const none = after(right, [17, 'corrected', { host: 'web01', no: true, opened: iso(13) }]);
    expect(none.began).toBe(at(6));
    expect(after(none, [18, 'corrected', { host: 'web02', no: true, opened: iso(13) }]).began).toBe(at(13));
  });

  test('that a host answers says nothing of one that was only named', () => {
    expect(rows(after(opened(['web01']), [20, 'hosts up', downs('web01', 20)]))).toEqual(['web01#1 ?-?']);
  });

  test('what a person says of a row goes before what is seen; what happens after it is a row of its own', () => {
    const corrected = after(
      opened(),
      [14, 'hosts down', downs('web01', 14)],
      [25, 'corrected', { host: 'web01', down: iso(1), up: iso(20), because: 'the console says so' }],
    );
    expect(rows(corrected)).toEqual(['web01#1 1-20 by ada']);
    expect(rows(after(corrected, [26, 'hosts down', downs('web01', 18)]))).toEqual(['web01#1 1-20 by ada']);
    expect(rows(after(corrected, [40, 'hosts down', downs('web01', 40)]))).toEqual(['web01#1 1-20 by ada', 'web01#2 40-?']);
    expect(rows(after(corrected, [26, 'corrected', { host: 'web01', no: true }]))).toEqual([]);
  });

  test('of two incidents that are one, each host has what either knew', () => {
    const other = after(opened(['web02']), [14, 'hosts down', downs('web01', 14, 'panic')], [20, 'hosts up', downs('web01', 20)]);
    const hosts = other.hosts.map(({ host, down, up, cause, source }) => ({
      ...{ host, source, corrected_by: null },
      down: down === undefined ? null : new Date(down).toISOString(),
      up: up === undefined ? null : new Date(up).toISOString(),
      cause: cause ?? null,
    }));
    expect(rows(after(opened(['web01', 'web03']), [30, 'took in', { from: 'INC-2', began: iso(2), hosts, components: {} }]))).toEqual([
      'web01#1 14-20 panic',
      'web03#1 ?-?',
      'web02#1 ?-?',
    ]);
  });

  test('whatever is seen in whatever order, no outage ends before it begins, and a host is down in one row at most', () => {
    const event = fc.record({ host: fc.constantFrom('a', 'b'), up: fc.boolean(), minute: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const incident = after(
          opened(['a']),
          ...events.map(({ host, up, minute }): [number, string, unknown] => [minute, up ? 'hosts up' : 'hosts down', downs(host, minute)]),
        );
        for (const { down, up } of incident.hosts) if (up !== undefined) expect(up).toBeGreaterThanOrEqual(down ?? Number.POSITIVE_INFINITY);
        for (const host of ['a', 'b']) expect(incident.hosts.filter((row) => row.host === host && row.up === undefined).length).toBeLessThanOrEqual(1);
        expect(new Set(incident.hosts.map(({ host, nth }) => `${host}#${nth}`)).size).toBe(incident.hosts.length);
      }),
    );
  });
});
