import { board } from '../../commands/board.ts';
import { listening } from '../ingest/a-listener.ts';
import { type AtWorkOptions, PEOPLE } from '../runs/at-work.ts';

/** Holdfast at work with its private listener, and browsers as far as cookies go. */
export async function withBoard(options: AtWorkOptions = {}) {
  const people = options.people ?? PEOPLE.map((person) => ({ ...person }));
  const work = await listening({ ...options, people, commands: [board, ...(options.commands ?? [])] });
  const { http, type, shown } = work;
  /** Types `board` as somebody; the link they read. */
  const link = async (actor = 'ada'): Promise<string> => {
    const from = shown.length;
    await type('board', actor);
    const found = shown
      .slice(from)
      .join('\n')
      .match(/http:\/\/\S+\/board\/open\/\S+/);
    if (!found) throw new Error(`no link: ${shown.slice(from).join('\n')}`);
    return found[0];
  };
  /** Uses a link up, as its button does. */
  const press = (url: string, headers: Record<string, string> = {}) => fetch(url, { method: 'POST', redirect: 'manual', headers });
  const cookieOf = (response: Response): string => response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return {
    ...work,
    people,
    link,
    press,
    cookieOf,
    /** A browser in which somebody opened the board. */
    browser: async (actor = 'ada') => ({ cookie: cookieOf(await press(await link(actor))) }),
    at: (path: string, headers: Record<string, string> = {}, method = 'GET') => fetch(http.url + path, { method, headers, redirect: 'manual' }),
  };
}
