import { createConnection } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { secret } from '../../src/config/secret.ts';
import { openLiveBoard } from '../../src/status/board/live-board.ts';
import type { BoardNow } from '../../src/status/board/read.ts';
import { askForPerson } from '../../src/store/events.ts';
import { PEOPLE } from '../runs/at-work.ts';
import { withBoard } from './a-board.ts';
import { isWellMade, look, noBrowser, says, WIDTHS } from './a-browser.ts';

// Each starts a whole Holdfast, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 90_000 });

const HOSTILE = `<script>alert(1)</script>"><img src=x onerror=alert(1)> \u202e & '`;

const four = ['kvm01', 'kvm02', 'web01', 'web02'].map((name) => ({ name, site: 'bne', ring: 'lab' }));

/** Something of everything the board shows. */
async function busy(work: Awaited<ReturnType<typeof withBoard>>, text = 'nobody reads mail'): Promise<void> {
  const { db } = work;
  const at = new Date(work.clock.now() - 30 * 60_000);
  await db.query(
    `insert into incidents (id, code, title, severity, public, lead, by, began, opened, update_due, changed) values ('INC-1', 'abcdefghijkl', $1, 'critical', true, $2, 'ada', $3, $3, $3, $3)`,
    [text, text, at],
  );
  await db.query(`insert into incident_hosts (incident, host, down, source) values ('INC-1', $1, $2, 'check')`, [text, at]);
  await db.query(`insert into incident_hosts (incident, host, source) values ('INC-1', 'mail01', 'person')`);
  await db.query(`insert into incident_components (incident, component, status, since) values ('INC-1', $1, 'major_outage', $2)`, [text, at]);
  await db.query(`insert into incident_updates (incident, n, code, status, body, by, at) values ('INC-1', 1, 'u', 'investigating', $1, $1, $2)`, [text, at]);
  await db.query(`insert into holds (id, kind, expression, owner, because, begun, until) values ('H1', 'updates', $1, $1, $1, $2, $2)`, [text, at]);
  await db.query(`insert into pages (id, text, urgency, about, recipient, by, opened) values ('PG7', $1, 'high', $1, $2, $1, $3)`, [
    text,
    `service:${text}`,
    at,
  ]);
  await db.query(`insert into slots (budget, run, host, intent, taken) values ($1, 'R9', $1, 'i', $2)`, [text, at]);
  await db.query(
    `insert into certificates (host, path, n, kind, subject, issuer, self_issued, serial, fingerprint, begins, ends, trust, served_on, since)
     values ($1, '/etc/nginx/a.crt', 1, 'leaf', $2, 'CN=ca', false, '01', 'f1', $3, $3, false, '[443]', $3), ($1, '/b.crt', 1, 'leaf', 'CN=far', 'CN=ca', false, '02', 'f2', $3, $4, false, '[]', $3)`,
    [text, `CN=${text.replaceAll(',', ' ')}`, at, new Date(work.clock.now() + 90 * 86_400_000)],
  );
}

describe('the board', () => {
  test('shows incidents, open pages and whom they ask next, runs host by host, holds, slots and who is on call', async () => {
    const services = { web: { hosts: 'web01,web02', owner: 'ada', backups: ['ben'] } };
    const people = PEOPLE.map((person) => ({ ...person, ntfy: secret('topic') }));
    const work = await withBoard({ hosts: four, config: { services }, people });
    const { browser, at, type, begin, db, pass } = work;
    await busy(work);
    await begin('shake @all batch 1');
    await type('status');
    await db.tx((tx) => askForPerson(tx, { text: 'db down', urgency: 'high', to: 'service:web', by: 'you', at: work.clock.now() }));
    await pass(1_000);
    const html = await (await at('/board', await browser('ada'))).text();
    const text = html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
    expect(text).toContain('‼ critical INC-1 nobody reads mail');
    // A host somebody only named is not down.
    expect(text).toContain('2 hosts: mail01,nobody reads mail (1 down now)');
    expect(text).toMatch(/the next update was promised for \d\d:\d\d/);
    expect(text).toMatch(/PG1 db down high, for web, since \d\d:\d\d \(1 min\) asks ada; next ben at \d\d:10/);
    expect(html).toMatch(/<p class="grid" role="img" aria-label="[^"]*1 in flight[^"]*not started[^"]*">/);
    expect(text).toMatch(/H1 updates paused on nobody reads mail/);
    expect(text).toMatch(/Certificates nobody reads mail ✗ expired today, served on nobody reads mail/);
    expect(text).not.toContain('far');
    expect(text).toContain('run:R1 1 of 1: kvm01 (R1)');
    expect(text).toMatch(/web ada \d\d:\d\d/);
    expect(text).toMatch(/then ben \d\d:\d\d/);
  });

  test('of five thousand hosts is small, and quick to make', { timeout: 120_000 }, async () => {
    const work = await withBoard();
    const { db, browser, at, clock } = work;
    await db.query(
      `insert into runs (id, job, state, plan, hash, prediction, by, owner, place, size, planned_at, begun_at)
       values ('R1', 'shake', 'running', '{"expression":"@all","limits":{},"rings":[]}', 'h', '{"p50":60000,"p95":120000,"host":{}}', 'ada', 'ada', '{}', 5000, $1, $1)`,
      [new Date(clock.now())],
    );
    await db.query(
      `insert into run_hosts (run, host, position, ring, wave, planned, stamp, state, outcome)
       select 'R1', 'host' || lpad(n::text, 4, '0'), n, 0, n / 50, '{"class":"vm","does":"x","claims":[]}', 's', case when n < 3000 then 'ended' when n < 3005 then 'going' else 'waiting' end,
              case when n >= 3000 then null when n % 700 = 6 then 'lost' else 'ok' end from generate_series(0, 4999) as n`,
    );
    const there = await browser('ada');
    await at('/board', there);
    const begun = performance.now();
    const html = await (await at('/board', there)).text();
    const took = performance.now() - begun;
    expect(html).toContain('2995 ok, 5 in flight, 1995 not started, 5 lost');
    expect(html.length).toBeLessThan(60_000);
    expect(took).toBeLessThan(1_500);
    const signs = /class="grid"[^>]*>(.*?)<\/p>/.exec(html)?.[1]?.replaceAll(/<[^>]+>/g, '') ?? '';
    expect([...signs]).toHaveLength(5000);
    expect(html).toContain('title="host0000 to host0005 (6): ok"');
  });

  test('shows what people and hosts wrote as text, whatever it is', async () => {
    const work = await withBoard();
    await busy(work, HOSTILE);
    const html = await (await work.at('/board', await work.browser('ada'))).text();
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/<img|<[^>]*\sonerror/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

/** Reads server-sent events until `enough`. */
async function eventsOf(response: Response, enough: (text: string) => boolean): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    text += Buffer.from(value ?? []).toString('utf8');
    if (done || enough(text)) {
      await reader.cancel();
      return text;
    }
  }
}

describe('the board, live', () => {
  test('says what changed to everybody who looks, and nothing to whoever has seen it already', async () => {
    const work = await withBoard();
    const { browser, at, db } = work;
    const ada = await browser('ada');
    const seen = /data-seen="([^"]+)"/.exec(await (await at('/board', ada)).text())?.[1] as string;
    const stream = await at(`/board/events?seen=${seen}`, ada);
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const heard = eventsOf(stream, (text) => text.includes('INC-1'));
    await busy(work);
    await db.tx((tx) => tx.notify('shown', 'page'));
    const text = await heard;
    expect(text.match(/^event: board$/gm)).toHaveLength(1);
    expect(text).toMatch(/^id: [\w-]{16}$/m);
    // A browser that lost the connection says what it saw last, and gets it again only when something else is to be seen.
    const id = /^id: (\S+)$/m.exec(text)?.[1] as string;
    const again = await at('/board/events', { ...ada, 'last-event-id': id });
    const next = eventsOf(again, (more) => more.includes('H2'));
    await db.query(`insert into holds (id, kind, expression, owner, begun, until) values ('H2', 'alerts', '@all', 'ada', now(), now() + interval '400 days')`);
    await db.tx((tx) => tx.notify('shown', 'page'));
    expect((await next).match(/^event: board$/gm)).toHaveLength(1);
  });

  test('ends for whoever is out of the configuration, and for whoever closed it', async () => {
    const { browser, at, type, people, db } = await withBoard();
    const [ada, ben] = [await at('/board/events', await browser('ada')), await at('/board/events', await browser('ben'))];
    const ends = [ada, ben].map((stream) => stream.text().catch(() => 'ended'));
    people.splice(
      people.findIndex(({ name }) => name === 'ada'),
      1,
    );
    await db.tx((tx) => tx.notify('shown', 'page'));
    await ends[0];
    await type('board end', 'ben');
    await ends[1];
  });

  test('is read once for all who look, and at most once in its pace, however much happens', async () => {
    const { db, log, clock } = await withBoard();
    let read = 0;
    const board = await openLiveBoard({
      ...{ db, log, onJump: clock.onJump, pace: { between: 300 } },
      read: async () => ({ n: ++read }) as unknown as BoardNow,
      render: (now) => String((now as unknown as { n: number }).n),
      allowed: async (viewers) => new Set(viewers),
    });
    const shown: string[][] = [];
    for (let n = 0; n < 50; n += 1) {
      const mine: string[] = [];
      shown.push(mine);
      const session = { id: `s${n}`, person: `p${n}` };
      await board.join(() => ({ session, zone: 'UTC', show: ({ html }) => void mine.push(html), keep: () => {}, behind: () => 0, end: () => {} }), {
        person: session.person,
        zone: 'UTC',
      });
    }
    const begun = performance.now();
    const before = read;
    for (let n = 0; n < 200; n += 1) await db.tx((tx) => tx.notify('shown', String(n)));
    while (read < before + 2) await db.tx((tx) => tx.notify('shown', 'more'));
    const most = before + 2 + Math.ceil((performance.now() - begun) / 300);
    await board.close();
    expect(read).toBeLessThanOrEqual(most);
    expect(new Set(shown.map((mine) => mine.at(-1))).size).toBe(1);
  });

  test('lets nobody in beyond what is bounded, and lets go who does not read', async () => {
    const work = await withBoard();
    const { browser, at, http, db, log, clock } = work;
    const ada = await browser('ada');
    const open = await Promise.all(Array.from({ length: 10 }, () => at('/board/events', ada)));
    expect(open.map(({ status }) => status).sort()).toEqual([...Array(8).fill(200), 503, 503]);
    for (const stream of open) await stream.body?.cancel();

    let ended = 0;
    const slow = await openLiveBoard({
      ...{ db, log, onJump: clock.onJump, pace: { between: 10, look: 20, behind: 40 } },
      read: async () => ({}) as BoardNow,
      render: () => 'x',
      allowed: async (viewers) => new Set(viewers),
    });
    await new Promise<void>((gone) => {
      const viewer = {
        session: { id: 's', person: 'ada' },
        zone: 'UTC',
        show: () => {},
        keep: () => {},
        behind: () => 41,
        end: () => {
          ended += 1;
          gone();
        },
      };
      void slow.join(() => viewer, { person: 'ada', zone: 'UTC' });
    });
    await slow.close();
    expect(ended).toBe(1);

    // Half a request holds nothing but one connection, and that for seconds only.
    const half = createConnection({ port: Number(new URL(http.url).port), host: '127.0.0.1' });
    half.write('GET /board/events HTTP/1.1\r\nhost: x\r\n\r\n');
    const answer = await new Promise<string>((resolve) => half.once('data', (data) => resolve(String(data))));
    half.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe.skipIf(noBrowser)(says('the board in a browser'), () => {
  test.each(WIDTHS)(
    'at %i px: opened by the button of its link, clean for axe, nothing sideways, and a run moves on it without loading',
    { timeout: 120_000 },
    async (width) => {
      const work = await withBoard({ hosts: four, config: { services: { web: { hosts: 'web01,web02', owner: 'ada', backups: ['ben'] } } } });
      await busy(work, `a long word that has no end ${'x'.repeat(300)} ${HOSTILE}`);
      const { page, wrong, close } = await look({ width });
      await page.goto(await work.link('ada'));
      await isWellMade(page);
      await page.getByRole('button', { name: 'Open the board' }).click();
      await page.waitForURL('**/board');
      await page.getByText('● live').waitFor();
      await isWellMade(page);
      let loads = 0;
      page.on('load', () => {
        loads += 1;
      });
      const run = work.type('shake @all batch 1', 'you');
      await page.getByText('R1 shake @all').waitFor();
      await run;
      await page.locator('#runs .grid[aria-label="4 ok"]').waitFor();
      expect(await page.locator('#runs .grid').textContent()).toBe('✓✓✓✓');
      await isWellMade(page);
      expect(loads).toBe(0);
      expect(wrong).toEqual([]);
      // Another browser is not let in.
      const other = await look({ width });
      expect((await other.page.goto(`${work.http.url}/board`))?.status()).toBe(401);
      await isWellMade(other.page);
      await Promise.all([close(), other.close()]);
    },
  );

  test('dark, and without JavaScript as a page that is loaded again', { timeout: 60_000 }, async () => {
    const work = await withBoard({ hosts: four });
    await busy(work);
    const { page, wrong, close } = await look({ width: 390, dark: true });
    await page.goto(await work.link('ada'));
    await page.getByRole('button', { name: 'Open the board' }).click();
    await page.getByText('INC-1').waitFor();
    await isWellMade(page);
    const plain = await look({ width: 390, javaScript: false });
    await plain.page.context().addCookies(await page.context().cookies());
    await plain.page.goto(`${work.http.url}/board`);
    expect(await plain.page.locator('#incidents').textContent()).toContain('INC-1');
    expect(await plain.page.locator('noscript').count()).toBe(1);
    expect(await plain.page.content()).toContain('<meta http-equiv="refresh" content="20">');
    expect([...wrong, ...plain.wrong]).toEqual([]);
    await Promise.all([close(), plain.close()]);
  });
});
