import type { Next } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';
import { askForPerson, record } from '../store/events.ts';
import type { RunRow } from './rows.ts';
import type { RunsWorld } from './world.ts';

/** What has to be said once is recorded once, and asks for a person where it should. Answers the keys of all that was said. */
export async function sayOnce(tx: Tx, world: RunsWorld, run: RunRow, says: Next['say'], at: number): Promise<string[]> {
  const said = new Set(run.said);
  for (const { key, text, page } of says) {
    if (said.has(key)) continue;
    said.add(key);
    await world.announce.owner(tx, run, key, { title: `${run.id}: ${text}`, tone: 'attention' }, at);
    await record(tx, { thing: run.id, type: 'said', data: { text }, by: 'holdfast', at });
    if (page) await askForPerson(tx, { text: `${run.id}: ${text}`, urgency: 'high', about: run.id, by: 'holdfast', at });
  }
  return [...said];
}
