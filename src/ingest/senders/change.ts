import type { Tx } from '../../store/db.ts';
import { record } from '../../store/events.ts';
import { digestOf } from './read.ts';
import type { From } from './told.ts';

/** What was changed, as another system says it. */
export interface Change {
  text: string;
  /** Domain ms. */
  at: number;
  source?: string;
  link?: string;
  details: Readonly<Record<string, string>>;
}

/** A change is an event of its own, which the brief of a page shows for a day. What is sent again within it is the same change. */
export async function recordChange(tx: Tx, from: From, change: Change): Promise<void> {
  const thing = `change:${digestOf(from.name, change.text, change.source ?? '', change.link ?? '', JSON.stringify(change.details))}`;
  const [known] = await tx.query(`select 1 from events where thing = $1 and at > $2`, [thing, new Date(change.at - SAME)]);
  if (known) return;
  const { at, ...data } = change;
  await record(tx, { thing, type: 'changed', data, by: `integration:${from.name}`, at });
}

/** Domain ms: a deploy of the same an hour later is another one. */
const SAME = 600_000;
