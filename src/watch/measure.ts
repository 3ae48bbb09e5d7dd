import type { Connection } from '../deliver/connections.ts';
import type { Queries } from '../store/db.ts';

/** What can go wrong without anybody saying so, as it stands. Wall milliseconds; 0 = nothing waits. */
export interface Measured {
  /** How late the earliest timer and the earliest untried page are. */
  late: { timers: number; pages: number };
  /** How long the oldest waits, and how many wait. */
  waits: Record<'lines' | 'work' | 'messages' | 'pages', { oldest: number; rows: number }>;
  /** Timers whose handler failed, resting. */
  resting: number;
  openPages: number;
  connections: readonly Connection[];
}

/** One look at the rows. `now`: domain time; `speed`: how many times faster than the wall it runs. */
export async function measure(db: Queries, { now, speed, connections }: { now: number; speed: number; connections: readonly Connection[] }): Promise<Measured> {
  const [row] = await db.query<Row>(LOOK);
  const { timers, resting, untried, attempts, attempts_rows, lines, lines_rows, work, work_rows, messages, messages_rows, open } = row as Row;
  const behind = (due: Date | null): number => (due === null ? 0 : Math.max(0, now - due.getTime()) / speed);
  return {
    late: { timers: behind(timers), pages: behind(untried) },
    waits: {
      lines: { oldest: behind(lines), rows: lines_rows },
      work: { oldest: work ?? 0, rows: work_rows },
      messages: { oldest: behind(messages), rows: messages_rows },
      pages: { oldest: behind(attempts), rows: attempts_rows },
    },
    resting,
    openPages: open,
    connections,
  };
}

interface Row {
  timers: Date | null;
  resting: number;
  untried: Date | null;
  attempts: Date | null;
  attempts_rows: number;
  lines: Date | null;
  lines_rows: number;
  work: number | null;
  work_rows: number;
  messages: Date | null;
  messages_rows: number;
  open: number;
}

/** A terminal nobody sits at takes nothing, and that is no fault; a machine that looked at hosts and is gone leaves its timer for a week; work in a queue may be many, what the queue was not told of may not. */
const LOOK = `select
  (select min(due) from timers where (held_until is null or held_until < now()) and not starts_with(kind, 'down:')) as timers,
  (select count(*)::int from timers where held_until > now()) as resting,
  (select min(due) from page_attempts where state = 'waiting' and attempted is null and wall_not_before is null and carrier is null) as untried,
  (select min(due) from page_attempts where state in ('waiting', 'sending')) as attempts,
  (select count(*)::int from page_attempts where state in ('waiting', 'sending')) as attempts_rows,
  (select min(received) from inbox where state = 'taken') as lines,
  (select count(*)::int from inbox where state = 'taken') as lines_rows,
  (select extract(epoch from now() - min(wall_made))::float8 * 1000 from outbox where state = 'waiting') as work,
  (select count(*)::int from outbox where state = 'waiting') as work_rows,
  (select min(made) from messages where state = 'waiting' and platform in ('slack', 'discord')) as messages,
  (select count(*)::int from messages where state = 'waiting' and platform in ('slack', 'discord')) as messages_rows,
  (select count(*)::int from pages where state = 'open') as open`;
