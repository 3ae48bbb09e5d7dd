import { sayIndicator } from '../json.ts';
import type { Links } from '../links.ts';
import { isOver } from '../story.ts';
import type { ShownComponent, View } from '../view.ts';
import { sayComponent } from '../words.ts';
import { BarRow } from './bars.tsx';
import { Frame } from './frame.tsx';
import { Lines, toneOf } from './lines.tsx';
import { Moment } from './moment.tsx';
import { StoryCard } from './story.tsx';

/** Days of what is over that stand on the first page. */
const RECENT = 15 * 86_400_000;

/** `/`: how it is now. */
export function NowPage({ view, links }: { view: View; links: Links }) {
  const recent = view.incidents.filter((story) => isOver(story) && story.updated > view.at - RECENT);
  return (
    <Frame view={view} links={links}>
      <h1 class={`banner ${toneOf(view.indicator)}`}>{sayIndicator(view.indicator)}</h1>
      {view.page.about !== undefined && <Lines text={view.page.about} />}
      {view.open.length > 0 && (
        <section aria-labelledby="open">
          <h2 id="open">Incidents</h2>
          {view.open.map((story) => (
            <StoryCard story={story} view={view} links={links} level={3} />
          ))}
        </section>
      )}
      {view.active.length + view.upcoming.length > 0 && (
        <section aria-labelledby="maintenance">
          <h2 id="maintenance">Maintenance</h2>
          {[...view.active, ...view.upcoming].map((story) => (
            <StoryCard story={story} view={view} links={links} level={3} />
          ))}
        </section>
      )}
      <Components view={view} />
      <section aria-labelledby="recent">
        <h2 id="recent">Lately</h2>
        {recent.length === 0 && <p class="soft">No incident ended in the last 15 days.</p>}
        <ul class="plain">
          {recent.map((story) => (
            <li>
              <a href={links.story(story.code)} dir="auto">
                {story.title}
              </a>{' '}
              <span class="soft">
                · <Moment at={story.resolved ?? story.updated} zone={view.page.zone} />
              </span>
            </li>
          ))}
        </ul>
        <p>
          <a href={links.history}>All that was before</a>
        </p>
      </section>
    </Frame>
  );
}

function Components({ view }: { view: View }) {
  const shown = view.components.filter(({ showcase, status }) => showcase || status !== 'operational');
  if (shown.length === 0) return null;
  const groups = [...new Set(shown.map(({ group }) => group?.name))];
  return (
    <section aria-labelledby="components">
      <h2 id="components">Components</h2>
      {groups.map((group) => (
        <>
          {group !== undefined && <h3 class="group">{group}</h3>}
          <ul class="components">
            {shown
              .filter((one) => one.group?.name === group)
              .map((one) => (
                <OneComponent component={one} />
              ))}
          </ul>
        </>
      ))}
    </section>
  );
}

const OneComponent = ({ component: { name, description, status, bars } }: { component: ShownComponent }) => (
  <li>
    <p class="component">
      <strong dir="auto">{name}</strong> <span class={toneOf(status)}>{sayComponent(status)}</span>
    </p>
    {description !== undefined && (
      <p class="soft" dir="auto">
        {description}
      </p>
    )}
    <BarRow name={name} bars={bars} />
  </li>
);
