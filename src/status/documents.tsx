import type { Child } from 'hono/jsx';
import { calendarOf } from './calendar.ts';
import { isCode } from './code.ts';
import { atom, rss } from './feeds.ts';
import { JSON_FILES } from './json.ts';
import { type Links, linksFrom } from './links.ts';
import type { Model } from './model.ts';
import { iconOf, PAGE_STYLE } from './page-style.ts';
import { HistoryPage } from './pages/history.tsx';
import { IncidentPage } from './pages/incident.tsx';
import { toneOf } from './pages/lines.tsx';
import { NowPage } from './pages/now.tsx';
import type { View } from './view.ts';

/** One thing that can be fetched. */
export interface Document {
  type: string;
  text: string;
}

/** Everything of the page: what does not change with who asks is rendered from a view alone, by its address without the first `/`. */
export async function documentAt(path: string, view: View, stories: Model['stories'], where: 'served' | 'files'): Promise<Document | undefined> {
  const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
  if (file) return { type: file.type, text: file.text(where === 'files' ? { ...view, page: { ...view.page, ending: '.html' } } : view) };
  const links = linksFrom(path.split('/').length - 1, where);
  if (path === '') return html(<NowPage view={view} links={links} />);
  const [, kind, what = ''] = /^(history|incidents)(?:\/([0-9a-z-]{1,12}))?$/.exec(path) ?? [];
  if (kind === 'history') return historyAt(what, view, stories, links);
  const known = kind === 'incidents' && isCode(what) ? view.index.find(({ code }) => code === what) : undefined;
  if (!known) return undefined;
  const [story] = await stories(view, [known.into ?? known.code]);
  return story && html(<IncidentPage view={view} links={links} story={story} />);
}

/** The addresses there are besides those of incidents, for who writes them all. */
export const addressesOf = (view: View): string[] => ['', 'history', ...monthsOf(view).map((month) => `history/${month}`), ...Object.keys(FILES)];

/** Of one month, at most: a page with more is read by nobody. The incidents themselves have their pages. */
const MOST = 200;

async function historyAt(wanted: string, view: View, stories: Model['stories'], links: Links): Promise<Document | undefined> {
  const months = monthsOf(view);
  const month = wanted === '' ? months[0] : wanted;
  if (wanted !== '' && !months.includes(wanted)) return undefined;
  const codes = view.index.filter((one) => one.month === month && one.into === undefined).slice(0, MOST);
  const found = await stories(
    view,
    codes.map(({ code }) => code),
  );
  return html(<HistoryPage view={view} links={links} month={month} months={months} stories={found} />);
}

/** The newest first. */
const monthsOf = ({ index }: View): string[] => [...new Set(index.flatMap(({ month, into }) => (into === undefined ? [month] : [])))].sort().reverse();

const html = (page: Child): Document => ({ type: 'text/html; charset=utf-8', text: String(page) });

const FILES: Record<string, { type: string; text(view: View): string }> = {
  'history.rss': { type: 'application/rss+xml; charset=utf-8', text: rss },
  'history.atom': { type: 'application/atom+xml; charset=utf-8', text: atom },
  'calendar.ics': { type: 'text/calendar; charset=utf-8', text: calendarOf },
  'style.css': { type: 'text/css; charset=utf-8', text: () => PAGE_STYLE },
  'icon.svg': { type: 'image/svg+xml', text: (view) => iconOf(toneOf(view.indicator)) },
  ...Object.fromEntries(
    Object.entries(JSON_FILES).map(([name, of]) => [
      `api/v2/${name}`,
      { type: 'application/json; charset=utf-8', text: (view: View) => JSON.stringify(of(view)) },
    ]),
  ),
};
