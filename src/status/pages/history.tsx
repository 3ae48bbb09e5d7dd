import type { Links } from '../links.ts';
import { isOver, type Story } from '../story.ts';
import { sayMonth } from '../times.ts';
import type { View } from '../view.ts';
import { sayStory } from '../words.ts';
import { Frame } from './frame.tsx';
import { Lines, toneOf } from './lines.tsx';
import { Moment } from './moment.tsx';

/** `/history` and `/history/2026-11`: what there was in one month, and the months there are, the newest first. */
export function HistoryPage({
  view,
  links,
  month,
  months,
  stories,
}: {
  view: View;
  links: Links;
  month: string | undefined;
  months: readonly string[];
  stories: readonly Story[];
}) {
  const at = month === undefined ? -1 : months.indexOf(month);
  const [newer, older] = [months[at - 1], months[at + 1]];
  return (
    <Frame view={view} links={links} title={month === undefined ? 'History' : `History of ${sayMonth(month)}`}>
      <h1>{month === undefined ? 'History' : sayMonth(month)}</h1>
      {stories.length === 0 && <p class="soft">There was nothing to tell.</p>}
      {stories.map((story) => (
        <PastStory story={story} links={links} zone={view.page.zone} />
      ))}
      <nav aria-label="Months" class="months">
        {newer !== undefined && <a href={links.month(newer)}>← {sayMonth(newer)}</a>}{' '}
        {older !== undefined && <a href={links.month(older)}>{sayMonth(older)} →</a>}
      </nav>
      {months.length > 1 && (
        <details>
          <summary>All months</summary>
          <ul>
            {months.map((one) => (
              <li>
                <a href={links.month(one)}>{sayMonth(one)}</a>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Frame>
  );
}

/** The last word of each, in short; the page of its own has the rest. */
function PastStory({ story, links, zone }: { story: Story; links: Links; zone: string }) {
  const last = story.updates.find(({ status }) => status !== 'postmortem') ?? story.updates[0];
  return (
    <article class="story">
      <h2 dir="auto">
        <a href={links.story(story.code)}>{story.title}</a>
      </h2>
      <p>
        <strong class={isOver(story) ? 'soft' : toneOf(story.impact)}>{sayStory(story.status)}</strong>
        <span class="soft">
          {' '}
          · <Moment at={story.window?.from ?? story.started} zone={zone} />
          {story.resolved !== undefined && (
            <>
              {' '}
              – <Moment at={story.resolved} zone={zone} />
            </>
          )}
          {story.components.length > 0 && ` · ${story.components.map(({ name }) => name).join(', ')}`}
        </span>
      </p>
      {last && <Lines text={last.body.length > BRIEF ? `${last.body.slice(0, BRIEF)}…` : last.body} />}
    </article>
  );
}

const BRIEF = 500;
