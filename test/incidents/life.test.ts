import { describe, expect, test } from 'vitest';
import { takeAlerts } from '../../src/alerts/take.ts';
import { askForPerson } from '../../src/store/events.ts';
import { incidentsAtWork } from './at-work.ts';

const MINUTE = 60_000;
const HOSTS = ['web01', 'web02', 'db01'].map((name) => ({ name, site: 'bne', groups: ['all', name.slice(0, -2), 'bne'] }));
const ELSEWHERE = { name: 'mel01', site: 'mel', groups: ['all', 'mel'] };
const CONFIG = {
  services: { web: { owner: 'ada', backups: ['you'], hosts: '@web' }, db: { owner: 'you', hosts: '@db' } },
  components: { Shop: { hosts: '@web' }, Accounts: { hosts: '@db' } },
};
const world = () => incidentsAtWork({ hosts: [...HOSTS, ELSEWHERE], config: CONFIG });

interface Told {
  state: string;
  severity: string;
  public: boolean;
  next_update: string | null;
  lead: string | null;
  components: { component: string; status: string }[];
  hosts: { host: string; down: string | null; source: string; cause: string | null; corrected_by: string | null }[];
  timeline: { kind: string; says: string }[];
}

describe('the next update', () => {
  test('is promised; its lead is reminded, told that it is missing, and five minutes later somebody else is paged until it is there', {
    timeout: 60_000,
  }, async () => {
    const { says, pass, shown, db } = await world();
    await says('incident open "the shop is slow" affects @web');
    shown.splice(0);
    await pass(26 * MINUTE);
    expect(shown.join('\n')).toMatch(/to ada by dm \(id m\d+\): ! INC-1: the next update is promised for 09:3\d, in 5 min/);
    await pass(5 * MINUTE);
    expect(shown.join('\n')).toMatch(/to ada by dm .*INC-1: the update promised for 09:3\d is missing/);
    expect(await db.query(`select id from pages`)).toEqual([]);
    await pass(5 * MINUTE);
    expect(await db.query(`select id, state, recipient, urgency, about from pages`)).toEqual([
      { id: 'PG1', state: 'open', recipient: 'person:you', urgency: 'high', about: 'INC-1' },
    ]);
    expect(shown.join('\n')).toMatch(/to you by \w+ .*PG1: INC-1: the public waits for the update promised for 09:3\d; ada has not written it/);
    await says('incident update It is the cable.', 'you');
    await pass(1000);
    expect(await db.query(`select state from pages`)).toEqual([{ state: 'resolved' }]);
    // And a new one is promised from then on.
    shown.splice(0);
    await pass(26 * MINUTE);
    expect(shown.filter((text) => text.includes('the next update is promised'))).toHaveLength(1);
  });

  test('is waited for also where a halted run opened the incident and has long ended: only who was asked about the halt is left in peace', {
    timeout: 60_000,
  }, async () => {
    const work = await incidentsAtWork({
      hosts: HOSTS,
      config: CONFIG,
      behave: (_, step) => (step === 'verify' ? { step: 'end', outcome: 'lost', detail: 'no answer from 10.0.3.4 port 22' } : undefined),
    });
    await work.type('shake db01');
    await work.begin('approve R1', 'ada');
    await work.pass(4 * MINUTE);
    // Where it did not answer is ours; the public reads the table.
    expect((await work.stored())?.hosts.map(({ host, source, cause }) => ({ host, source, cause }))).toEqual([
      { host: 'db01', source: 'run', cause: undefined },
    ]);
    await work.says('incident update INC-1 We look at it.');
    await work.db.tx((tx) => tx.query(`update runs set state = 'done' where id = 'R1'`));
    await work.pass(40 * MINUTE);
    const pages = await work.db.query<{ state: string; text: string }>(`select state, text from pages order by length(id), id`);
    expect(pages).toEqual([
      { state: 'resolved', text: expect.stringContaining('R1 halted') },
      { state: 'open', text: expect.stringContaining('INC-1: the public waits for the update promised for') },
    ]);
  });

  test('after an hour in which nothing was lost its lead is asked whether it is over, once, with the line that says so', { timeout: 60_000 }, async () => {
    const { says, pass, shown, stored } = await world();
    await says('incident open "the shop is slow" severity minor');
    shown.splice(0);
    await pass(70 * MINUTE);
    const asked = shown.filter((text) => text.includes('1 h without a loss. Is it resolved?'));
    expect(asked).toHaveLength(1);
    const line = /\/ops (incident resolve INC-1 ".*")/.exec(asked[0] ?? '')?.[1] ?? '';
    await says(line);
    expect((await stored())?.state).toBe('resolved');
  });

  test('comes sooner when it is worse, and components follow', { timeout: 60_000 }, async () => {
    const { says, document, clock } = await world();
    await says('incident open "the shop is slow" severity minor affects @web');
    expect((await document<Told>('show INC-1')).components).toEqual([expect.objectContaining({ component: 'Shop', status: 'degraded_performance' })]);
    await says('incident severity critical because nobody can pay');
    const told = await document<Told>('show INC-1');
    expect(told.components).toEqual([expect.objectContaining({ component: 'Shop', status: 'major_outage' })]);
    expect(Date.parse(told.next_update ?? '') - clock.now()).toBeLessThanOrEqual(15 * MINUTE);
    expect(told.timeline.map(({ says: line }) => line)).toContain('severity critical because nobody can pay');
  });
});

test('whoever answers for its hosts is paged, as pressing as it is severe, unless they opened it themselves; resolved, nobody is asked any more', {
  timeout: 60_000,
}, async () => {
  const { says, db, pass } = await world();
  const pages = () => db.query(`select id, state, urgency, recipient, about from pages order by id`);
  await says('incident open "the shop is slow" affects @web');
  expect(await pages()).toEqual([]);
  await says('incident open "accounts are slow" severity critical affects @db');
  await pass(1000);
  expect(await pages()).toEqual([{ id: 'PG1', state: 'open', urgency: 'critical', recipient: 'service:db', about: 'INC-2' }]);
  await says('incident resolve INC-2 It was the vendor.');
  expect(await pages()).toEqual([{ id: 'PG1', state: 'resolved', urgency: 'critical', recipient: 'service:db', about: 'INC-2' }]);
});

test('another time may be promised than the severity has it', { timeout: 60_000 }, async () => {
  const { says, stored, clock } = await world();
  await says('incident open "the shop is slow"');
  await says('incident update "The vendor is on the way." next 2h');
  expect(((await stored())?.updateDue ?? 0) - clock.now()).toBeGreaterThan(115 * MINUTE);
});

describe('incidents open by themselves', () => {
  const alert = (host: string, integration: string, summary: string) => ({
    ...{ integration, dedup: `${integration} ${host}`, state: 'firing' as const, summary, urgency: 'high' as const, hosts: [host], details: {} },
  });

  test('from alerts, one for what belongs together; the public reads of it when somebody writes the first update', { timeout: 60_000 }, async () => {
    const { db, ops, says, document, stored, pass, clock, type } = await world();
    const fires = (...events: ReturnType<typeof alert>[]) => db.tx((tx) => takeAlerts(tx, ops, events, clock.now()));
    await fires(alert('web01', 'prometheus', 'HTTP 5xx'));
    await type('ack PG1', 'ada');
    await pass(20 * MINUTE);
    await fires(alert('web02', 'prometheus', 'HTTP 5xx'), alert('db01', 'prometheus', 'disk is full'));
    expect(await db.query(`select id, state, public from incidents order by id`)).toEqual([
      { id: 'INC-1', state: 'investigating', public: false },
      { id: 'INC-2', state: 'investigating', public: false },
    ]);
    expect((await stored())?.hosts.map(({ host }) => host).sort()).toEqual(['web01', 'web02']);
    expect(await db.query(`select 1 from component_changes`)).toEqual([]);
    await says('incident update INC-1 We look at it.');
    expect((await stored())?.public).toBe(true);
    expect(await db.query(`select component, status from component_changes`)).toEqual([{ component: 'Shop', status: 'partial_outage' }]);
    const { timeline } = await document<Told>('show INC-1');
    expect(timeline.filter(({ kind }) => kind === 'alert').map(({ says: line }) => line)).toEqual(['HTTP 5xx', 'HTTP 5xx']);
  });

  test('two that turn out to be one are merged: hosts, pages, alerts and what the public read last go along', { timeout: 60_000 }, async () => {
    const { db, ops, says, stored, clock } = await world();
    await db.tx((tx) => takeAlerts(tx, ops, [alert('db01', 'prometheus', 'disk is full')], clock.now()));
    await db.tx((tx) => askForPerson(tx, { text: 'look', urgency: 'low', about: 'INC-1', by: 'ada', at: clock.now() }));
    await says('incident update INC-1 "Accounts are slow."');
    await says('incident open "the shop is slow" affects @web');
    expect((await says('incident merge INC-1 into INC-2')).outcome).toBe('ok');
    const into = await stored('INC-2');
    expect(into?.hosts.map(({ host }) => host).sort()).toEqual(['db01', 'web01', 'web02']);
    // The alert's own words are for us: what opened by itself is called by what it touches.
    expect(into?.updates.at(-1)?.text).toBe('This is part of it: Accounts. Accounts are slow.');
    expect(Object.keys(into?.components ?? {}).sort()).toEqual(['Accounts', 'Shop']);
    expect((await stored('INC-1'))?.state).toBe('merged');
    expect(await db.query(`select distinct about from pages where text = 'look'`)).toEqual([{ about: 'INC-2' }]);
    expect(await db.query(`select distinct incident from alerts`)).toEqual([{ incident: 'INC-2' }]);
    expect((await says('incident update INC-1 more')).text).toContain('INC-1 goes on as INC-2');
    expect(await says('incident affects INC-1 web01')).toMatchObject({ outcome: 'refused', text: expect.stringContaining('Say it of INC-2') });
  });

  test('what was promised to the public of one is kept by the other, and what is worse stays worse', { timeout: 60_000 }, async () => {
    const { db, ops, says, stored, clock } = await world();
    await says('incident open "the shop is down" affects @web severity critical');
    const promised = (await stored())?.updateDue;
    await db.tx((tx) => takeAlerts(tx, ops, [alert('db01', 'prometheus', 'disk is full')], clock.now()));
    await says('incident affects INC-2 @web');
    expect((await stored('INC-2'))?.updateDue).toBeUndefined();
    await says('incident merge INC-1 into INC-2');
    const into = await stored('INC-2');
    expect(into).toMatchObject({ public: true, updateDue: promised, components: { Shop: { health: 'major_outage' } } });
  });
});

test('whoever was asked to write the update of one that was merged is left in peace by the update of the one that goes on', { timeout: 60_000 }, async () => {
  const { says, pass, db } = await world();
  await says('incident open "the shop is slow" affects @web');
  await pass(36 * MINUTE);
  const asked = await db.query<{ id: string }>(`select id from pages where state = 'open' and text like '%waits for the update%'`);
  expect(asked).toHaveLength(1);
  await says('incident open "accounts are slow" affects @db');
  await says('incident merge INC-1 into INC-2');
  await says('incident update INC-2 It is the cable.');
  expect(await db.query(`select state from pages where id = $1`, [asked[0]?.id])).toEqual([{ state: 'resolved' }]);
});

describe('the outage table', () => {
  test('is put right by hand, in the zone of the incident, with whose word it is', { timeout: 60_000 }, async () => {
    const { says, seen, clock, document } = await world();
    await says('incident open "the shop is slow" affects web01');
    await seen([{ host: 'web01', up: false, at: clock.now(), cause: 'Kernel panic' }]);
    await says('incident affects web01 down 08:40 up 08:55 because the console says so');
    const told = await document<Told>('show INC-1');
    expect(told.hosts).toEqual([
      expect.objectContaining({ host: 'web01', down: '2026-11-17T08:40:00.000Z', up: '2026-11-17T08:55:00.000Z', cause: 'Kernel panic', corrected_by: 'ada' }),
    ]);
    expect(told.timeline.map(({ says: line }) => line)).toContainEqual(expect.stringMatching(/^web01 put right: down .* because the console says so$/));
    // Also what fits the line but not the row is refused, and what was no outage takes back when it began.
    expect(await says('incident affects INC-1 web01 up 08:30')).toMatchObject({
      outcome: 'refused',
      text: expect.stringContaining('before it was down (08:40)'),
    });
    expect((await document<Told>('show INC-1')).hosts).toEqual(told.hosts);
    await says('incident affects INC-1 web01 not');
    const cleared = await document<Told & Record<'began' | 'opened', string>>('show INC-1');
    expect(told).toMatchObject({ began: '2026-11-17T08:40:00.000Z' });
    expect(cleared.began).toBe(cleared.opened);
  });

  test('a host of the same service that goes down joins by itself, one of another service does not', { timeout: 60_000 }, async () => {
    const { says, seen, clock, stored } = await world();
    await says('incident open "the shop is slow" affects web01');
    await seen([
      { host: 'web02', up: false, at: clock.now() },
      { host: 'db01', up: false, at: clock.now() },
    ]);
    expect((await stored())?.hosts.map(({ host, down }) => `${host} ${down === undefined ? 'named' : 'down'}`)).toEqual(['web01 named', 'web02 down']);
  });
});

test('what cannot be done is said, with what can, and changes nothing', { timeout: 90_000 }, async () => {
  const { says, db } = await world();
  await says('incident open "the shop is slow" affects @web');
  await says('incident open "accounts are slow"');
  const events = () => db.query(`select count(*)::int as events from events where thing like 'INC-%'`);
  const before = await events();
  for (const [line, refusal, who = 'ada'] of [
    ['incident open', /Say what is wrong/],
    [`incident open ${'x'.repeat(201)}`, /at most 200 characters/],
    ['incident open "x" affects @nosuch', /nosuch/],
    ['incident update INC-1', /Say it in words the public understands: incident update INC-1/],
    ['incident update We believe', /Which one\? Nothing was done\..*INC-1.*INC-2/s],
    ['incident update INC-9 x', /There is no INC-9/],
    ['incident reopen INC-1 x', /INC-1 is open \(investigating\)/],
    ['incident merge INC-1 into INC-1', /cannot be merged into itself/],
    ['incident affects INC-1 web01 down 23:59x', /no moment that is past/],
    ['incident affects INC-1 web01 down 08:50 up 08:40', /cannot be up \(08:40\) before it was down \(08:50\)/],
    ['incident lead INC-1 web', /is no person/],
    ['incident update INC-1 x', /needs the role operator; ben is known/, 'ben'],
    // An operator of Melbourne only: words are not bound to hosts, naming hosts is.
    ['incident affects INC-1 web01', /web01/, 'kim'],
  ] as const) {
    const { outcome, text } = await says(line, who);
    expect(text, line).toMatch(refusal);
    expect(outcome, line).toBe('refused');
  }
  expect(await events()).toEqual(before);
});

test('a maintenance is told beforehand, begins at its hour by itself, asks at its end, and makes nothing an incident', { timeout: 60_000 }, async () => {
  const { says, pass, shown, stored, db } = await world();
  await says('incident maintenance "new switches" affects @web at 11:00 for 1h');
  expect(await stored()).toMatchObject({ kind: 'maintenance', state: 'scheduled', public: true });
  await says('incident maintenance INC-1 "the vendor is late" at 11:30');
  expect((await stored())?.updates.at(-1)?.text).toMatch(/^the vendor is late\. Now from .* 11:30 UTC for 1 h\.$/);
  // What it touches besides is said before it begins.
  expect((await says('incident affects INC-1 @db')).text).toContain('INC-1 affects db01, and Accounts with it.');
  expect((await stored())?.components).toMatchObject({ Shop: { health: 'operational' }, Accounts: { health: 'operational' } });
  await pass(125 * MINUTE);
  expect((await stored())?.state).toBe('scheduled');
  await pass(30 * MINUTE);
  expect(await stored()).toMatchObject({
    state: 'in_progress',
    components: { Shop: { health: 'under_maintenance' }, Accounts: { health: 'under_maintenance' } },
  });
  shown.splice(0);
  await pass(60 * MINUTE);
  expect(shown.join('\n')).toContain('The window of INC-1 is over. Is it done?');
  await says('incident resolve INC-1 The switches are in.');
  expect(await stored()).toMatchObject({ state: 'completed', components: { Shop: { health: 'operational' } } });
  expect((await db.query<{ status: string }>(`select status from component_changes where component = 'Shop' order by id`)).map(({ status }) => status)).toEqual(
    ['under_maintenance', 'operational'],
  );
});
