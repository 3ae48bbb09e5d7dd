import { calendarFeed } from '../ingest/calendar/feed.ts';
import { storyAddress } from './links.ts';
import type { Story } from './story.ts';
import type { View } from './view.ts';
import { sayStory } from './words.ts';

/** `/calendar.ics`: the maintenance there was lately, is, and will be. Each keeps its id when its hour moves. */
export function calendarOf(view: View): string {
  return calendarFeed(
    view.maintenances.flatMap((story) => (story.window ? [dateOf(view, story, story.window)] : [])),
    { name: `${view.page.name} maintenance`, now: view.updated },
  );
}

function dateOf(view: View, story: Story, { from, until }: { from: number; until: number }) {
  return {
    key: story.code,
    from,
    until: Math.max(until, from + MINUTE),
    title: story.status === 'scheduled' ? story.title : `${story.title} (${sayStory(story.status).toLowerCase()})`,
    details: `${story.updates[0]?.body ?? ''} ${storyAddress(view, story.code)}`,
    rev: story.updates.length,
  };
}

const MINUTE = 60_000;
