import type { Person } from '../people.ts';
import type { Card, CardAction } from './card.ts';
import type { Place } from './command.ts';

/** People offered by a button; the others say their name. */
const BUTTONS = 10;

/** An account on a chat platform that is nobody's. */
export const isStranger = (actor: Person, { platform }: Place): boolean =>
  (platform === 'slack' || platform === 'discord') && actor.roles.length === 0 && actor.name.startsWith(`${platform}:`);

/** A refusal for a stranger: with who they may be, for an admin to confirm. Only those are offered who have no account there. */
export function greet(refused: Card, { platform }: Place, people: readonly Person[]): Card {
  const free = people.filter((person) => person[platform as 'slack' | 'discord'] === undefined);
  const actions: CardAction[] = free.slice(0, BUTTONS).map(({ name }) => ({ label: `I am ${name}`, command: `link me as ${name}` }));
  const how =
    free.length === 0
      ? 'Everybody in holdfast.yaml has an account here already. An admin adds you under `people` there.'
      : `Say who you are and an admin confirms it${free.length > BUTTONS ? ': link me as NAME' : ''}. Who is not among them asks an admin to be added to holdfast.yaml.`;
  return {
    ...refused,
    body: ['This account is not known here.', how, 'Until then: help, and page once an hour ("page" and what is broken).', ...(refused.body ?? [])],
    ...(actions.length > 0 && { actions }),
  };
}
