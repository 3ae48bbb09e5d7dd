import { sayDuration } from '../../lib/duration.ts';
import type { Links } from '../links.ts';
import { isOver, type Story } from '../story.ts';
import type { View } from '../view.ts';
import { type Impact, sayComponent, sayStory } from '../words.ts';
import { Lines, toneOf } from './lines.tsx';
import { Moment } from './moment.tsx';

/** An incident or a maintenance with all that was said of it, the newest first. `level` of its heading: 1 where the page is about it alone. */
export function StoryCard({ story, view, links, level }: { story: Story; view: View; links: Links; level: 1 | 3 }) {
  const { zone } = view.page;
  const Heading = `h${level}` as 'h1';
  const Under = `h${level + 1}` as 'h2';
  const late = !isOver(story) && story.window !== undefined && story.window.until < view.at;
  return (
    <article class="story">
      <Heading dir="auto">{level === 1 ? story.title : <a href={links.story(story.code)}>{story.title}</a>}</Heading>
      <p>
        <strong class={toneOf(story.impact)}>{sayStory(story.status)}</strong>
        {story.kind === 'incident' && <span class="soft"> · {sayImpact(story.impact)}</span>}
        {story.components.length > 0 && (
          <span class="soft">
            {' '}
            · {story.components.map(({ name, status }) => sayAffected(name, isOver(story) ? undefined : sayComponent(status))).join(', ')}
          </span>
        )}
      </p>
      {story.window && (
        <p>
          From <Moment at={story.window.from} zone={zone} /> until <Moment at={story.window.until} zone={zone} />
          {late && <strong class="attention"> · it takes longer than announced</strong>}
        </p>
      )}
      {story.promised !== undefined && !isOver(story) && (
        <p class={story.promised < view.at ? 'attention' : ''}>
          {story.promised < view.at ? 'The next update was promised for ' : 'Next update promised at '}
          <Moment at={story.promised} zone={zone} />
        </p>
      )}
      {level === 1 && <Span story={story} zone={zone} />}
      <ol class="updates">
        {story.updates.map(({ status, again, body, at }) => (
          <li>
            <Under>
              {again ? 'Update' : sayStory(status)}{' '}
              <small class="soft">
                · <Moment at={at} zone={zone} />
              </small>
            </Under>
            <Lines text={body} />
          </li>
        ))}
      </ol>
      {story.updates.length === 0 && <p class="soft">Nothing was written about it yet.</p>}
    </article>
  );
}

function Span({ story: { kind, started, resolved }, zone }: { story: Story; zone: string }) {
  if (kind === 'maintenance') return null;
  return (
    <p>
      Began <Moment at={started} zone={zone} />
      {resolved !== undefined && (
        <>
          , ended <Moment at={resolved} zone={zone} />: {sayDuration(Math.max(0, resolved - started))}
        </>
      )}
    </p>
  );
}

const sayAffected = (name: string, status: string | undefined): string => (status === undefined || status === 'Operational' ? name : `${name} (${status})`);

const sayImpact = (impact: Impact): string => (impact === 'none' ? 'No impact' : `${impact[0]?.toUpperCase()}${impact.slice(1)} impact`);
