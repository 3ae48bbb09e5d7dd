import type { Card, Moment } from '../chat/card.ts';
import { endedCard } from './card-ended.ts';
import { haltedCard } from './card-halted.ts';
import { plannedCard } from './card-planned.ts';
import { runningCard } from './card-running.ts';
import type { Told } from './card-words.ts';
import type { ShownRun } from './load.ts';

/** A run as it is now, in one message that fits a phone however large the fleet is. */
export function runCard(view: ShownRun, told: Told & { expires: number }): Card {
  const moments: Moment[] = [];
  const card = cardOf(view, { ...told, moments });
  return { ...card, body: (card.body ?? []).filter((line) => line !== ''), ...(moments.length > 0 && { moments }) };
}

function cardOf(view: ShownRun, told: Told & { expires: number }): Card {
  if (view.run.state === 'planned') return plannedCard(view, told);
  if (view.run.state === 'running') return runningCard(view, told);
  if (view.run.state === 'halted') return haltedCard(view, told);
  return endedCard(view, told);
}
