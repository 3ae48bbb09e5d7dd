import { describe, expect, test } from 'vitest';
import { contradictions, forgottenIn, type Words } from '../../src/incident/contradictions.ts';
import { hostsNamedIn } from '../../src/incident/named-hosts.ts';
import type { Outage } from '../../src/incident/shapes.ts';

const MINUTE = 60_000;
const known = new Set(['web01', 'web02', 'web03', 'db-1.example.org', 'Kyousuke']);
const down = (host: string, minutes = 30): Outage => ({ host, nth: 1, down: 0, up: minutes * MINUTE, source: 'check' });
const said = (text: string, more: Partial<Words> = {}): Words => ({ text, at: 5 * MINUTE, by: 'ada', ...more });
const found = (hosts: Outage[], words: Words[], state: 'identified' | 'resolved' = 'identified') =>
  contradictions({ hosts, state }, words, known, (at) => `00:0${at / MINUTE}`).map(({ kind, hosts: names }) => `${kind}: ${names.join(' ')}`);

describe('hosts a text names', () => {
  test.each([
    ['web01, web02 and web03.', ['web01', 'web02', 'web03']],
    ['(WEB01) is back', ['web01']],
    ['web011 and xweb01 are others, so is web01-old', []],
    ['db-1.example.org. kyousuke is no host, Kyousuke is', ['db-1.example.org', 'Kyousuke']],
    ['- web02\n- web02', ['web02']],
    ['the web is slow', []],
  ])('%s', (text, hosts) => {
    expect(hostsNamedIn(text, known)).toEqual(hosts);
  });
});

describe('what was said and does not fit', () => {
  test('a host that is named and was never down is said once, with who named it', () => {
    const told = contradictions({ hosts: [down('web01')], state: 'identified' }, [said('web01 and web03 are down'), said('web03 again')], known, () => '20:30');
    expect(told).toEqual([{ kind: 'named, never down', says: 'web03 is named by ada at 20:30, and in no outage', hosts: ['web03'], at: 5 * MINUTE }]);
  });

  test('a host somebody put into the table by hand is affected without an outage', () => {
    expect(found([{ host: 'web03', nth: 1, source: 'person' }], [said('web03 is slow')])).toEqual([]);
  });

  test('a resolved text that names some of the hosts that were down leaves out the others; one that names none does not', () => {
    const hosts = [down('web01'), down('web02')];
    expect(found(hosts, [said('web01 was down and is well', { resolved: true })])).toEqual(['down, not named: web02']);
    expect(found(hosts, [said('all is well', { resolved: true })])).toEqual([]);
    expect(forgottenIn({ hosts }, 'web02 is well again')).toEqual(['web01']);
    expect(forgottenIn({ hosts }, 'web02, web01 are well again')).toEqual([]);
  });

  test.each([
    ['The outage lasted 30 to 45 minutes.', true],
    ['Hosts were down between 30 minutes and 45 minutes', true],
    ['downtime of 20-60 min', false],
    ['The outage lasted 22 to 54 minutes.', false],
    ['We look again in 30 to 45 minutes.', false],
    ['Hosts were down. We look again in 30 to 45 minutes.', false],
    ['They were offline 30 to 45 hosts at a time', false],
  ])('"%s" against outages of 22 to 54 minutes: %s', (text, wrong) => {
    expect(found([down('web01', 22), down('web02', 54)], [said(text)])).toEqual(wrong ? ['duration: web01 web02'] : []);
  });

  test('what is resolved and has a host nothing says came back', () => {
    const hosts: Outage[] = [{ host: 'web01', nth: 1, down: 0, source: 'check' }];
    expect(found(hosts, [], 'identified')).toEqual([]);
    expect(found(hosts, [], 'resolved')).toEqual(['still down: web01']);
  });
});
