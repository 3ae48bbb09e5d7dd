import type { Attempts } from '../../src/deliver/attempts.ts';
import { runAttempts } from '../../src/deliver/attempts.ts';
import { CHANNELS, type Channel, type ChannelName, type Delivery, type PageMessage } from '../../src/deliver/channel.ts';
import type { Roster } from '../../src/escalation/roster.ts';
import { type SettableClock, startClock } from '../../src/lib/clocks.ts';
import { openPaging } from '../../src/paging/open.ts';
import type { PagingWorld } from '../../src/paging/world.ts';
import type { Person } from '../../src/people.ts';
import type { Db } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { runTimers, type TimerHandler } from '../../src/store/timers.ts';
import { timeMachine } from '../../src/time-machine.ts';
import { temporary } from '../engines.ts';
import { quietLog } from '../quiet-log.ts';

export interface Received {
  person: string;
  channel: ChannelName;
  message: PageMessage;
}

/** Pages, with the devices of people in hand: what each received, and channels that say what a test wants. Time is moved by hand. */
export async function devices(said: {
  people: string[];
  channels?: ChannelName[];
  /** UTC for whom nothing is said. */
  zones?: Record<string, string>;
  /** When it begins: ISO; noon of 15 July 2026 if unsaid. */
  at?: string;
  /** One of several processes: their database, its own clock, and the people's devices, which are the same. */
  process?: { db: Db; clock: SettableClock; received: Received[]; holder: string };
  away?: string[];
  answers?: (to: string, channel: ChannelName) => Delivery | undefined;
  /** Timers of the room that asks. */
  timers?: (world: PagingWorld) => Record<string, TimerHandler>;
}) {
  const db = said.process?.db ?? (await openDb({ dataDir: temporary('paging'), log: quietLog }));
  const clock = said.process?.clock ?? startClock({ speed: 0.001, anchor: Date.parse(said.at ?? '2026-07-15T12:00Z') });
  const zone = (name: string): string => said.zones?.[name] ?? 'UTC';
  const people: Person[] = said.people.map((name) => ({ name, display: name, roles: [{ role: 'operator' }], zone: zone(name) }));
  const roster: Roster = {
    steps: (to) => ('person' in to ? [{ who: [{ is: 'person', name: to.person }] }] : said.people.map((name) => ({ who: [{ is: 'person', name }] }))),
    times: () => ({}),
    named: (who) => ('name' in who ? [who.name] : []),
    away: (name) => (said.away?.includes(name) ? 'away until tomorrow' : undefined),
    quiet: () => undefined,
    everyone: () => said.people,
    zone,
    prefersAwake: () => false,
    serviceOf: () => undefined,
    runbook: () => undefined,
  };
  const channels = said.channels ?? ['dm', 'sms', 'voice'];
  const world = {
    ...{ clock, log: quietLog, people: () => people, roster: async () => roster, reaches: () => channels, isGroup: () => false },
    config: () => ({ defaults: {}, ssh: {}, channels: {}, timezone: 'UTC' }),
    tell: { tell: async () => {}, repost: async () => {} },
  } as unknown as PagingWorld;
  const received = said.process?.received ?? [];
  const open = CHANNELS.map(
    (name): Channel => ({
      name,
      timeout: 5_000,
      reaches: () => true,
      async send({ name: person }, message) {
        const answer = said.answers?.(person, name) ?? { sent: true, id: `${message.key} ${name}` };
        if (answer.sent) received.push({ person, channel: name, message });
        return answer;
      },
    }),
  );
  const pages = openPaging(world);
  const timers = await runTimers({
    db,
    clock,
    handlers: said.timers?.(world) ?? {},
    many: { page: pages.timers },
    failed: (error) => {
      throw error;
    },
  });
  const attempts: Attempts = await runAttempts({
    ...{ db, log: quietLog, holder: said.process?.holder ?? 'here:1', now: clock.now, people: () => people, channels: () => open, paging: pages.paging },
    gate: { enter: () => ({ open: true }), left: () => {} },
  });
  const busy = (): boolean => timers.busy() || attempts.busy();
  const time = timeMachine({ db, clock, busy });
  return {
    ...{ db, clock, received, world, busy },
    /** Lets so many minutes pass, and everything that is due on the way. */
    wait: (minutes: number) => time.pass(minutes * 60_000),
    /** `ada dm`, in order, and forgets it. */
    took: () => received.splice(0).map(({ person, channel }) => `${person} ${channel}`),
    async close() {
      await attempts.close();
      await timers.close();
      if (!said.process) await db.close();
    },
  };
}
