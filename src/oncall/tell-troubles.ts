import type { Card } from '../chat/card.ts';
import type { Tell } from '../deliver/tell.ts';
import type { Trouble } from '../escalation/troubles.ts';
import { type Person, rank, strongestRole } from '../people.ts';
import { moment } from '../rollout/words.ts';
import type { Tx } from '../store/db.ts';

interface World {
  tell: Tell;
  people: readonly Person[];
}

/** Who may change who answers for what. */
export const adminsOf = (people: readonly Person[]): string[] =>
  people.filter((person) => !person.machine && rank(strongestRole(person)) >= rank('admin')).map(({ name }) => name);

/**
 * Tells the people of each service, and the admins, what was not told before: one message each with all of it. What is well again is
 * forgotten, so that it is told when it comes back.
 */
export async function tellTroubles(
  tx: Tx,
  world: World,
  about: { troubles: readonly Trouble[]; at: number /** They know: it is theirs. */; except?: string; title?: string },
): Promise<Trouble[]> {
  const { troubles, at, except } = about;
  const told = new Set((await tx.query<{ key: string }>(`select key from roster_problems`)).map(({ key }) => key));
  const fresh = troubles.filter(({ key }) => !told.has(key));
  for (const { key, says } of fresh)
    await tx.query(`insert into roster_problems (key, says, told) values ($1, $2, $3) on conflict (key) do nothing`, [key, says, new Date(at)]);
  const everyone = [...adminsOf(world.people), ...fresh.flatMap(({ tell }) => tell)];
  for (const person of new Set(everyone.filter((name) => name !== except))) {
    const zone = world.people.find(({ name }) => name === person)?.zone ?? 'UTC';
    const own = adminsOf(world.people).includes(person) ? fresh : fresh.filter(({ tell }) => tell.includes(person));
    if (own.length > 0)
      await world.tell.tell(tx, {
        key: `roster:${at} ${person}`,
        to: { person },
        card: cardOf(own, { at, zone, ...(about.title !== undefined && { title: about.title }) }),
        at,
      });
  }
  return fresh;
}

/** What is well again. */
export async function forgetTroubles(tx: Tx, troubles: readonly Trouble[]): Promise<void> {
  await tx.query(`delete from roster_problems where not (key = any ($1))`, [troubles.map(({ key }) => key)]);
}

function cardOf(troubles: readonly Trouble[], { at, zone, title }: { at: number; zone: string; title?: string }): Card {
  const [first] = troubles as [Trouble];
  const moments: { says: string; at: number }[] = [];
  const say = ({ says, from }: Trouble): string => (from === undefined || from <= at ? says : `${moment(from, { now: at, zone, moments })}: ${says}`);
  const lines = troubles.flatMap((trouble) => [say(trouble), `→ ${trouble.remedy}`]);
  return {
    title: title ?? (troubles.length === 1 ? say(first) : `${troubles.length} things because of which a page may reach nobody`),
    tone: 'attention',
    body: title === undefined && troubles.length === 1 ? lines.slice(1) : lines,
    ...(moments.length > 0 && { moments }),
  };
}
