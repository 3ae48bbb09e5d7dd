import type { Card } from '../chat/card.ts';
import type { Incident } from '../incident/shapes.ts';
import { type Reader, sayState, sayWhen } from './words.ts';

/** What was said for the public, as everybody reads it: where it was said, and where it is announced. */
export function wordsCard(incident: Incident, text: string, reader: Reader): Card {
  const { id, title, state, updateDue } = incident;
  return {
    title: `${id} ${sayState(state)}: ${title}`.slice(0, 300),
    tone: state === 'resolved' || state === 'completed' ? 'good' : 'attention',
    body: [text, ...(updateDue === undefined ? [] : [`next update promised for ${sayWhen(updateDue, incident, reader)}`])],
  };
}
