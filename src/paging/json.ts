import type { Queries } from '../store/db.ts';
import type { AttemptRow, PageRow } from './rows.ts';

/** The stable document of a page (docs/json.md): every try at a person once, times ISO; notices after an answer are no tries. */
export interface PageJson {
  id: string;
  state: PageRow['state'];
  text: string;
  urgency: PageRow['urgency'];
  by: string;
  /** `person:ada`, `service:web`; null = everyone who may act. */
  to: string | null;
  about: string | null;
  opened: string;
  ended: string | null;
  /** Times everybody was asked, this one included. */
  round: number;
  attempts: { person: string; channel: string; due: string; sent: string | null; answer: string | null; failed?: string }[];
  acked: { by: string; at: string; until: string | null } | null;
}

/** By the moment they were due, then by step; what was called off before it was sent never happened. */
export const triesOf = (db: Queries, page: string): Promise<AttemptRow[]> =>
  db.query<AttemptRow>(`select * from page_attempts where page = $1 and not notice and state <> 'called off' order by due, round, step, n`, [page]);

export function pageJson(page: PageRow, tries: readonly AttemptRow[]): PageJson {
  return {
    id: page.id,
    state: page.state,
    text: page.text,
    urgency: page.urgency,
    by: page.by,
    to: page.recipient,
    about: page.about,
    opened: page.opened.toISOString(),
    ended: page.ended?.toISOString() ?? null,
    round: page.round,
    attempts: tries.map(({ person, channel, due, sent, answer, state, says }) => ({
      person,
      channel,
      due: due.toISOString(),
      sent: sent?.toISOString() ?? null,
      answer,
      ...(state === 'failed' && { failed: says ?? 'not taken' }),
    })),
    acked:
      page.acked_by === null || page.acked === null ? null : { by: page.acked_by, at: page.acked.toISOString(), until: page.ack_ends?.toISOString() ?? null },
  };
}
