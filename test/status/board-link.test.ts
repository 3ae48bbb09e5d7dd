import { describe, expect, test, vi } from 'vitest';
import type { Person } from '../../src/people.ts';
import { prune } from '../../src/store/prune.ts';
import { withBoard } from './a-board.ts';

// Each starts a whole Holdfast, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 90_000 });

const everythingIn = async (db: { query(sql: string): Promise<unknown[]> }): Promise<string> =>
  JSON.stringify(
    await Promise.all(
      ['inbox', 'messages', 'cards', 'audit', 'events', 'meta', 'outbox', 'timers', 'board_links', 'board_sessions'].map((table) =>
        db.query(`select * from ${table} order by 1`),
      ),
    ),
  );

describe('a link to the board', () => {
  test('is shown to whoever asked, opens nothing by being looked at, and opens the board once in the browser that presses its button', async () => {
    const { link, press, cookieOf, at, db } = await withBoard();
    const url = await link('ada');
    const before = await everythingIn(db);
    // What previews, mail scanners and chat platforms do.
    for (const method of ['GET', 'HEAD', 'GET']) expect((await fetch(url, { method })).status).toBe(200);
    const shown = await (await fetch(url)).text();
    expect(shown).toContain('<button type="submit">Open the board</button>');
    expect(shown).not.toMatch(/ada/i);
    expect(await everythingIn(db)).toBe(before);

    const opened = await press(url);
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/board']);
    expect(opened.headers.get('set-cookie')).toMatch(/^holdfast_board=[\w-]{43}; Max-Age=43200; Path=\/board; HttpOnly; SameSite=Lax$/);
    const page = await at('/board', { cookie: cookieOf(opened) });
    expect([page.status, page.headers.get('cache-control'), page.headers.get('x-content-type-options')]).toEqual([200, 'no-store', 'nosniff']);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'; script-src 'self'; .*frame-ancestors 'none'/);
    expect(await page.text()).toContain('For Ada.');

    expect((await press(url)).status).toBe(410);
    expect((await fetch(url)).status).toBe(410);
    expect((await at('/board')).status).toBe(401);
  });

  test('pressed twenty times at once opens one browser', async () => {
    const { link, press, db } = await withBoard();
    const url = await link();
    const answers = await Promise.all(Array.from({ length: 20 }, () => press(url)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array.from({ length: 19 }, () => 410)]);
    expect(await db.query('select 1 from board_sessions')).toHaveLength(1);
  });

  test('pressed from the page of somebody else does nothing', async () => {
    const { link, press } = await withBoard();
    const url = await link();
    expect((await press(url, { 'sec-fetch-site': 'cross-site' })).status).toBe(401);
    expect((await press(url, { 'sec-fetch-site': 'same-site' })).status).toBe(401);
    expect((await press(url, { 'sec-fetch-site': 'same-origin' })).status).toBe(303);
  });

  test('and the cookie it gives are kept nowhere in a form that opens anything, and never logged', async () => {
    const { link, press, cookieOf, at, db, log } = await withBoard();
    const url = await link();
    const token = url.split('/').at(-1) as string;
    const cookie = cookieOf(await press(url)).split('=')[1] as string;
    await at('/board', { cookie: `holdfast_board=${cookie}` });
    await db.query('drop table board_links');
    expect((await fetch(url)).status).toBe(500);
    const kept = await Promise.all(
      ['inbox', 'messages', 'cards', 'audit', 'events', 'meta', 'board_sessions'].map((table) => db.query(`select * from ${table}`)),
    );
    for (const secret of [token, cookie]) {
      expect(JSON.stringify(kept)).not.toContain(secret);
      expect(JSON.stringify(log)).not.toContain(secret);
    }
  });

  test('is over after its minutes of wall time, and so is the browser after its hours', async () => {
    const { link, press, at, browser, db } = await withBoard();
    const url = await link();
    await db.query(`update board_links set wall_until = now()`);
    expect([(await fetch(url)).status, (await press(url)).status]).toEqual([410, 410]);
    const there = await browser();
    expect((await at('/board', there)).status).toBe(200);
    await db.query(`update board_sessions set wall_until = now()`);
    expect((await at('/board', there)).status).toBe(401);
    await db.query(`update board_links set wall_until = now() - interval '2 days'`);
    await db.query(`update board_sessions set wall_until = now() - interval '31 days'`);
    await db.tx((tx) => prune(tx, Date.now()));
    expect(await db.query(`select 1 from board_links union all select 1 from board_sessions`)).toEqual([]);
  });

  test('that is none opens nothing', async () => {
    const { at } = await withBoard();
    for (const token of ['', 'x', 'A'.repeat(43), `${'A'.repeat(42)}%00`, '..%2f..%2fboard', 'A'.repeat(5000)])
      for (const method of ['GET', 'POST']) expect([404, 410], token).toContain((await at(`/board/open/${token}`, {}, method)).status);
  });
});

describe('who may see the board', () => {
  const people: Person[] = [
    { name: 'root', display: 'Root', roles: [{ role: 'admin' }], zone: 'UTC' },
    { name: 'ada', display: 'Ada', roles: [{ role: 'operator' }], zone: 'UTC' },
    { name: 'kim', display: 'Kim', roles: [{ role: 'operator', scope: '@mel' }], zone: 'UTC' },
    { name: 'ben', display: 'Ben', roles: [{ role: 'known' }], zone: 'UTC' },
    { name: 'eve', display: 'Eve', roles: [], zone: 'UTC' },
  ];
  const ENDPOINTS = ['/board', '/board/events', '/board/end'] as const;

  test('everybody known, each at every address; nobody else at any', async () => {
    const { browser, at, type, db, people: now } = await withBoard({ people: people.map((person) => ({ ...person })) });
    const seen: Record<string, Record<string, number>> = {};
    const look = async (who: string, headers: Record<string, string>): Promise<void> => {
      seen[who] = {};
      for (const path of ENDPOINTS) {
        const answer = await at(path, headers, path === '/board/end' ? 'POST' : 'GET');
        await answer.body?.cancel();
        (seen[who] as Record<string, number>)[path] = answer.status;
      }
    };
    for (const { name } of people.slice(0, 4)) await look(name, await browser(name));
    await look('nobody', {});
    await look('a guess', { cookie: `holdfast_board=${'A'.repeat(43)}` });
    await look('a key of automation', { authorization: 'Bearer ci-key-of-more-than-24-characters' });
    const all = { '/board': 200, '/board/events': 200, '/board/end': 200 };
    // Whoever has nothing to close is told that it is closed.
    const none = { '/board': 401, '/board/events': 401, '/board/end': 200 };
    expect(seen).toEqual({ root: all, ada: all, kim: all, ben: all, nobody: none, 'a guess': none, 'a key of automation': none });
    expect(await type('board', 'eve')).toBe('refused');
    expect(await type('board', 'a stranger')).toBe('refused');
    expect(await type('board', 'machine:ci')).toBe('refused');
    expect(await db.query(`select 1 from board_sessions where wall_ended is null`)).toEqual([]);
    expect(now).toHaveLength(5);
  });

  test('not from the moment somebody is out of the configuration, or has no role in it any more', async () => {
    const { browser, at, people: now } = await withBoard({ people: people.map((person) => ({ ...person })) });
    const [ada, ben] = [await browser('ada'), await browser('ben')];
    expect([(await at('/board', ada)).status, (await at('/board', ben)).status]).toEqual([200, 200]);
    now.splice(1, 1);
    (now.find(({ name }) => name === 'ben') as Person).roles = [];
    expect([(await at('/board', ada)).status, (await at('/board', ben)).status]).toEqual([401, 401]);
    expect(await (await at('/board', ada)).text()).toContain('/ops board');
  });

  test('until they close it: in this browser by its button, in all of them by what they type', async () => {
    const { browser, at, type, link, press } = await withBoard();
    const [one, two, other] = [await browser('ada'), await browser('ada'), await browser('ben')];
    const ended = await at('/board/end', one, 'POST');
    expect(ended.headers.get('set-cookie')).toMatch(/^holdfast_board=; Max-Age=0; Path=\/board; HttpOnly/);
    expect([(await at('/board', one)).status, (await at('/board', two)).status]).toEqual([401, 200]);
    const unused = await link('ada');
    expect(await type('board end', 'ada')).toBe('ok');
    expect([(await at('/board', two)).status, (await press(unused)).status, (await at('/board', other)).status]).toEqual([401, 410, 200]);
  });
});
