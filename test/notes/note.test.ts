import { describe, expect, test } from 'vitest';
import type { HostState } from '../../src/fleet/host.ts';
import { morningCard } from '../../src/notes/compare.ts';
import { nextMorning, type Watch } from '../../src/notes/tell.ts';
import { dataDirectory, piped } from '../front-door/holdfast.ts';

const place: Watch['place'] = { platform: 'terminal', channel: 'terminal:x', zone: 'UTC' };
const state = (host: string, facts: HostState['facts'], reach: HostState['reach'] = 'ok'): HostState => ({
  host,
  reach,
  askedAt: 2,
  answeredAt: 2,
  facts,
  findings: [],
});

describe('a change somebody made by hand and told', () => {
  test('is looked at the next morning at nine, on the clock of whoever told', () => {
    const at = (iso: string, zone: string) => new Date(nextMorning(Date.parse(iso), zone)).toISOString();
    expect(at('2026-11-20T15:00:00Z', 'Europe/Berlin')).toBe('2026-11-21T08:00:00.000Z');
    expect(at('2026-11-20T23:30:00Z', 'Europe/Berlin')).toBe('2026-11-22T08:00:00.000Z');
    expect(at('2026-11-20T05:00:00Z', 'Australia/Brisbane')).toBe('2026-11-20T23:00:00.000Z');
    // The night in which clocks go back.
    expect(at('2026-10-24T12:00:00Z', 'Europe/Berlin')).toBe('2026-10-25T08:00:00.000Z');
  });

  test('is compared with what was known as it was told, host by host', () => {
    const before = { boot_id: 'a', failed_units: [], mounts_hash: 'm', kernel: '6.1' };
    const watch: Watch = { text: 'set the MTU', by: 'ada', place, told: 1, before: { web01: before, web02: before, web03: before, web04: null } };
    const card = morningCard(
      watch,
      new Map([
        ['web01', state('web01', { ...before, boot_id: 'b', failed_units: ['nginx.service'] })],
        ['web02', state('web02', before)],
        ['web03', state('web03', before, 'half-dead')],
        ['web04', state('web04', before)],
      ]),
    );
    expect(card.title).toBe('3 of 4 differ since ada told of a change by hand: set the MTU');
    expect(card.body).toEqual([
      'web01: it has rebooted; 1 unit has newly failed (nginx.service)',
      'web03: it does not answer (half-dead)',
      'web04: nothing was known of it before, so there is nothing to compare',
      'nothing differs: web02',
    ]);
    expect(morningCard({ ...watch, before: { web02: before } }, new Map([['web02', state('web02', before)]]))).toMatchObject({
      title: 'Nothing differs on web02 since ada told of a change by hand: set the MTU',
      tone: 'good',
    });
  });

  test('stands in the story of its hosts, is watched over night, and what differs is said where it was told', { timeout: 90_000 }, async () => {
    const { dataDir, remove } = dataDirectory();
    try {
      const { stdout, code } = await piped(
        [
          '/ops check web01,web02',
          '/ops incident note "set the MTU of eth1 to 9000" on web01,web02',
          '/ops sandbox web01 failed_units=nginx.service',
          'wait 30h',
          '/ops show web01',
          '@kim /ops incident note "somebody else was here" on web01',
        ],
        { env: { HOLDFAST_DATA: dataDir, PRIVATE_PORT: '0' } },
      );
      expect(stdout).toMatch(/Noted\.\n.*web\[01-02\]: compared with what is known now, and said here, \w{3} \d+ \w{3} 09:00/s);
      expect(stdout.match(/1 of 2 differ since you told of a change by hand: set the MTU of eth1 to 9000/g)).toHaveLength(1);
      expect(stdout).toContain('web01: 1 unit has newly failed (nginx.service)');
      expect(stdout).toMatch(/changed by hand: set the MTU of eth1 to 9000 \(you, /);
      expect(code).toBe(0);
    } finally {
      remove();
    }
  });
});
