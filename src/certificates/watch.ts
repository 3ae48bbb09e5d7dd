import type { ReadJob } from '../jobs.ts';
import type { Clock } from '../lib/clocks.ts';
import { beginReading } from '../reading/begin.ts';
import { dayAt, momentOf, plusDays } from '../rollout/local-time.ts';
import type { Db, Tx } from '../store/db.ts';
import { armTimer, type TimerHandler } from '../store/timers.ts';
import { askAboutEnding, type NoticesWorld } from './notices.ts';

/** Kinds of the timers: when hosts are looked at, and when people are asked. */
const LOOK = 'certificates-look';
const ASK = 'certificates-ask';

const DAY = 86_400_000;
/** Minutes after midnight, where the installation is: the looks of a day begin, and people are asked about what they found. */
const LOOKS_BEGIN = 7 * 60;
const ASKED_AT = 8 * 60 + 10;
/** A larger fleet is looked at in parts, spread over the day. */
const PART = 250;
const MOST_PARTS = 24;
/** Domain ms from the first start to the first look. */
const FIRST = 5 * 60_000;

export interface WatchWorld extends NoticesWorld {
  clock: Pick<Clock, 'now'>;
  /** The job that looks at the certificates of a host. */
  job(): ReadJob | undefined;
}

/** Every host is looked at once a day; what is due then is asked each morning, and what ends meanwhile at that moment. */
export function watchCertificates(world: WatchWorld): Record<typeof LOOK | typeof ASK, TimerHandler> {
  return {
    [LOOK]: async (tx) => {
      const now = world.clock.now();
      const zone = world.config().timezone;
      const names = [...world.fleet().hosts.keys()].sort();
      const { part, parts, next } = partOfDay(now, names.length, zone);
      const hosts = names.filter((_, n) => n % parts === part).flatMap((name) => world.fleet().hosts.get(name) ?? []);
      const job = world.job();
      if (job && hosts.length > 0) await beginReading(tx, { at: now }, job, {}, { expression: hosts.map(({ name }) => name).join(','), hosts });
      await forgetGone(tx, names);
      return next;
    },
    [ASK]: async (tx, timer) => {
      const now = world.clock.now();
      await askAboutEnding(tx, world, now, { endedOnly: timer.data['endedOnly'] === true });
      await armAsking(tx, now, world.config().timezone);
      return undefined;
    },
  };
}

/** Arms both, unless they are; a database that lives keeps its own. `soon`: the first look does not wait for the morning. */
export async function armCertificateWatch(tx: Tx, now: number, zone: string, soon = false): Promise<void> {
  const armed = await tx.query<{ kind: string }>(`select kind from timers where kind = '${LOOK}'`);
  if (armed.length === 0) await armTimer(tx, { kind: LOOK, ref: 'daily', due: soon ? now + FIRST : nextAt(now, LOOKS_BEGIN, zone) });
  await armAsking(tx, now, zone);
}

/** People are asked in the morning; about what ends before that, when it ends, and about nothing else then. */
async function armAsking(tx: Tx, now: number, zone: string): Promise<void> {
  const morning = nextAt(now, ASKED_AT, zone);
  const [first] = await tx.query<{ ends: Date | null }>(`select min(ends) as ends from certificates where ends > $1`, [new Date(now)]);
  const ends = first?.ends?.getTime() ?? Infinity;
  const due = Math.min(morning, ends);
  const [armed] = await tx.query<{ due: Date }>(`select due from timers where kind = '${ASK}' and ref = 'daily'`);
  // A morning that is due and was not handled yet must not be moved to the next one.
  if (!armed || armed.due.getTime() > due) await armTimer(tx, { kind: ASK, ref: 'daily', due, data: { endedOnly: ends < morning } });
}

/** At the start of a process that has real hosts. In the sandbox the watch begins when somebody first looks. */
export const beginCertificateWatch = (db: Db, now: number, zone: string): Promise<void> => db.tx((tx) => armCertificateWatch(tx, now, zone, true));

/** Which part of the fleet is looked at now, and when the next one is. Pure. */
export function partOfDay(now: number, hosts: number, zone: string): { part: number; parts: number; next: number } {
  const parts = Math.min(MOST_PARTS, Math.max(1, Math.ceil(hosts / PART)));
  const today = momentOf(dayAt(now, zone), LOOKS_BEGIN, zone);
  const began = today <= now ? today : momentOf(plusDays(dayAt(now, zone), -1), LOOKS_BEGIN, zone);
  const length = DAY / parts;
  const part = Math.min(parts - 1, Math.floor((now - began) / length));
  return { part, parts, next: part === parts - 1 ? nextAt(now, LOOKS_BEGIN, zone) : began + (part + 1) * length };
}

/** What is no longer in the inventory is nobody's to renew. */
async function forgetGone(tx: Tx, names: readonly string[]): Promise<void> {
  for (const table of ['certificates', 'certificate_looks']) await tx.query(`delete from ${table} where not (host = any ($1::text[]))`, [names]);
  await tx.query(`update certificate_changes set settled = at where authority and settled is null and not (host = any ($1::text[]))`, [names]);
}

function nextAt(now: number, minutes: number, zone: string): number {
  const today = momentOf(dayAt(now, zone), minutes, zone);
  return today > now ? today : momentOf(plusDays(dayAt(now, zone), 1), minutes, zone);
}
