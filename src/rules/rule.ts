import type { Place } from '../chat/command.ts';
import type { Queries } from '../store/db.ts';

/** An exclusion a person made. `until` never ends it by itself: it asks. */
export interface Rule {
  id: string;
  /** The hosts, as typed, with its `where`: judged anew whenever it is asked. */
  expression: string;
  applies: Applies;
  owner: string;
  because: string;
  state: 'open' | 'ended';
  rev: number;
  made: Date;
  until: Date | null;
  asked: Date | null;
  ended: Date | null;
  place: Partial<Place>;
}

/** What it keeps hosts from: a job altogether, or packages by a pattern of names (`linux-image*`). */
export type Applies = { job: string; package?: never } | { package: string; job?: never };

const COLUMNS = 'id, expression, applies, owner, because, state, rev, made, until, asked, ended, place';

/** In the order in which they were made. */
export function openRules(db: Queries): Promise<Rule[]> {
  return db.query<Rule>(`select ${COLUMNS} from rules where state = 'open' order by made, length(id), id`);
}

export async function ruleNamed(db: Queries, id: string): Promise<Rule | undefined> {
  const [rule] = await db.query<Rule>(`select ${COLUMNS} from rules where id = $1`, [id]);
  return rule;
}

/** The open ones first, then what ended last. */
export function lastRules(db: Queries, limit = 100): Promise<Rule[]> {
  return db.query<Rule>(`select ${COLUMNS} from rules order by state desc, coalesce(ended, made) desc, id limit $1`, [limit]);
}

/** `the package linux-image*` or `the job reboot`. */
export const sayApplies = (applies: Applies): string => (applies.job === undefined ? `the package ${applies.package}` : `the job ${applies.job}`);

/** One line: `E1 keeps @all where xen < 4.6 off the package linux-image* because … (ada)`. */
export const sayRule = ({ id, expression, applies, because, owner }: Rule): string =>
  `${id} keeps ${expression} off ${sayApplies(applies)} because ${because} (${owner})`;
