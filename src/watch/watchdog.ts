import type { Watchdog } from '../config/watch.ts';
import type { Channel, PageMessage } from '../deliver/channel.ts';
import { openConnections } from '../deliver/connections.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Log } from '../ops.ts';
import type { Person } from '../people.ts';
import { sendHeartbeats } from './heartbeats.ts';
import { type Minded, type Next, type Seen, watchdogDecides } from './watchdog-decides.ts';

export interface WatchdogWorld {
  watchdog: Watchdog;
  people: readonly Person[];
  channels: readonly Channel[];
  log: Log;
  /** Wall ms. */
  wall(): number;
  look?(): Promise<Seen>;
}

/** Wall ms one look may take. */
const PROMPT = 5_000;
/** Wall ms since it looked at itself: longer, and it only seems to live. */
const STALE = 60_000;

/** Looks once and does what follows. Needs no database: what it has in mind lies in this process. */
export function openWatchdog(world: WatchdogWorld): { look(): Promise<Next & { sent: number }> } {
  const { watchdog, wall, log } = world;
  const connections = openConnections();
  let mind: Minded = {};
  let n = 0;
  return {
    async look() {
      const seen = await (world.look ?? (() => lookAt(watchdog.url)))();
      const next = watchdogDecides(mind, seen, wall(), watchdog);
      let sent = 0;
      if (next.say !== 'nothing') {
        sent = await tellAll(world, next, messageOf(next, watchdog.url, mind.since ?? wall(), wall(), ++n));
        log.warn({ say: next.say, because: next.because, sent }, sent === 0 && next.say !== 'back' ? 'nobody could be paged' : 'people were told');
        // Nobody has it: tried again at the next look, not after `again`.
        if (sent === 0 && next.say !== 'back') next.mind = { ...(next.mind.since !== undefined && { since: next.mind.since }) };
      }
      mind = next.mind;
      if (watchdog.heartbeat && seen.well) await sendHeartbeats([watchdog.heartbeat], connections);
      return { ...next, sent };
    },
  };
}

/** Well only if it says so itself, and has looked at itself lately. */
async function lookAt(url: string): Promise<Seen> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PROMPT), redirect: 'manual' });
    const said = (await response.json().catch(() => ({}))) as { ready?: unknown; well?: unknown; age?: unknown; because?: unknown; why?: unknown };
    if (response.status !== 200 || said.ready !== true) return { well: false, because: `it is not ready: HTTP ${response.status}` };
    if (said.well === false) return { well: false, because: `it is unwell: ${[said.because].flat().join('; ').slice(0, 300)}` };
    if (typeof said.age === 'number' && said.age > STALE) return { well: false, because: `it has not looked at itself for ${sayDuration(said.age)}` };
    return { well: true };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    return { well: false, because: name === 'TimeoutError' ? `no answer within ${PROMPT / 1000} s` : (cause?.code ?? name) };
  }
}

/** Everybody, by everything they have, at once: there is nobody here to wait for an answer. Answers how many messages a provider took. */
async function tellAll({ watchdog, people, channels, log }: WatchdogWorld, { say }: Next, message: PageMessage): Promise<number> {
  const whom = watchdog.page.flatMap((name) => people.filter((person) => person.name === name));
  const ways = whom.flatMap((person) => channels.filter((channel) => channel.reaches(person)).map((channel) => ({ person, channel })));
  // That it is back is no reason to ring anybody.
  const used = say === 'back' ? ways.filter(({ channel }) => channel.name !== 'voice') : ways;
  const sent = await Promise.all(
    used.map(async ({ person, channel }) => {
      const delivery = await channel.send(person, message);
      if (!delivery.sent) log.warn({ person: person.name, channel: channel.name, says: delivery.says }, 'not sent');
      return delivery.sent;
    }),
  );
  return sent.filter(Boolean).length;
}

function messageOf({ say, because }: Next, url: string, since: number, now: number, n: number): PageMessage {
  const lasted = sayDuration(now - since);
  const text = say === 'back' ? `Holdfast at ${url} is back, after ${lasted}.` : `Holdfast at ${url} is gone for ${lasted}: ${because}.`;
  const body =
    say === 'back' ? [] : ['Nothing is paged while it is gone. Look at its machine, its database and its log; keep to your own pager until it is back.'];
  return {
    key: `watchdog-${now}-${n}`,
    page: 'watchdog',
    urgency: say === 'back' ? 'low' : 'critical',
    text,
    card: { title: text, tone: say === 'back' ? 'good' : 'bad', body },
  };
}
