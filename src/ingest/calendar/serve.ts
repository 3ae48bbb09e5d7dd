import type { Hono } from 'hono';
import { loadStanding } from '../../oncall/standing.ts';
import type { Ops } from '../../ops.ts';
import { rank, strongestRole } from '../../people.ts';
import type { Db } from '../../store/db.ts';
import { Wrong } from '../wrong.ts';
import { datesAhead } from './dates.ts';
import { calendarFeed } from './feed.ts';
import { shiftDates } from './shifts.ts';
import type { Tokens } from './token.ts';

/** `GET /calendar/<token>.ics`: for whoever knows the address, which is a person's own. Changes nothing. */
export function serveCalendar(app: Hono, world: Pick<Ops, 'config' | 'people' | 'clock' | 'fleet'> & { db: Db; tokens: Tokens }): void {
  app.get('/calendar/:file', async (c) => {
    const [, token = ''] = /^([^.]*)\.ics$/.exec(c.req.param('file')) ?? [];
    const known = world.people().filter((person) => rank(strongestRole(person)) >= rank('known'));
    const person = world.tokens.whose(
      token,
      known.map(({ name }) => name),
    );
    if (person === undefined) throw new Wrong(404, 'There is no such calendar.', { do: '"show calendar" prints the address of yours.' });
    const now = world.clock.now();
    const config = world.config();
    const [dates, standing] = await Promise.all([datesAhead(world.db, { config, now }), loadStanding(world.db, world)]);
    const gaps = known.some((one) => one.name === person && strongestRole(one) === 'admin');
    const own = shiftDates(standing, person, { now, gaps });
    return c.body(calendarFeed([...dates, ...own], { name: config.name, now }), 200, { 'content-type': 'text/calendar; charset=utf-8' });
  });
}
