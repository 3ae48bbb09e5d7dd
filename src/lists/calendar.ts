import type { Reply } from '../chat/command.ts';
import type { Renderer } from '../deliver/shown.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import { type Person, rank, strongestRole } from '../people.ts';

/** `show calendar`: the address of the calendar of whoever asks. A card and no message: what is a secret is made as it is shown, and kept nowhere. */
export function calendarListed(ops: Pick<Ops, 'calendar' | 'people'>, actor: Person): Reply {
  const known = ops.people().some(({ name }) => name === actor.name) && rank(strongestRole(actor)) >= rank('known');
  if (!known) throw new Refusal(`A calendar belongs to somebody under \`people\` in holdfast.yaml, and ${actor.name} does not stand there.`);
  if (!ops.calendar) throw new Refusal('This process has no listener to fetch a calendar from. Ask the one that runs with `holdfast start`.');
  return { write: async () => ({ kind: 'calendar', id: actor.name, waits: true }) };
}

export function calendarRenderer(addressOf: (person: string) => string): Renderer {
  return async (_db, person, { json }) => ({
    card: {
      title: `The calendar of ${person}: their turns on call, what begins, what ends, and when windows are open`,
      body: [addressOf(person), 'Whoever knows this address can read it. Deleting calendar.key in the data directory, and a restart, end all such addresses.'],
      tone: 'quiet',
    },
    ...(json && { document: { calendar: addressOf(person) } }),
  });
}
