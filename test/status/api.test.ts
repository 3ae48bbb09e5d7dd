import Parser from 'rss-parser';
import { Statuspage } from 'statuspage.io';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LIMITS, listenAt } from '../../src/ingest/listen.ts';
import { quietLog } from '../quiet-log.ts';
import { aPage, at } from './a-page.ts';

const PATHS = [
  'summary',
  'status',
  'components',
  'incidents',
  'incidents/unresolved',
  'scheduled-maintenances',
  'scheduled-maintenances/active',
  'scheduled-maintenances/upcoming',
];

/** An evening with one incident open, one over, a maintenance that goes on and one to come. */
async function anEvening() {
  const page = await aPage();
  await page.tell({
    title: 'Hosts reboot by themselves',
    state: 'identified',
    severity: 'critical',
    began: at('20:01'),
    opened: at('20:13'),
    update_due: at('20:45'),
    updates: [
      { status: 'investigating', body: 'We are looking.', at: at('20:13'), components: [{ component: 'Compute', from: 'operational', to: 'major_outage' }] },
      { status: 'identified', body: 'A live patch.', at: at('20:19') },
      { status: 'identified', body: 'Stopped everywhere.', at: at('20:25') },
    ],
    components: { Compute: 'major_outage', mPanel: 'degraded_performance' },
    hosts: [{ host: 'kvm01', down: at('20:01'), up: at('20:40'), cause: 'kernel panic' }],
  });
  await page.tell({
    title: 'Slow panel',
    state: 'resolved',
    severity: 'minor',
    opened: at('2018-06-17 10:00'),
    resolved: at('2018-06-17 11:00'),
    updates: [
      { status: 'investigating', body: 'It is slow.', at: at('2018-06-17 10:00') },
      { status: 'resolved', body: 'It is fast.', at: at('2018-06-17 11:00') },
    ],
  });
  const maintenance = { kind: 'maintenance', severity: 'minor', components: { Website: 'under_maintenance' } };
  await page.tell({
    ...maintenance,
    title: 'New disks',
    state: 'in_progress',
    opened: at('2018-06-16 10:00'),
    scheduled_for: at('19:00'),
    scheduled_until: at('21:00'),
    updates: [
      { status: 'scheduled', body: 'We change disks.', at: at('2018-06-16 10:00') },
      { status: 'in_progress', body: 'We began.', at: at('19:00') },
    ],
  });
  await page.tell({
    ...maintenance,
    title: 'New switches',
    state: 'scheduled',
    opened: at('2018-06-16 11:00'),
    scheduled_for: at('2018-06-25 02:00'),
    scheduled_until: at('2018-06-25 04:00'),
    updates: [{ status: 'scheduled', body: 'We change switches.', at: at('2018-06-16 11:00') }],
  });
  page.time.now = at('20:30').getTime();
  return page;
}

describe('Statuspage’s API', () => {
  test('each answer has the keys of the original, and both arrays wherever they belong', async () => {
    const page = await anEvening();
    for (const path of PATHS) expect(Object.keys((await page.api(path)).page).sort(), path).toEqual(['id', 'name', 'time_zone', 'updated_at', 'url']);
    const summary = await page.api('summary');
    expect(Object.keys(summary)).toEqual(['page', 'components', 'incidents', 'scheduled_maintenances', 'status']);
    expect(summary.status).toEqual({ indicator: 'critical', description: 'Major System Outage' });
    const component = 'created_at description group group_id id name only_show_if_degraded page_id position showcase start_date status updated_at';
    for (const one of summary.components.filter(({ group }: { group: boolean }) => !group)) expect(Object.keys(one).sort().join(' ')).toBe(component);
    const story = 'components created_at id impact incident_updates monitoring_at name page_id resolved_at shortlink started_at status updated_at x_hosts';
    const incidents = [...(await page.api('incidents')).incidents, ...summary.incidents];
    expect(incidents.map(({ name }) => name)).toEqual(['Hosts reboot by themselves', 'Slow panel', 'Hosts reboot by themselves']);
    const ours = (one: object): string =>
      Object.keys(one)
        .filter((key) => key !== 'x_next_update_at')
        .sort()
        .join(' ');
    for (const one of incidents) expect(ours(one)).toBe(story);
    const maintenances = (await page.api('scheduled-maintenances')).scheduled_maintenances;
    for (const one of maintenances) expect(ours(one)).toBe(story.replace('shortlink', 'scheduled_for scheduled_until shortlink'));
    const update = 'affected_components body created_at custom_tweet deliver_notifications display_at id incident_id status tweet_id updated_at';
    for (const one of [...incidents, ...maintenances].flatMap(({ incident_updates: updates }) => updates))
      expect(Object.keys(one).sort().join(' ')).toBe(update);
    for (const { id } of [...incidents, ...maintenances, ...summary.components]) expect(id).toMatch(/^[0-9a-z]{12}$/);
  });

  test('says what was said: the state, the updates newest first, what changed, the outage table', async () => {
    const page = await anEvening();
    const [incident] = (await page.api('incidents/unresolved')).incidents;
    expect(incident).toMatchObject({
      status: 'identified',
      impact: 'critical',
      started_at: '2018-06-18T10:01:00.000Z',
      created_at: '2018-06-18T10:13:00.000Z',
      updated_at: '2018-06-18T10:25:00.000Z',
      resolved_at: null,
      x_hosts: [{ host: 'kvm01', down_at: '2018-06-18T10:01:00.000Z', up_at: '2018-06-18T10:40:00.000Z', seconds: 2340, cause: 'kernel panic' }],
      x_next_update_at: '2018-06-18T10:45:00.000Z',
    });
    expect(incident.incident_updates.map(({ status, body }: { status: string; body: string }) => [status, body])).toEqual([
      ['identified', 'Stopped everywhere.'],
      ['identified', 'A live patch.'],
      ['investigating', 'We are looking.'],
    ]);
    expect(incident.incident_updates[0].affected_components).toBeNull();
    const all = (await page.api('components')).components;
    const compute = all.find(({ name }: { name: string }) => name === 'Compute');
    expect(incident.incident_updates[2].affected_components).toEqual([
      { code: compute.id, name: 'Compute', old_status: 'operational', new_status: 'major_outage' },
    ]);
    expect(incident.components.map(({ name, status }: { name: string; status: string }) => [name, status])).toEqual([
      ['Compute', 'major_outage'],
      ['mPanel', 'degraded_performance'],
    ]);
    // A group is one more component, with its members and the worst of them.
    expect(all[0]).toMatchObject({ name: 'Hosting', group: true, status: 'major_outage', components: [compute.id, all[2].id] });
    expect(compute.group_id).toBe(all[0].id);
    expect(all.map(({ name, status }: { name: string; status: string }) => [name, status]).slice(3)).toEqual([
      ['Website', 'under_maintenance'],
      ['Payments', 'operational'],
    ]);
  });

  test('maintenance is apart: what goes on, what is to come', async () => {
    const page = await anEvening();
    const names = async (name: string) =>
      (await page.api(name)).scheduled_maintenances.map((one: { name: string; status: string; impact: string }) => [one.name, one.status, one.impact]);
    expect(await names('scheduled-maintenances/active')).toEqual([['New disks', 'in_progress', 'maintenance']]);
    expect(await names('scheduled-maintenances/upcoming')).toEqual([['New switches', 'scheduled', 'maintenance']]);
    expect(await names('summary')).toEqual([...(await names('scheduled-maintenances/active')), ...(await names('scheduled-maintenances/upcoming'))]);
    const [, disks] = (await page.api('scheduled-maintenances')).scheduled_maintenances;
    expect([disks.scheduled_for, disks.scheduled_until]).toEqual(['2018-06-18T09:00:00.000Z', '2018-06-18T11:00:00.000Z']);
  });

  test('without anything to tell both arrays are there and empty', async () => {
    const page = await aPage();
    expect(await page.api('summary')).toMatchObject({
      incidents: [],
      scheduled_maintenances: [],
      status: { indicator: 'none', description: 'All Systems Operational' },
    });
    expect((await page.api('incidents')).incidents).toEqual([]);
    await page.tell({});
    expect((await page.api('incidents')).incidents[0]).toMatchObject({ incident_updates: [], components: [] });
  });

  test('a client from npm that knows only Statuspage reads it', async () => {
    const page = await anEvening();
    const listener = await listenAt({ host: '127.0.0.1', port: 0, log: quietLog, limits: LIMITS, fetch: (request) => page.app.fetch(request) });
    onTestFinished(() => listener.close());
    const client = new Statuspage('binarylane');
    client.setApiUrl(listener.url);
    const { api } = client;
    expect((await api.getStatus()).status).toEqual({ indicator: 'critical', description: 'Major System Outage' });
    expect((await api.getComponents()).components).toHaveLength(5);
    const { incidents, scheduled_maintenances: maintenances } = await api.getSummary();
    expect([incidents.map(({ name }) => name), maintenances.map(({ name }) => name)]).toEqual([['Hosts reboot by themselves'], ['New disks', 'New switches']]);
    expect((await api.incidents.getAll()).incidents).toHaveLength(2);
    expect((await api.incidents.getUnresolved()).incidents[0]?.incident_updates).toHaveLength(3);
    // This client asks for what is to come, whichever of its three it is asked for.
    expect((await api.scheduledMaintenances.getUpcoming()).scheduled_maintenances[0]?.name).toBe('New switches');
  });
});

describe('feeds', () => {
  test('RSS has the markup that readers of Statuspage’s feeds look for', async () => {
    const page = await anEvening();
    const { text, headers } = await page.get('/history.rss');
    expect(headers.get('content-type')).toBe('application/rss+xml; charset=utf-8');
    expect(text).toContain('<title>BinaryLane Status - Incident History</title><link>https://status.example.org</link><description>Statuspage</description>');
    const { items } = await new Parser({ customFields: { item: ['maintenanceEndDate'] } }).parseString(text);
    expect(items.map(({ title }) => title)).toEqual(['Hosts reboot by themselves', 'Slow panel', 'New switches', 'New disks']);
    const [open, slow, switches] = items;
    expect(open?.content).toBe(
      "<p><small>Jun <var data-var='date'>18</var>, <var data-var='time'>20:25</var> GMT+10</small><br><strong>Update</strong> - Stopped everywhere.</p>" +
        "<p><small>Jun <var data-var='date'>18</var>, <var data-var='time'>20:19</var> GMT+10</small><br><strong>Identified</strong> - A live patch.</p>" +
        "<p><small>Jun <var data-var='date'>18</var>, <var data-var='time'>20:13</var> GMT+10</small><br><strong>Investigating</strong> - We are looking.</p>",
    );
    expect(slow?.content).toContain('<strong>Resolved</strong>');
    expect(open?.link).toMatch(/^https:\/\/status\.example\.org\/incidents\/[0-9a-z]{12}$/);
    expect(open?.guid).toBe(open?.link);
    expect(switches?.content).toMatch(
      /^<p><strong>THIS IS A SCHEDULED EVENT Jun <var data-var='date'>25<\/var>, <var data-var='time'>02:00<\/var> - <var data-var='time'>04:00<\/var> GMT\+10<\/strong><\/p>/,
    );
    expect(switches?.maintenanceEndDate).toBe('Sun, 24 Jun 2018 18:00:00 +0000');
  });

  test('Atom has one entry an incident, which changes in place', async () => {
    const page = await anEvening();
    const feed = async () => new Parser().parseString((await page.get('/history.atom')).text);
    const before = await feed();
    expect(before.title).toBe('BinaryLane Status - Incident History');
    expect(before.items[0]).toMatchObject({
      id: expect.stringMatching(/^tag:status\.example\.org,2005:Incident\/[0-9a-z]{12}$/),
      pubDate: '2018-06-18T10:13:00.000Z',
    });
    expect((await page.get('/history.atom')).text).toContain('<link rel="self" type="application/atom+xml" href="https://status.example.org/history.atom"/>');
    await page.tell({
      id: 'INC-1',
      state: 'resolved',
      opened: at('20:13'),
      resolved: at('23:03'),
      updates: [{ status: 'resolved', body: 'All are up.', at: at('23:03') }],
    });
    const after = await feed();
    expect(after.items.map(({ id }) => id)).toEqual(before.items.map(({ id }) => id));
    expect(after.items[0]?.content).toContain('<strong>Resolved</strong> - All are up.');
  });

  test('the page says where they are, as readers look for it', async () => {
    const page = await aPage();
    const { text } = await page.get('/');
    expect(text).toContain('<link rel="alternate" type="application/atom+xml" title="BinaryLane Status - Incident History" href="history.atom"/>');
    expect(text).toContain('<link rel="alternate" type="application/rss+xml"');
  });
});

test('the calendar has each maintenance under one id, in UTC', async () => {
  const page = await anEvening();
  const { text, headers } = await page.get('/calendar.ics');
  expect(headers.get('content-type')).toBe('text/calendar; charset=utf-8');
  expect(text).toContain('METHOD:PUBLISH\r\n');
  expect(text.match(/BEGIN:VEVENT/g)).toHaveLength(2);
  expect(text).toContain('DTSTART:20180624T160000Z\r\nDTEND:20180624T180000Z');
  expect(text).toContain('SUMMARY:New switches');
  expect(text).toContain('SUMMARY:New disks (in progress)');
});
