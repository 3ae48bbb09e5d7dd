import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import type { AlertEvent } from '../../alerts/event.ts';
import { takeAlerts } from '../../alerts/take.ts';
import type { Kind } from '../../config/integrations.ts';
import type { Config } from '../../config/schema.ts';
import { errorId } from '../../lib/ids.ts';
import type { Log, Ops } from '../../ops.ts';
import { meeting } from '../../store/conflict.ts';
import type { Db, Tx } from '../../store/db.ts';
import { hearWatchdog } from '../heartbeats/hear.ts';
import { inTime } from '../in-time.ts';
import { Wrong } from '../wrong.ts';
import { believeUntil } from './ends.ts';
import { noteHeard } from './heard.ts';
import { withoutOlder } from './supersede.ts';
import { type Delivery, together } from './together.ts';
import type { From, Told } from './told.ts';

/** What a sender's route needs of the rest. */
export interface Senders {
  /** Whose key this is, among the integrations of this kind. Throws Wrong (401). */
  from(kind: Kind, key: string | undefined): From;
  /** Resolves when all of it is committed. Throws Wrong (503) when it is not within 2 s; sent again, nothing is done twice. */
  commit(from: From, told: Told, more?: (tx: Tx) => Promise<void>): Promise<void>;
  /** The same for what no integration sent. */
  committed<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  db: Db;
}

export type SendersWorld = Pick<Ops, 'clock' | 'config' | 'fleet'> & { db: Db; log: Log };

export function openSenders(world: SendersWorld): Senders {
  const { db, log, clock, config } = world;
  const heard = noteHeard(db, log);
  const commit = together(db, (tx, deliveries) => write(tx, world, deliveries), notTaken);
  const orNotTaken = (error: unknown): never => {
    if (error instanceof Wrong) throw error;
    // Whatever failed, it is not taken, and whoever sent it may send it again.
    const id = errorId();
    log.error({ err: error, id }, 'what another system sent could not be taken');
    throw notTaken(`It failed here: ${id} in the log.`);
  };
  return {
    db,
    committed: (work) =>
      inTime(
        // A cron line's curl does not come a second time.
        meeting(() => db.tx(work)),
        notTaken,
      ).catch(orNotTaken),
    from: (kind, key) => fromIn(config(), kind, key, clock.now()),
    async commit(from, told, more) {
      heard(from, await commit({ from, told, ...(more && { more }) }).catch(orNotTaken));
    },
  };
}

/** Answers for each delivery whether it had a Watchdog that no heartbeat is made of. */
async function write(tx: Tx, world: SendersWorld, deliveries: readonly Delivery[]): Promise<boolean[]> {
  const taken: AlertEvent[] = [];
  const unheard: boolean[] = [];
  // Alerts come last: whoever decides about them holds a lock that timers of the others wait for.
  for (const { from, told, more } of deliveries) {
    const events = await withoutOlder(tx, from.name, told.events);
    await believeUntil(tx, from, { ...told, events });
    await more?.(tx);
    taken.push(...events);
  }
  for (const { from, told } of deliveries) unheard.push(told.watchdog !== undefined && !(await hearWatchdog(tx, world, from.name, told.watchdog)));
  await takeAlerts(tx, world, withoutRepeats(taken), world.clock.now());
  return unheard;
}

/** What is said of an alert as it was said before says nothing. */
function withoutRepeats(events: readonly AlertEvent[]): AlertEvent[] {
  const last = new Map<string, string>();
  return events.filter(({ integration, dedup, state, urgency }) => {
    const key = `${integration} ${dedup}`;
    const [before, says] = [last.get(key), `${state} ${urgency}`];
    last.set(key, says);
    return before !== says;
  });
}

/** Compared in the same time whatever was sent, with every key of the kind. */
function fromIn(config: Config, kind: Kind, key: string | undefined, now: number): From {
  const wanted = digest(key ?? '');
  let found: string | undefined;
  for (const [name, said] of Object.entries(config.integrations)) if (said.kind === kind && timingSafeEqual(digest(said.key.reveal()), wanted)) found = name;
  const said = found === undefined ? undefined : config.integrations[found];
  if (found === undefined || !said)
    throw new Wrong(401, key === undefined ? 'A key is needed.' : 'This key is not known here.', {
      do: `Send the key of an integration of "kind: ${kind}" in holdfast.yaml; after a change there, tell Holdfast with SIGHUP.`,
    });
  const isService = (service: string): boolean => Object.hasOwn(config.services, service) || config.groups[service]?.owner !== undefined;
  return { name: found, said, isService, now, wall: Date.now() };
}

/** A route that says no in its sender's own form. */
export const answering =
  (answer: (c: Context) => Promise<Response>, no: (c: Context, wrong: Wrong) => Response = (c, wrong) => c.json(wrong.json(), wrong.status)) =>
  async (c: Context): Promise<Response> => {
    try {
      return await answer(c);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      if (error.status === 503) c.header('retry-after', '5');
      return no(c, error);
    }
  };

const notTaken = (why: string): Wrong => new Wrong(503, 'Not taken.', { why, do: 'Send it again: nothing is done twice.' });

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();
