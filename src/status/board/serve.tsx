import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { defaultsOf } from '../../config/defaults.ts';
import type { Log } from '../../ops.ts';
import { type Person, rank, strongestRole } from '../../people.ts';
import { CONTENT_SECURITY_POLICY } from '../shell.tsx';
import { endSession, isGood, type Session, sessionOf, spend, stillGood } from './links.ts';
import { Live } from './live.tsx';
import { type LiveBoard, openLiveBoard, type PACE } from './live-board.ts';
import { BoardPage, NoPage, OpenPage } from './page.tsx';
import { type BoardWorld, readBoard } from './read.ts';
import { BOARD_SCRIPT } from './script.ts';
import { BOARD_STYLE } from './style.ts';
import { viewerOver } from './viewers.ts';

const COOKIE = 'holdfast_board';

export interface ServedBoard {
  serve(app: Hono): void;
  /** Ends the connections of everybody who looks. */
  close(): Promise<void>;
}

/**
 * `/board`: one page that only shows. A one-time link is looked at by GET, which spends nothing whoever looks, and spent by POST; what it opens is
 * a session of whoever asked for it, whose role is looked up at each request. `address` = where people reach the board.
 */
export async function openBoard(world: BoardWorld & { log: Log; address(): string; pace?: Partial<typeof PACE> }): Promise<ServedBoard> {
  const { db } = world;
  const names = new Map<string, string[]>();
  /** Whom a session stands for now: nobody who left the configuration or lost every role in it. */
  const personOf = (session: Session | undefined): Person | undefined =>
    world.people().find((person) => person.name === session?.person && !person.machine && rank(strongestRole(person)) >= rank('known'));
  const board: LiveBoard = await openLiveBoard({
    db,
    log: world.log,
    read: () => readBoard(world, names),
    render: (now, zone) => String(<Live board={now} zone={zone} />),
    async allowed(viewers) {
      const good = await stillGood(
        db,
        viewers.map(({ session }) => session.id),
      );
      return new Set(viewers.filter(({ session }) => good.has(session.id) && personOf(session)));
    },
    onJump: world.clock.onJump,
    ...(world.pace && { pace: world.pace }),
  });
  const base = (): string => new URL(world.address()).pathname.replace(/\/+$/, '');
  const who = async (c: Context): Promise<{ session: Session; person: Person } | undefined> => {
    const session = await sessionOf(db, getCookie(c, COOKIE));
    const person = personOf(session);
    return session && person && { session, person };
  };
  const cookie = (c: Context, value: string, seconds: number): void =>
    setCookie(c, COOKIE, value, { path: base(), httpOnly: true, sameSite: 'Lax', secure: world.address().startsWith('https:'), maxAge: seconds });
  const nobody = (c: Context) =>
    page(
      c,
      401,
      <NoPage base={base()} title="The board is closed here" says="Type /ops board where you chat: you get a link that opens it in this browser." />,
    );
  const used = (c: Context) =>
    page(c, 410, <NoPage base={base()} title="This link is used up" says="It was used, or it is over. Type /ops board where you chat for another." />);

  return {
    serve(app) {
      app.get('/board/board.css', (c) => c.body(BOARD_STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
      app.get('/board/board.js', (c) => c.body(BOARD_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
      app.get('/board/open/:token', async (c) => ((await isGood(db, c.req.param('token'))) ? page(c, 200, <OpenPage base={base()} />) : used(c)));
      app.post('/board/open/:token', async (c) => {
        if (!isOurs(c)) return nobody(c);
        const lasts = defaultsOf(world.config())['board.session'];
        const opened = await spend(db, c.req.param('token'), lasts);
        if (!opened) return used(c);
        cookie(c, opened.session, Math.floor(lasts / 1000));
        return c.redirect(base(), 303);
      });
      app.get('/board', async (c) => {
        const known = await who(c);
        if (!known) return nobody(c);
        const { person } = known;
        const { id, html } = await board.now(person.zone);
        return page(c, 200, <BoardPage base={base()} name={world.config().name} person={person.display} live={raw(html)} seen={id} />);
      });
      app.get('/board/events', async (c) => {
        const known = await who(c);
        if (!known) return c.text('Type /ops board where you chat for a link.', 401);
        const { outgoing } = c.env as unknown as HttpBindings;
        const seen = c.req.header('last-event-id') ?? c.req.query('seen') ?? '';
        const viewer = await board.join(() => viewerOver(outgoing as ServerResponse, { ...known, zone: known.person.zone, seen }), {
          person: known.person.name,
          zone: known.person.zone,
        });
        if (!viewer) return c.text('Too many browsers look at the board.', 503, { 'retry-after': '15' });
        outgoing.once('close', () => board.leave(viewer));
        return RESPONSE_ALREADY_SENT;
      });
      app.post('/board/end', async (c) => {
        if (!isOurs(c)) return nobody(c);
        const session = await sessionOf(db, getCookie(c, COOKIE));
        if (session) await endSession(db, session.id);
        cookie(c, '', 0);
        return page(c, 200, <NoPage base={base()} title="The board is closed" says="Type /ops board where you chat to open it again." />);
      });
    },
    close: board.close,
  };
}

/** No form of another page: a browser says where a request comes from. */
function isOurs(c: Context): boolean {
  const from = c.req.header('sec-fetch-site');
  return from === undefined || from === 'same-origin';
}

function page(c: Context, status: 200 | 401 | 410, content: Child) {
  c.header('content-security-policy', CONTENT_SECURITY_POLICY);
  c.header('referrer-policy', 'no-referrer');
  c.header('x-frame-options', 'DENY');
  return c.html(content as string, status);
}
