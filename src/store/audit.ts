import type { Place } from '../chat/command.ts';
import type { Queries } from './db.ts';
import { toJsonb, toText } from './json.ts';

/** Who, from where, what, how it ended. A line that begins something leaves two rows: `begun`, and its end. */
export interface AuditRow {
  at: Date;
  who: string;
  place: Place;
  command: string;
  outcome: string;
  detail: string | null;
  /** Why its answer reached nobody, where it did not. */
  unheard: string | null;
}

export async function audit(
  tx: Queries,
  entry: { at: number; who: string; place: Place; command: string; outcome: string; detail?: string; inboxId?: string },
): Promise<void> {
  await tx.query(`insert into audit (at, who, place, command, outcome, detail, inbox_id) values ($1, $2, $3, $4, $5, $6, $7)`, [
    new Date(entry.at),
    entry.who,
    toJsonb(entry.place),
    toText(entry.command),
    entry.outcome,
    entry.detail === undefined ? null : toText(entry.detail),
    entry.inboxId ?? null,
  ]);
}

/** The newest first. */
export function lastAudit(db: Queries, limit: number): Promise<AuditRow[]> {
  return db.query<AuditRow>(
    `select at, who, place, command, outcome, detail,
            (select coalesce(says, 'nobody could be told') from messages where inbox_id = a.inbox_id and state = 'undeliverable' limit 1) as unheard
     from audit a order by id desc limit $1`,
    [limit],
  );
}
