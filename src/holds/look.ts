import type { Config } from '../config/schema.ts';
import type { Tell } from '../deliver/tell.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { readScript } from '../fleet/scripts/read.ts';
import type { Ssh } from '../fleet/ssh/transport.ts';
import type { Clock } from '../lib/clocks.ts';
import { errorId } from '../lib/ids.ts';
import type { Log } from '../ops.ts';
import { NoLongerOurs } from '../queue/worker.ts';
import type { Db } from '../store/db.ts';
import { finishWork, type OutboxRow } from '../store/outbox.ts';
import { judgeLook, type Looked, sayFew, sayItem } from './judge-look.ts';
import { keepLooks } from './keep-looks.ts';
import { lookOnHost, pauseOnHost, resumeOnHost } from './on-host.ts';
import { type HoldHostRow, type HoldRow, holdKey, holdRow, orderOf } from './rows.ts';
import { CHUNK } from './timer.ts';

export interface HoldsWorld {
  db: Db;
  ssh: Ssh;
  clock: Clock;
  log: Log;
  tell: Tell;
  config(): Config;
  fleet(): Fleet;
  /** Aborted when this process is told to end. */
  ending: AbortSignal;
}

/** Looks at some hosts of a hold: those it could not reach are paused as soon as they answer, the others are only looked at. */
export async function lookAtHold(world: HoldsWorld, row: OutboxRow): Promise<void> {
  const [id = '', which = ''] = row.ref.split(/\/(.*)/s);
  const hold = await holdRow(world.db, id);
  const hosts = hold ? (await hostsOf(world, id, which)).filter(({ state }) => state !== 'resumed') : [];
  const looks = new Map<string, Looked>();
  if (hold) await Promise.all(hosts.map(async (host) => void looks.set(host.host, await lookAt(world, hold, host))));
  if (world.ending.aborted) throw new NoLongerOurs();
  await world.db.tx(async (tx) => {
    if (!(await finishWork(tx, row, 'done'))) throw new NoLongerOurs();
    if (hold) await keepLooks(tx, world, hold, hosts, looks);
  });
}

/** Rows of a hold are never taken away, so the nth fifty are always the same hosts. */
function hostsOf(world: HoldsWorld, hold: string, which: string): Promise<HoldHostRow[]> {
  const heard = /^heard:(.+)$/.exec(which)?.[1];
  if (heard !== undefined) return world.db.query<HoldHostRow>(`select * from hold_hosts where hold = $1 and host = any ($2)`, [hold, heard.split(',')]);
  return world.db.query<HoldHostRow>(`select * from hold_hosts where hold = $1 order by host limit ${CHUNK} offset $2`, [hold, Number(which) * CHUNK]);
}

async function lookAt(world: HoldsWorld, hold: HoldRow, row: HoldHostRow): Promise<Looked> {
  const host = world.fleet().hosts.get(row.host);
  if (!host) return { state: row.state, detail: 'no longer in the inventory' };
  const script = (name: string, args: readonly string[], timeout: number) => world.ssh.exec(host, { script: readScript(name).name, args, timeout });
  const order = orderOf(hold, world.config().holds.units);
  const { sources } = hold;
  try {
    if (hold.state === 'ended') return await giveBack(script, hold, row);
    const found = await lookOnHost(script, order);
    if (row.state !== 'unverified' || found.state !== 'answered') return judgeLook(row, found, { sources });
    if (found.answer.sources.length === 0) return judgeLook(row, found, { sources });
    const paused = await pauseOnHost(script, order, {
      intent: `${hold.id}-${host.name}-heard`,
      run: hold.run ?? '',
      ...(hold.because !== null && { because: hold.because }),
    });
    if (paused.state !== 'answered' || paused.answer.said.fence === 'ended') return judgeLook(row, paused, { sources });
    const verified = await lookOnHost(script, order);
    return { ...judgeLook(row, verified, { pausedNow: true, foundBusy: found.answer.running, sources }), lines: paused.answer.record };
  } catch (error) {
    if (world.ending.aborted) return row;
    const errId = errorId();
    world.log.error({ err: error, id: errId, host: row.host, hold: hold.id }, 'a host of a hold could not be looked at');
    return { state: row.state, detail: `something of ours failed while looking (${errId})` };
  }
}

/** The hold was ended while nobody reached this host: what was paused there, or may have been, is put back now. */
async function giveBack(script: Parameters<typeof resumeOnHost>[0], hold: HoldRow, row: HoldHostRow): Promise<Looked> {
  const answered = await resumeOnHost(script, holdKey(hold), `${hold.id}-${row.host}-heard`, row.recorded.lines ?? []);
  if (answered.state === 'busy') return row;
  if (answered.state !== 'answered') return { state: row.state, detail: answered.detail };
  if (answered.answer.failed.length > 0) return { state: row.state, detail: sayFew(answered.answer.failed.map(sayItem)) };
  return { state: 'resumed', detail: 'resumed on first contact', news: 'resumed on first contact' };
}
