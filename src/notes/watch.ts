import type { Config } from '../config/schema.ts';
import type { Tell } from '../deliver/tell.ts';
import { checkParams } from '../fleet/check-params.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { ReadJob } from '../jobs.ts';
import type { Clock } from '../lib/clocks.ts';
import { beginReading } from '../reading/begin.ts';
import { knownHosts } from '../reading/knowledge.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { armTimer, type TimerHandler } from '../store/timers.ts';
import { morningCard } from './compare.ts';
import { LOOK_AGAIN, NOTES, type Watch } from './tell.ts';

export interface NotesWorld {
  clock: Pick<Clock, 'now'>;
  tell: Tell;
  config(): Config;
  fleet(): Fleet;
  /** The job that looks at a host. */
  check(): ReadJob | undefined;
}

/** The morning after: the hosts are checked, and what differs is said where the change was told. */
export function watchNotes(world: NotesWorld): TimerHandler {
  return async (tx, timer) => {
    const watch = timer.data as unknown as Watch;
    const now = world.clock.now();
    if (watch.reading === undefined) {
      const reading = await lookAt(tx, world, watch, now);
      if (reading !== undefined) await armTimer(tx, { kind: timer.kind, ref: timer.ref, due: now + LOOK_AGAIN, data: { ...watch, reading } });
      return undefined;
    }
    const [reading] = await tx.query<{ state: string }>(`select state from readings where id = $1`, [watch.reading]);
    if (reading && reading.state !== 'ended') return now + LOOK_AGAIN;
    const card = morningCard(watch, await knownHosts(tx, Object.keys(watch.before)));
    await record(tx, { thing: NOTES, type: 'looked at', data: { note: Number(timer.ref), says: [card.title, ...(card.body ?? [])] }, by: 'holdfast', at: now });
    await world.tell.tell(tx, { key: `note:${timer.ref}`, to: whereTold(watch), card, asked: watch.place, at: now });
    return undefined;
  };
}

/** Begins a check nobody waits for; none where the hosts are gone from the inventory. */
async function lookAt(tx: Tx, world: NotesWorld, watch: Watch, now: number): Promise<string | undefined> {
  const check = world.check();
  const hosts = Object.keys(watch.before).flatMap((name) => world.fleet().hosts.get(name) ?? []);
  if (!check || hosts.length === 0) return undefined;
  const began = await beginReading(tx, { at: now }, check, checkParams(world.config()), { expression: hosts.map(({ name }) => name).join(','), hosts });
  return began.id;
}

/** The channel of one command from a shell ends with it: then it is for the person. */
const whereTold = ({ place, by }: Watch): Parameters<Tell['tell']>[1]['to'] => (place.channel.startsWith('exec:') ? { person: by } : { place });
