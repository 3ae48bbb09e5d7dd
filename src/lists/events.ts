import { Refusal } from '../lib/refusal.ts';
import type { Queries } from '../store/db.ts';
import { eventsOf } from '../store/events.ts';
import type { Listed } from './listed.ts';

/** What is recorded of a thing that has no card of its own yet. Throws Refusal where there is none. */
export async function eventsListed(db: Queries, id: string): Promise<Listed> {
  const events = await eventsOf(db, id);
  if (events.length === 0) throw new Refusal(`There is no ${id}. "show runs", "show holds" and "show rules" list what there is.`);
  return {
    card: {
      title: `${id}: ${events.at(-1)?.type}`,
      table: {
        columns: ['when', 'what', 'who', 'details'],
        rows: events.map((event) => [event.at.toISOString(), event.type, event.by, JSON.stringify(event.data)]),
      },
    },
    json: { id, events: events.map(({ rev, type, data, by, at }) => ({ rev, type, by, at: at.toISOString(), data })) },
  };
}
