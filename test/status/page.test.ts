import { describe, expect, test } from 'vitest';
import { aPage, at, EVENING } from './a-page.ts';

const UPDATES = [
  { status: 'investigating', body: 'Several hosts rebooted. We are looking.', at: at('20:13') },
  { status: 'identified', body: 'A live patch makes kernels panic.', at: at('20:19') },
  { status: 'identified', body: 'Patching was stopped everywhere.', at: at('20:25') },
];

describe('the page the public reads', () => {
  test('says that all is well while nothing is open, and names every component that is to be shown', async () => {
    const page = await aPage();
    const { status, text, headers } = await page.get('/');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain('<title>BinaryLane Status: All Systems Operational</title>');
    for (const name of ['Compute', 'mPanel', 'Website', 'Hosting', 'All about our servers.']) expect(text).toContain(name);
    expect(text).not.toContain('Payments');
    expect(text).not.toContain('<script');
    expect(text).toContain('Compute: 90 days, none with trouble, 100 % uptime');
  });

  test('tells an incident at once, with its updates newest first, what it touches and when the next word is promised', async () => {
    const page = await aPage();
    await page.get('/');
    const code = await page.tell({
      state: 'identified',
      severity: 'critical',
      updates: UPDATES,
      components: { Compute: 'major_outage' },
      update_due: at('20:45'),
    });
    page.time.now = at('20:30').getTime();
    const { text } = await page.get('/');
    expect(text).toContain('Major System Outage');
    expect(text).toContain(`href="incidents/${code}"`);
    expect(text.indexOf('Patching was stopped')).toBeLessThan(text.indexOf('Several hosts rebooted'));
    expect(text).toMatch(/Update <small[^>]*>· <time datetime="2018-06-18T10:25:00.000Z">18 Jun 2018, 20:25 GMT\+10/);
    expect(text).toMatch(/Next update promised at <time[^>]*>18 Jun 2018, 20:45 GMT\+10/);
    expect(text).toContain('Compute (Major Outage)');
    // Time alone changes it: the promise was not kept.
    page.time.now = at('20:46').getTime();
    expect((await page.get('/')).text).toContain('The next update was promised for');
  });

  test('calls what opened by itself by its components on every surface: the title a machine gave it is for us', async () => {
    const page = await aPage();
    const title = 'R1 halted: kvm01 at 10.0.0.7 did not come back';
    const code = await page.tell({ id: 'INC-1', title, updates: UPDATES, components: { mPanel: 'partial_outage', Compute: 'partial_outage' } });
    const bare = await page.tell({ id: 'INC-2', title: '7 alerts from prometheus: kvm02', updates: UPDATES });
    await page.db.query(`update incidents set by_itself = true`);
    for (const path of ['/', '/history', `/incidents/${code}`, '/history.rss', '/history.atom', '/api/v2/summary.json', '/api/v2/incidents.json']) {
      const { text } = await page.get(path);
      expect(text).toContain('Compute, mPanel');
      expect(text).not.toMatch(/R1|kvm0|10\.0\.0\.7|prometheus/);
    }
    expect((await page.get(`/incidents/${bare}`)).text).toContain('Service disruption');
  });

  test('shows on the page of an incident which hosts were down for how long, and the postmortem once it is published', async () => {
    const page = await aPage();
    const told = {
      state: 'resolved',
      updates: [...UPDATES, { status: 'resolved', body: 'All hosts are up.', at: at('23:03') }],
      resolved: at('23:03'),
      postmortem: '# Summary\nIt was **the patch**.',
      hosts: [
        { host: 'kvm01', down: at('20:01'), up: at('20:40'), cause: 'kernel panic' },
        { host: 'kvm02', down: at('20:55') },
      ],
    };
    const code = await page.tell({ id: 'INC-1', ...told });
    const before = (await page.get(`/incidents/${code}`)).text;
    expect(before).toMatch(/<th scope="row">kvm01<\/th>.*20:01.*20:40.*39 min.*kernel panic/s);
    expect(before).toContain('not yet');
    expect(before).not.toContain('the patch</strong>');
    await page.tell({ id: 'INC-1', code, ...told, state: 'postmortem' });
    const after = (await page.get(`/incidents/${code}`)).text;
    expect(after).toContain('It was <strong>the patch</strong>.');
    expect(after).toContain('<a href="../">Now</a>');
  });

  test('keeps history by month, in the zone of the page', async () => {
    const page = await aPage();
    const june = await page.tell({ title: 'In June', state: 'resolved', opened: at('2018-05-31 23:00'), resolved: at('2018-05-31 23:30') });
    await page.tell({ title: 'In July', state: 'resolved', opened: at('2018-06-01 00:30'), resolved: at('2018-06-01 01:00') });
    const latest = (await page.get('/history')).text;
    expect(latest).toContain('June 2018');
    expect(latest).toContain('In July');
    expect(latest).not.toContain('In June');
    expect(latest).toContain('href="history/2018-05"');
    const may = (await page.get('/history/2018-05')).text;
    expect(may).toContain('In June');
    expect(may).toContain(`href="../incidents/${june}"`);
    expect((await page.get('/history/2018-04')).status).toBe(404);
  });

  test('colours each of the last 90 days by the worst of it, and counts what was lost', async () => {
    const page = await aPage();
    page.time.now = at('2018-06-20 00:00').getTime();
    await page.tell({ state: 'resolved', began: at('20:00'), resolved: at('23:00'), components: { Compute: 'major_outage' } });
    const { text } = await page.get('/');
    expect(text).toMatch(/<rect class="bad"[^>]*><title>2018-06-18: Major Outage, 3 h<\/title>/);
    expect(text.match(/<rect class="bad"/g)).toHaveLength(1);
    expect(text).toContain('Compute: 90 days, 1 with trouble, 99.85 % uptime');
    expect(text).toContain('One day with trouble');
  });

  test('does not show anywhere what is not public', async () => {
    const page = await aPage();
    const code = await page.tell({
      title: 'A secret trouble',
      public: false,
      updates: UPDATES,
      components: { Compute: 'major_outage' },
      hosts: [{ host: 'kvm03', down: at('20:01') }],
    });
    const paths = ['/', '/history', '/history/2018-06', `/incidents/${code}`, '/history.rss', '/history.atom', '/calendar.ics'];
    const api = ['summary', 'status', 'components', 'incidents', 'incidents/unresolved', 'scheduled-maintenances'].map((name) => `/api/v2/${name}.json`);
    for (const path of [...paths, ...api]) {
      const { text } = await page.get(path);
      expect(text, path).not.toMatch(/secret|kvm03|INC-1|rebooted/i);
      expect(text, path).not.toContain(code);
    }
    expect((await page.get('/')).text).toContain('All Systems Operational');
    expect((await page.get(`/incidents/${code}`)).status).toBe(404);
    // When a person first writes of it, it is there at once, with what was before.
    await page.tell({ id: 'INC-1', code, title: 'A trouble', updates: UPDATES, components: { Compute: 'major_outage' } });
    expect((await page.get('/')).text).toContain('A trouble');
    expect((await page.api('components')).components.find((one: { name: string }) => one.name === 'Compute').status).toBe('major_outage');
  });

  test('keeps the address of what was merged into another, and tells it once', async () => {
    const page = await aPage();
    const into = await page.tell({ id: 'INC-1', title: 'The whole trouble', updates: UPDATES });
    const merged = await page.tell({ id: 'INC-2', title: 'A part of it', state: 'merged' });
    await page.db.query(`update incidents set merged_into = 'INC-1' where id = 'INC-2'`);
    expect((await page.get(`/incidents/${merged}`)).text).toContain('The whole trouble');
    for (const path of ['/', '/history', `/incidents/${into}`, '/history.rss', '/api/v2/incidents.json'])
      expect((await page.get(path)).text, path).not.toContain('A part of it');
    // Into what the public may not read, it leads nowhere.
    await page.tell({ id: 'INC-1', code: into, public: false });
    expect((await page.get(`/incidents/${merged}`)).status).toBe(404);
  });

  test('a component that is shown only in trouble comes and goes', async () => {
    const page = await aPage();
    await page.tell({ id: 'INC-1', components: { Payments: 'degraded_performance' } });
    expect((await page.get('/')).text).toContain('Payments');
    await page.tell({ id: 'INC-1', state: 'resolved', resolved: new Date(EVENING), components: { Payments: 'degraded_performance' } });
    expect((await page.get('/')).text).not.toMatch(/<strong[^>]*>Payments/);
  });

  test('shows what was known last while the database is down, and since when', async () => {
    const page = await aPage();
    await page.tell({ title: 'Known before', updates: UPDATES });
    expect((await page.get('/')).text).not.toContain('cannot be brought up to date');
    const real = page.db.tx;
    page.db.tx = () => Promise.reject(new Error('down'));
    page.time.now += 86_400_000;
    const { status, text } = await page.get('/');
    expect(status).toBe(200);
    expect(text).toContain('Known before');
    expect(text).toMatch(/This page cannot be brought up to date right now. It shows what was known at <time[^>]*>18 Jun 2018, 20:00/);
    expect((await page.api('summary')).page.x_not_read_since).toBe('2018-06-18T10:00:00.000Z');
    page.db.tx = real;
  });

  test('does not say that there was nothing where older incidents cannot be read while the database is down', async () => {
    const page = await aPage();
    const old = await page.tell({ title: 'Long ago', state: 'resolved', opened: at('2018-01-02 10:00'), resolved: at('2018-01-02 11:00') });
    await page.db.query(
      `insert into incidents (id, code, state, title, severity, public, by, began, opened, resolved, changed)
       select 'INC-' || n, 'bbbbbbbb' || n, 'resolved', 'Lately', 'minor', true, 'ada', $1, $1, $1, $1 from generate_series(1001, 1050) as n`,
      [at('19:00')],
    );
    for (const path of ['/history/2018-01', `/incidents/${old}`]) expect((await page.get(path)).text).toContain('Long ago');
    const real = page.db.tx;
    page.db.tx = () => Promise.reject(new Error('down'));
    page.time.now += 86_400_000;
    for (const path of ['/history/2018-01', `/incidents/${old}`]) {
      const { status, text } = await page.get(path);
      expect([status, text]).toEqual([503, expect.stringContaining('cannot be shown right now')]);
    }
    for (const path of ['/history', '/incidents/bbbbbbbb1050']) expect((await page.get(path)).text).toContain('Lately');
    page.db.tx = real;
  });
});

describe('how it is served', () => {
  test('once fetched it is asked for again by its tag, for a minute not at all', async () => {
    const page = await aPage();
    const first = await page.get('/');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(first.headers.get('cache-control')).toBe('public, max-age=60');
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await page.get('/', { 'if-none-match': known });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    await page.tell({});
    expect((await page.get('/', { 'if-none-match': etag })).status).toBe(200);
  });

  test('everybody may read, nobody may frame, run or send anything, and nothing is guessed', async () => {
    const page = await aPage();
    for (const path of ['/', '/api/v2/summary.json', '/history.rss', '/nothing']) {
      const { headers } = await page.get(path);
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('set-cookie')).toBeNull();
    }
    expect((await page.app.request('/', { method: 'POST' })).status).toBe(405);
    expect((await page.app.request('/', { method: 'OPTIONS' })).status).toBe(204);
    const head = await page.app.request('/', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const path of [
      '/incidents/aaaaaaaaaaaa',
      '/incidents/../../etc/passwd',
      '/history/2018-13',
      '/api/v2/nothing.json',
      '/%00',
      '/%2e%2e/x',
      '/__proto__',
      '/constructor',
    ])
      expect((await page.get(path)).status, path).toBe(404);
    expect((await page.get('/history/')).headers.get('location')).toBe('/history');
  });

  test('a thousand readers at once cost one reading of the database', async () => {
    const page = await aPage();
    await page.tell({});
    let read = 0;
    const real = page.db.tx;
    page.db.tx = (work) => {
      read += 1;
      return real(work);
    };
    const answers = await Promise.all(Array.from({ length: 1000 }, () => page.get('/')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(read).toBe(1);
    page.db.tx = real;
  });
});
