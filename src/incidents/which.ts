import type { CardAction } from '../chat/card.ts';
import type { Reply } from '../chat/command.ts';
import type { IncidentState } from '../incident/shapes.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Queries } from '../store/db.ts';

/** Offered when nobody can tell which is meant. */
const MOST = 5;

/**
 * The incident a line means: the one it names, the one of its thread (dispatch has filled that in), or the only one that fits. Where several fit,
 * the question with a button for each; nothing is done. Throws Refusal where none does.
 */
export async function whichIncident(
  db: Queries,
  asked: { named?: string | undefined; states: readonly IncidentState[]; verb: string; line(id: string): string },
): Promise<{ id: string } | Reply> {
  if (asked.named !== undefined) return { id: asked.named };
  const rows = await db.query<{ id: string; title: string }>(
    `select id, title from incidents where state = any ($1::text[]) order by opened desc, length(id) desc, id desc limit ${MOST}`,
    [asked.states],
  );
  const [only] = rows;
  if (!only) throw new Refusal(`No incident is there to ${asked.verb}. "show incidents" lists what there was; "incident open" opens one.`);
  if (rows.length === 1) return { id: only.id };
  return {
    card: {
      title: `Which one? Nothing was done.`,
      tone: 'attention',
      body: rows.map(({ id, title }) => `${id}: ${title.slice(0, 120)}`),
      actions: rows.map(({ id }): CardAction => ({ label: id, command: asked.line(id) })),
    },
    json: { which: rows.map(({ id }) => id) },
    outcome: 'refused',
  };
}
