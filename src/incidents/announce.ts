import type { Card } from '../chat/card.ts';
import type { Place } from '../chat/command.ts';
import type { Tell } from '../deliver/tell.ts';
import type { Tx } from '../store/db.ts';

/**
 * What everybody has to read of an incident, once: a move in each channel bound to news of incidents, and every word of it in the thread under its
 * card there, or in the channel it has for itself. Whoever typed it in one of these has it as their answer.
 */
export async function announce(
  tx: Tx,
  { tell }: { tell: Tell },
  { id, rev, card, moves, place, at }: { id: string; rev: number; card: Card; moves: boolean; place?: Place; at: number },
): Promise<void> {
  const said = { key: `incident:${id} ${rev}`, news: 'incident' as const, at, ...(place && { except: place }) };
  if (moves) await tell.news(tx, { ...said, what: { card } });
  await tell.news(tx, { ...said, key: `${said.key} thread`, what: { card: { ...card, actions: [] } }, under: { kind: 'incident', id } });
}
