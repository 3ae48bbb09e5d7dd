import type { Child } from 'hono/jsx';
import { sayIndicator } from '../json.ts';
import type { Links } from '../links.ts';
import { Shell } from '../shell.tsx';
import { timesIn } from '../times.ts';
import type { View } from '../view.ts';
import { Moment } from './moment.tsx';

/** What stands around every page for the public. */
export function Frame({ view, links, title, children }: { view: View; links: Links; title?: string; children: Child }) {
  const { page, stale } = view;
  const name = `${page.name} Status`;
  return (
    <Shell
      title={title === undefined ? `${name}: ${sayIndicator(view.indicator)}` : `${title} · ${name}`}
      style={links.file('style.css')}
      icon={links.file('icon.svg')}
      head={<Head name={name} links={links} />}
    >
      <a class="skip" href="#main">
        To the content
      </a>
      <header>
        <p class="name">
          <a href={links.home}>{name}</a>
        </p>
        <nav aria-label="Pages">
          <a href={links.home}>Now</a> <a href={links.history}>History</a>
        </nav>
      </header>
      <main id="main">
        {stale !== undefined && (
          <p class="note" role="status">
            This page cannot be brought up to date right now. It shows what was known at <Moment at={stale} zone={page.zone} />.
          </p>
        )}
        {children}
      </main>
      <footer>
        <p>
          Subscribe: <a href={links.file('history.atom')}>Atom</a>, <a href={links.file('history.rss')}>RSS</a>,{' '}
          <a href={links.file('calendar.ics')}>calendar of maintenance</a>, <a href={links.file('api/v2/summary.json')}>JSON</a>.
          {page.support !== undefined && (
            <>
              {' '}
              <a href={page.support}>Ask us.</a>
            </>
          )}
        </p>
        <p>
          Times are those of {page.zone}. Made at {timesIn(page.zone).moment(view.at)}.
        </p>
      </footer>
    </Shell>
  );
}

const Head = ({ name, links }: { name: string; links: Links }) => (
  <>
    <link rel="alternate" type="application/atom+xml" title={`${name} - Incident History`} href={links.file('history.atom')} />
    <link rel="alternate" type="application/rss+xml" title={`${name} - Incident History`} href={links.file('history.rss')} />
  </>
);
