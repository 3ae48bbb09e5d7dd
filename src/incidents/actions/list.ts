import type { Card } from '../../chat/card.ts';
import { sayDuration } from '../../lib/duration.ts';
import type { Queries } from '../../store/db.ts';
import type { ActionRow } from './rows.ts';

const MOST = 200;
const SHOWN = 20;
const BUTTONS = 5;

/** `show actions`: what is to be done after incidents, the oldest first, and what was done lately. `reader`: theirs get buttons. */
export async function actionsListed(db: Queries, now: number, reader: string): Promise<{ card: Card; json: Record<string, unknown> }> {
  const rows = await db.query<ActionRow>(
    `select * from actions order by state = 'open' desc, case when state = 'open' then made end, ended desc, length(id), id limit ${MOST}`,
  );
  const open = rows.filter(({ state }) => state === 'open');
  const mine = open.filter(({ owner }) => owner === reader);
  return {
    card: {
      title:
        open.length === 0
          ? 'Nothing is to be done after an incident.'
          : `${open.length === 1 ? '1 action is' : `${open.length} actions are`} to be done${mine.length > 0 ? `, ${mine.length} of them yours` : ''}`,
      tone: open.length > 0 ? 'attention' : 'good',
      ...(open.length > 0 && {
        table: {
          columns: ['id', 'owner', 'age', 'of', 'what'],
          rows: open
            .slice(0, SHOWN)
            .map(({ id, owner, made, incident, text }) => [id, owner, sayDuration(Math.max(0, now - made.getTime())), incident, text.slice(0, 120)]),
        },
      }),
      ...(open.length > SHOWN && { body: [`${open.length - SHOWN} more: show actions --json`] }),
      actions: mine.slice(0, BUTTONS).map(({ id }) => ({ label: `${id} is done`, command: `action done ${id}` })),
    },
    json: {
      actions: rows.map(({ id, incident, text, owner, state, made, ended, ended_by, because }) => ({
        ...{ id, incident, text, owner, state, because },
        made: made.toISOString(),
        ended: ended?.toISOString() ?? null,
        ended_by,
      })),
    },
  };
}
