import { sayDuration } from '../../lib/duration.ts';
import type { Links } from '../links.ts';
import { Markdown } from '../markdown.tsx';
import type { Story } from '../story.ts';
import type { View } from '../view.ts';
import { Frame } from './frame.tsx';
import { Moment } from './moment.tsx';
import { StoryCard } from './story.tsx';

/** `/incidents/<code>`: one incident or maintenance, with which hosts were down for how long, and what was learned. */
export function IncidentPage({ view, links, story }: { view: View; links: Links; story: Story }) {
  return (
    <Frame view={view} links={links} title={story.title}>
      <StoryCard story={story} view={view} links={links} level={1} />
      {story.hosts.length > 0 && <OutageTable story={story} zone={view.page.zone} />}
      {story.postmortem !== undefined && (
        <section class="postmortem" aria-label="Postmortem">
          <h2>Postmortem</h2>
          <Markdown text={story.postmortem} top={2} />
        </section>
      )}
    </Frame>
  );
}

function OutageTable({ story: { hosts }, zone }: { story: Story; zone: string }) {
  const names = new Set(hosts.map(({ host }) => host));
  return (
    <section aria-labelledby="hosts">
      <h2 id="hosts">What was down</h2>
      <p class="soft">{names.size === 1 ? '1 host' : `${names.size} hosts`}</p>
      <table class="outages">
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col">Down</th>
            <th scope="col">Up</th>
            <th scope="col">For</th>
            <th scope="col">Cause</th>
          </tr>
        </thead>
        <tbody>
          {hosts.map(({ host, down, up, cause }) => (
            <tr>
              <th scope="row">{host}</th>
              <td data-name="Down">
                <Moment at={down} zone={zone} />
              </td>
              <td data-name="Up">{up === undefined ? 'not yet' : <Moment at={up} zone={zone} />}</td>
              <td data-name="For">{up !== undefined ? sayDuration(Math.max(0, up - down)) : '–'}</td>
              <td data-name="Cause" dir="auto">
                {cause ?? '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
