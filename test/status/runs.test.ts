import { describe, expect, test } from 'vitest';
import { aPage, at } from './a-page.ts';

type Page = Awaited<ReturnType<typeof aPage>>;
let n = 0;

/** A run as its own room writes it: its row, its hosts, and what it says of itself as maintenance. */
async function aRun(
  page: Page,
  said: {
    state?: string;
    starts?: Date;
    due?: Date;
    begun?: Date;
    ended?: Date;
    hosts?: string[];
    plan?: object;
    approvals?: object;
    events?: [string, Date][];
  },
) {
  const id = `R${900 + ++n}`;
  const plan = {
    job: 'reboot',
    expression: '@secret',
    risk: 'disrupt',
    mode: 'do',
    safe: false,
    containment: false,
    rings: [{ name: '', approval: ['disrupts production'] }],
    ...(said.starts && { startAt: said.starts.getTime() }),
    ...said.plan,
  };
  await page.db.query(
    `insert into runs (id, job, state, plan, hash, prediction, by, owner, place, size, approvals, planned_at, due, begun_at, ended)
     values ($1, 'reboot', $2, $3, 'x', '{"p95": 3600000}', 'ada', 'ada', '{}', 2, $4, $5, $6, $7, $8)`,
    [
      id,
      said.state ?? 'planned',
      JSON.stringify(plan),
      JSON.stringify(said.approvals ?? {}),
      at('19:00'),
      said.due ?? null,
      said.begun ?? null,
      said.ended ?? null,
    ],
  );
  for (const [position, host] of (said.hosts ?? ['kvm01', 'kvm02']).entries())
    await page.db.query(`insert into run_hosts (run, host, position, ring, wave, planned, stamp) values ($1, $2, $3, 0, 0, '{}', 's')`, [id, host, position]);
  for (const [rev, [what, when]] of (said.events ?? [['planned', at('19:00')]]).entries())
    await page.db.query(`insert into events (thing, rev, type, data, by, at) values ($1, $2, $3, '{"because": "kvm01 is not well"}', 'holdfast', $4)`, [
      id,
      rev + 1,
      `maintenance ${what}`,
      when,
    ]);
  return id;
}

const APPROVED = { approvals: { 0: { by: 'pepe' } } };
const all = async (page: Page) =>
  (await page.api('scheduled-maintenances')).scheduled_maintenances as {
    id: string;
    name: string;
    status: string;
    incident_updates: { status: string; body: string }[];
    scheduled_for: string;
    scheduled_until: string;
  }[];

describe('runs that disrupt what the public has a name for', () => {
  test('are announced when they have an hour and somebody’s yes, by the components they touch and no other name', async () => {
    const page = await aPage();
    await aRun(page, { starts: at('2018-06-19 02:00') });
    expect(await all(page)).toEqual([]);
    await aRun(page, { starts: at('2018-06-19 02:00'), ...APPROVED });
    const [story] = await all(page);
    expect(story).toMatchObject({
      name: 'Maintenance: Compute',
      status: 'scheduled',
      scheduled_for: '2018-06-18T16:00:00.000Z',
      scheduled_until: '2018-06-18T17:00:00.000Z',
    });
    const { text } = await page.get(`/incidents/${story?.id}`);
    expect(text).toContain('This maintenance is scheduled.');
    for (const path of ['/', '/history', '/calendar.ics', '/history.rss', '/api/v2/summary.json'])
      expect((await page.get(path)).text).not.toMatch(/kvm0|@secret|R90|ada|reboot/);
  });

  test('go on when they go on, and end by what happened, not by the clock', async () => {
    const page = await aPage();
    const id = await aRun(page, {
      state: 'running',
      begun: at('19:10'),
      events: [
        ['planned', at('19:00')],
        ['begun', at('19:10')],
      ],
    });
    expect((await all(page))[0]).toMatchObject({ status: 'in_progress', scheduled_until: '2018-06-18T10:10:00.000Z' });
    expect((await page.get('/')).text).toContain('Service Under Maintenance');
    expect((await page.api('components')).components.find((one: { name: string }) => one.name === 'Compute').status).toBe('under_maintenance');
    // Past what was announced it is late, and says so; it is not over.
    page.time.now = at('20:11').getTime();
    const late = (await all(page))[0];
    expect([late?.status, late?.incident_updates[0]?.body]).toEqual(['in_progress', 'The maintenance is delayed: it takes longer than announced.']);
    expect((await page.get('/')).text).toContain('it takes longer than announced');
    await page.db.tx(async (tx) => {
      await tx.query(`update runs set state = 'done', ended = $2 where id = $1`, [id, at('20:20')]);
      await tx.query(`insert into events (thing, rev, type, data, by, at) values ($1, 3, 'maintenance ended', '{}', 'holdfast', $2)`, [id, at('20:20')]);
    });
    expect((await all(page))[0]).toMatchObject({ status: 'completed', scheduled_until: '2018-06-18T10:20:00.000Z' });
    expect((await page.get('/')).text).toContain('All Systems Operational');
  });

  test('one that did not begin at its hour says so at that hour, without anybody writing anything', async () => {
    const page = await aPage();
    await aRun(page, { starts: at('20:30'), ...APPROVED });
    expect((await all(page))[0]?.incident_updates).toHaveLength(1);
    page.time.now = at('20:31').getTime();
    const [story] = await all(page);
    expect([story?.status, story?.incident_updates[0]?.body]).toEqual(['scheduled', 'The maintenance is delayed: it has not begun at its hour.']);
  });

  test('one that is asked for anew after its hour went by stays announced, with its new hour', async () => {
    const page = await aPage();
    await aRun(page, {
      starts: at('19:30'),
      due: at('22:00'),
      events: [
        ['planned', at('19:00')],
        ['delayed', at('19:45')],
      ],
    });
    const [story] = await all(page);
    expect(story).toMatchObject({ status: 'scheduled', scheduled_for: '2018-06-18T12:00:00.000Z' });
    expect(story?.incident_updates[0]?.body).toContain('delayed');
    expect((await page.get('/')).text).not.toContain('kvm01 is not well');
  });

  test('one that is called off is over, and says that nothing was changed', async () => {
    const page = await aPage();
    await aRun(page, { state: 'cancelled', starts: at('23:00'), ended: at('19:50'), ...APPROVED });
    const [story] = await all(page);
    expect([story?.status, story?.incident_updates[0]?.body]).toEqual(['completed', 'The maintenance was called off: nothing was changed.']);
    expect((await page.get('/')).text).not.toContain('with trouble, 100 % uptime, Under');
  });

  test('are read anew the moment somebody says yes, and the moment they are stopped', async () => {
    const page = await aPage();
    const id = await aRun(page, { starts: at('2018-06-19 02:00') });
    expect(await all(page)).toEqual([]);
    await page.db.query(`update runs set approvals = $2 where id = $1`, [id, JSON.stringify(APPROVED.approvals)]);
    expect(await all(page)).toMatchObject([{ status: 'scheduled' }]);
    const before = await page.model.view();
    await page.db.query(`update runs set wave = wave + 1, rev = rev + 1, waiting = '{}' where id = $1`, [id]);
    expect(await page.model.view()).toBe(before);
    await page.db.query(`update runs set state = 'cancelled', ended = $2 where id = $1`, [id, at('19:50')]);
    expect(await all(page)).toMatchObject([{ status: 'completed' }]);
  });

  test('are nobody’s business where they touch nothing the public knows, put something back, or are an emergency', async () => {
    const page = await aPage();
    const running = { state: 'running', begun: at('19:10'), events: [['begun', at('19:10')]] as [string, Date][] };
    await aRun(page, { ...running, hosts: ['mon01'] });
    await aRun(page, { ...running, plan: { mode: 'undo' } });
    await aRun(page, { ...running, plan: { safe: true } });
    await aRun(page, { ...running, plan: { containment: true } });
    await aRun(page, { ...running, plan: { risk: 'change' } });
    expect(await all(page)).toEqual([]);
  });
});
