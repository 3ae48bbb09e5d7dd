import { storyAddress } from './links.ts';
import type { Story, StoryUpdate } from './story.ts';
import { type Times, timesIn } from './times.ts';
import type { View } from './view.ts';
import { sayStory } from './words.ts';
import { element, escaped, xmlDocument } from './xml.ts';

/** `/history.rss`, as Statuspage writes it: readers look for its markup, `<strong>Resolved</strong>` above all. One item an incident, which changes in place. */
export function rss(view: View): string {
  const { name, url } = view.page;
  return xmlDocument(
    element(
      'rss',
      { version: '2.0', 'xmlns:atom': 'http://www.w3.org/2005/Atom' },
      element(
        'channel',
        {},
        element('title', {}, `${name} Status - Incident History`),
        element('link', {}, url),
        element('description', {}, 'Statuspage'),
        element('atom:link', { href: `${url}/history.rss`, rel: 'self', type: 'application/rss+xml' }),
        element('pubDate', {}, rfc822(view.updated)),
        ...entriesOf(view).map((story) =>
          element(
            'item',
            {},
            element('title', {}, story.title),
            element('description', {}, contentOf(story, timesIn(view.page.zone))),
            element('pubDate', {}, rfc822(story.updated)),
            story.window && element('maintenanceEndDate', {}, rfc822(story.window.until)),
            element('link', {}, storyAddress(view, story.code)),
            // The same one wherever it is read, so that a reader who is sent from one to the other is told nothing twice.
            element('guid', view.page.ending ? { isPermaLink: 'false' } : {}, `${url}/incidents/${story.code}`),
          ),
        ),
      ),
    ),
  );
}

/** `/history.atom` */
export function atom(view: View): string {
  const { name, url } = view.page;
  const tag = `tag:${new URL(url).host},2005:`;
  return xmlDocument(
    element(
      'feed',
      { 'xml:lang': 'en-US', xmlns: 'http://www.w3.org/2005/Atom' },
      element('id', {}, `${tag}/history`),
      element('link', { rel: 'alternate', type: 'text/html', href: url }),
      element('link', { rel: 'self', type: 'application/atom+xml', href: `${url}/history.atom` }),
      element('title', {}, `${name} Status - Incident History`),
      element('updated', {}, iso(view.updated)),
      element('author', {}, element('name', {}, name)),
      ...entriesOf(view).map((story) =>
        element(
          'entry',
          {},
          element('id', {}, `${tag}Incident/${story.code}`),
          element('published', {}, iso(story.created)),
          element('updated', {}, iso(story.updated)),
          element('link', { rel: 'alternate', type: 'text/html', href: storyAddress(view, story.code) }),
          element('title', {}, story.title),
          element('content', { type: 'html' }, contentOf(story, timesIn(view.page.zone))),
        ),
      ),
    ),
  );
}

const MOST = 50;

const entriesOf = ({ incidents, maintenances }: View): Story[] =>
  [...incidents, ...maintenances].sort((a, b) => b.created - a.created || (a.code < b.code ? -1 : 1)).slice(0, MOST);

/** HTML, which the feed carries as text. */
function contentOf(story: Story, times: Times): string {
  const window = story.window && times.parts(story.window.from);
  const until = story.window && times.parts(story.window.until);
  const scheduled =
    window && until
      ? `<p><strong>THIS IS A SCHEDULED EVENT ${moment(window)} - ${day(window) === day(until) ? clock(until) : moment(until)} ${escaped(until.zone)}</strong></p>`
      : '';
  return scheduled + story.updates.map((update) => updateOf(update, times)).join('');
}

function updateOf({ status, again, body, at }: StoryUpdate, times: Times): string {
  const said = times.parts(at);
  const text = escaped(body).replaceAll('\n', '<br />');
  return `<p><small>${moment(said)} ${escaped(said.zone)}</small><br><strong>${again ? 'Update' : sayStory(status)}</strong> - ${text}</p>`;
}

type Parts = ReturnType<Times['parts']>;
const day = ({ month, day: number }: Parts): string => `${escaped(month)} <var data-var='date'>${escaped(number)}</var>`;
const clock = (parts: Parts): string => `<var data-var='time'>${escaped(parts.clock)}</var>`;
const moment = (parts: Parts): string => `${day(parts)}, ${clock(parts)}`;

const iso = (at: number): string => new Date(at).toISOString();
const rfc822 = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000');
