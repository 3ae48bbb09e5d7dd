import type { Config } from '../config/schema.ts';
import type { Connections } from '../deliver/connections.ts';
import type { Tried } from '../deliver/send-attempt.ts';
import type { Clock } from '../lib/clocks.ts';
import type { Log } from '../ops.ts';
import type { Db, Queries, Tx } from '../store/db.ts';
import { sendHeartbeats } from './heartbeats.ts';
import { type Judged, judge } from './judge.ts';
import { measure } from './measure.ts';
import { openMetrics } from './metrics.ts';

/** How Holdfast finds itself. */
export interface Watch {
  /** What the last look found, and how long ago it was (wall ms); no look that came to an end = not well. */
  state(): Judged & { age: number };
  tried(tried: Tried, took: number): void;
  /** For Prometheus. */
  metrics(): Promise<{ type: string; text: string }>;
  close(): Promise<void>;
}

export interface WatchWorld {
  db: Db;
  log: Log;
  clock: Clock;
  config(): Config;
  connections: Connections;
  /** Where this process runs, the same after a restart. */
  place: string;
  /** How people are paged, and how that ends; unsaid, nobody is: a simulated fleet's own troubles are nobody's. */
  pages?: {
    ask(tx: Tx, page: { text: string; urgency: 'high'; about: string; by: string; at: number }): Promise<unknown>;
    resolve(tx: Tx, which: { pages: readonly string[] }, said: { because: string; by: string; at: number }): Promise<unknown>;
  };
  /** Wall ms between two looks. */
  every?: number;
}

/** Wall ms between two looks. Nothing tells that nothing happens: it has to be looked for. */
const EVERY = 5_000;
/** Looks in a row that find something before people are paged: a hiccup mends itself. */
const TWICE = 2;
/** What a page is about when it is about us: this and the place that says so. No host can be called that. */
const OURSELVES = 'holdfast:';
/** Wall minutes after which a place that said it is unwell and says nothing any more is gone, and its page over where the others are well. */
const GONE = 10;

/** Looks at its own lateness, stuck rows and connections; pages about them, says when it is over, and sends heartbeats only while all is truly well. */
export function openWatch(world: WatchWorld): Watch {
  const { db, log, clock, connections } = world;
  const about = `${OURSELVES}${world.place}`;
  const metrics = openMetrics();
  let last: { judged: Judged; at: number } | undefined;
  let unwell = 0;
  let beat = 0;
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    try {
      const measured = await measure(db, { now: clock.now(), speed: clock.speed, connections: connections.all() });
      const judged = judge(measured, Date.now(), world.config().watch);
      metrics.measured(measured, judged.well);
      if (!judged.well && last?.judged.well !== false) log.warn({ because: judged.because }, 'holdfast is unwell');
      last = { judged, at: Date.now() };
      unwell = judged.well ? 0 : unwell + 1;
      await page(judged);
      if (judged.well) await heartbeat();
    } catch (error) {
      // No look, no heartbeat: whoever expects one notices.
      log.warn({ err: error }, 'holdfast could not look at itself');
    }
  };
  const page = async (judged: Judged): Promise<void> => {
    const { pages } = world;
    if (!pages) return;
    const at = clock.now();
    if (!judged.well && unwell >= TWICE) {
      const text = `Holdfast itself is unwell: ${judged.because.join('; ')}`;
      await db.tx(async (tx) => {
        await stillSays(tx, about);
        return (await isAsked(tx)) || pages.ask(tx, { text, urgency: 'high', about, by: 'holdfast', at });
      });
    }
    if (judged.well) {
      const over = await overBy(db, about);
      if (over.length > 0) await db.tx((tx) => pages.resolve(tx, { pages: over }, { because: 'it is well again', by: 'holdfast', at }));
    }
  };
  const heartbeat = async (): Promise<void> => {
    const { heartbeats, every } = world.config().watch;
    if (!heartbeats || Date.now() - beat < every) return;
    beat = Date.now();
    await sendHeartbeats(heartbeats, connections);
  };

  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }, world.every ?? EVERY);
  timer.unref();
  looking = look().finally(() => {
    looking = undefined;
  });
  return {
    state: () => ({
      ...(last?.judged ?? { well: false, because: ['it has not looked at itself yet'] }),
      age: last ? Date.now() - last.at : Number.POSITIVE_INFINITY,
    }),
    tried({ attempt, delivery }, took) {
      const outcome = delivery === 'called off' ? delivery : delivery.sent ? 'sent' : delivery.why;
      metrics.tried({
        channel: attempt.channel,
        outcome,
        took,
        late: attempt.tries === 1 ? Math.max(0, clock.now() - attempt.due.getTime()) / clock.speed : 0,
      });
    },
    metrics: async () => ({ type: metrics.contentType, text: await metrics.text() }),
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Once, whichever process finds it first; when that one is well again whoever still is not asks in its turn. */
async function isAsked(tx: Tx): Promise<boolean> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('holdfast watches itself'))`);
  return (await tx.query(`select 1 from pages where starts_with(about, $1) and state in ('open', 'acked')`, [OURSELVES])).length > 0;
}

/** Its page stays while it says so. */
async function stillSays(tx: Tx, about: string): Promise<void> {
  await tx.query(
    `insert into leases (name, holder, held_until) values ($1, $1, now() + make_interval(mins => ${GONE}))
     on conflict (name) do update set held_until = excluded.held_until`,
    [about],
  );
}

/** The pages that are over when this one is well: its own, and those of places that are gone. Not those of another that sees what this one does not. */
async function overBy(db: Queries, about: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select p.id from pages p left join leases l on l.name = p.about
     where starts_with(p.about, $1) and p.state in ('open', 'acked') and (p.about = $2 or l.held_until is null or l.held_until < now()) order by p.id`,
    [OURSELVES, about],
  );
  return rows.map(({ id }) => id);
}
