import { lockAlerts } from '../alerts/settle.ts';
import { standsOn } from '../alerts/stands-on.ts';
import { takeAlerts } from '../alerts/take.ts';
import { defaultsOf } from '../config/defaults.ts';
import type { Host } from '../fleet/host.ts';
import type { Banner } from '../fleet/ssh/banner.ts';
import { hostsSeen } from '../incidents/heard.ts';
import type { Ops } from '../ops.ts';
import type { Db, Tx } from '../store/db.ts';
import { alertsOf, knownDown } from './events.ts';
import { answersAgain, stopsAnswering } from './evidence.ts';
import { judgeDown } from './judge.ts';
import { missedFrom, sightsOf, writeLook } from './rows.ts';
import { afterLook, type Missed } from './seen.ts';

export interface DownWorld extends Pick<Ops, 'clock' | 'config' | 'fleet'> {
  db: Db;
  /** Where this process looks from. */
  place: string;
  /** `undefined`: the way to it is not ours to look along. */
  look(host: Host): Promise<Banner | undefined>;
}

/** Looks that may be missing before a place counts for nothing; wall time. */
const STALE = 4;

/** Looks at every host once from here, and says what follows from what all places see: who is down, who is back, who is cut off. */
export async function lookAtHosts(world: DownWorld): Promise<void> {
  const hosts = [...world.fleet().hosts.values()];
  const found = new Map<string, Banner>();
  await Promise.all(
    hosts.map(async (host) => {
      const banner = await world.look(host);
      if (banner) found.set(host.name, banner);
    }),
  );
  if (found.size > 0) await world.db.tx((tx) => conclude(tx, world, found));
}

async function conclude(tx: Tx, world: DownWorld, found: ReadonlyMap<string, Banner>): Promise<void> {
  await lockAlerts(tx);
  const { place, clock } = world;
  const now = clock.now();
  const defaults = defaultsOf(world.config());
  const before = await missedFrom(tx, place);
  const changed = changesOf(before, found, now, defaults['down.misses']);
  const missing = [...found.values()].filter(({ reach }) => reach !== 'ok').length;
  await writeLook(tx, { place, hosts: found.size, missing, now }, changed);

  const fresh = Math.max(30_000, (STALE * defaults['down.every']) / clock.speed);
  const looked = new Set(found.keys());
  const { sights, missed } = await sightsOf(tx, looked, fresh);
  const known = await knownDown(tx);
  const stands = standsOn(world.fleet());
  const judged = judgeDown(sights, known.hosts, (host) => stands.common([host]), { places: defaults['down.places'], share: defaults['down.uplink_share'] });
  const fell = [...judged.down].filter((host) => !known.hosts.has(host));
  const back = [...known.hosts].filter((host) => !judged.down.has(host) && !judged.unsure.has(host));
  const events = alertsOf({ judged, known, missed, fell, back, sights });
  if (events.length === 0) return;
  const gone = fell.flatMap((host) => missed.get(host) ?? []);
  await stopsAnswering(tx, gone, now);
  await takeAlerts(tx, world, events, now);
  // The outage tables: the alerts of those that fell have their incidents by now. How they did not answer is for us, the public reads the table.
  await hostsSeen(
    tx,
    { ...world, clock: { now: () => now } },
    [...gone.map(({ host, since }) => ({ host, up: false, at: since })), ...back.map((host) => ({ host, up: true, at: now }))],
    'down',
  );
  await answersAgain(tx, back, now);
}

function changesOf(before: ReadonlyMap<string, Missed>, found: ReadonlyMap<string, Banner>, now: number, misses: number): Map<string, Missed | undefined> {
  const changed = new Map<string, Missed | undefined>();
  for (const [host, banner] of found) {
    const after = afterLook(before.get(host), host, banner, now, misses);
    if (after !== before.get(host)) changed.set(host, after);
  }
  // It left the inventory.
  for (const host of before.keys()) if (!found.has(host)) changed.set(host, undefined);
  return changed;
}
