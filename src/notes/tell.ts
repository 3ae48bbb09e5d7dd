import type { Line } from '../chat/command.ts';
import type { Facts, HostState } from '../fleet/host.ts';
import { DAY, dayAt, MINUTE, momentOf, plusDays } from '../rollout/local-time.ts';
import type { Queries, Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { armTimer } from '../store/timers.ts';

/** What people told of changes they made by hand is the life of one thing, in the order told. */
export const NOTES = 'notes';

/** Watched in one note: each brings what is known of it into a timer. */
export const MOST_WATCHED = 50;

/** What waits for the morning; plain data of a timer. */
export interface Watch {
  text: string;
  by: string;
  place: Line['place'];
  told: number;
  /** Host → what was known of it as it was told; null where nothing was. */
  before: Record<string, Facts | null>;
  /** Its check, once the morning has come. */
  reading?: string;
}

/** Writes down what a person changed by hand, and has the hosts looked at the next morning where it was told. Answers when. */
export async function tellNote(tx: Tx, line: Line, note: { text: string; hosts: readonly string[]; known: ReadonlyMap<string, HostState> }): Promise<void> {
  const { text, hosts } = note;
  const by = line.actor.name;
  const rev = await record(tx, { thing: NOTES, type: 'told', data: { text, hosts }, by, at: line.at });
  if (hosts.length === 0) return;
  const before = Object.fromEntries(hosts.map((host) => [host, slim(note.known.get(host))]));
  const watch: Watch = { text, by, place: line.place, told: line.at, before };
  await armTimer(tx, { kind: 'note', ref: String(rev), due: nextMorning(line.at, line.place.zone), data: watch });
}

/** Nine o'clock of the next day there: what goes wrong over night is there, and so is whoever told. */
export const nextMorning = (at: number, zone: string): number => momentOf(plusDays(dayAt(at, zone), 1), 9 * 60, zone);

/** Notes about a host of the last weeks, the newest first. */
export async function notesOn(db: Queries, host: string, now: number): Promise<{ text: string; by: string; at: Date }[]> {
  return db.query(
    `select data ->> 'text' as text, by, at from events
     where thing = $1 and type = 'told' and jsonb_exists(data -> 'hosts', $2) and at > $3 order by rev desc limit 5`,
    [NOTES, host, new Date(now - 30 * DAY)],
  );
}

/** Nothing compares these, and they are large. */
const HEAVY = new Set(['disk_used', 'unseen', 'last_words', 'update_agents', 'cron_updaters']);

function slim(state: HostState | undefined): Facts | null {
  if (state?.answeredAt === undefined) return null;
  return Object.fromEntries(Object.entries(state.facts).filter(([name]) => !HEAVY.has(name)));
}

/** How long a check of the morning is waited for before it is looked at again. */
export const LOOK_AGAIN = MINUTE;
