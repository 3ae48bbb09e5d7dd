import type { ChannelName } from '../../src/deliver/channel.ts';
import { type Circumstances, decide, type Next, type PageNow } from '../../src/escalation/decide.ts';
import type { Policy } from '../../src/escalation/policy.ts';
import type { Roster } from '../../src/escalation/roster.ts';
import type { Tried } from '../../src/escalation/turns.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** One page and the people around it, as chance makes them. Times are ms; windows are from and until. */
export interface Story {
  begins: number;
  urgency: 'low' | 'high' | 'critical';
  owner: string | undefined;
  backups: string[];
  people: {
    name: string;
    zone: string;
    /** Empty: no channel at all. */
    channels: ChannelName[];
    /** Do not take anything. */
    broken: ChannelName[];
    away: [number, number][];
    /** Minutes after a message reached them in which they answer; never if unsaid. */
    answersAfter?: number;
  }[];
  /** How late timers are handled, one after the other; ms. */
  late: number[];
  /** Hours after which what it is about is over. */
  overAfter?: number;
  days: number;
}

/** What a witness saw: everything that was sent, and when. */
export interface Seen {
  asked: {
    at: number;
    round: number;
    step: number;
    person: string;
    channel: ChannelName;
    reached: boolean;
    awayThen: boolean;
    othersHere: boolean;
    night: boolean;
  }[];
  acked: number[];
  lapsed: number[];
  ended?: number;
  looks: { at: number; next: Next }[];
  until: number;
}

export type Decider = typeof decide;

/** More than four days of rounds need; what asks without end is cut off. */
const MOST_LOOKS = 4_000;

const POLICIES: Record<Story['urgency'], (steps: Policy['steps']) => Policy> = {
  high: (steps) => ({
    ...common(steps),
    rungs: [
      { after: 0, channels: ['dm', 'ntfy', 'email'] },
      { after: 2 * MINUTE, channels: ['sms'] },
      { after: 5 * MINUTE, channels: ['voice'] },
    ],
  }),
  critical: (steps) => ({
    ...common(steps.map((step) => ({ ...step, next: 5 * MINUTE }))),
    rungs: [{ after: 0, channels: ['dm', 'ntfy', 'email', 'sms', 'voice'] }],
  }),
  low: (steps) => ({
    ...common(steps),
    rungs: [
      { after: 0, channels: ['dm'] },
      { after: null, channels: ['ntfy'] },
      { after: null, channels: ['email'] },
    ],
    digest: 9 * 60,
  }),
};

const common = (steps: Policy['steps']): Omit<Policy, 'rungs'> => ({
  steps,
  widen: 3,
  ackLasts: HOUR,
  presumedAway: 3,
  night: { from: 22 * 60, until: 7 * 60 },
});

/** Lives a page through days, in which every timer is handled a little late, and writes down what a witness sees. */
export function live(story: Story, decider: Decider = decide): Seen {
  const begins = story.begins;
  const until = begins + story.days * 24 * HOUR;
  const person = (name: string) => story.people.find((one) => one.name === name);
  const isAway = (name: string, at: number): boolean => person(name)?.away.some(([from, to]) => begins + from * HOUR <= at && at < begins + to * HOUR) ?? false;
  const roster: Roster = {
    steps: () => [],
    times: () => ({}),
    named: (who) =>
      (who.is === 'owner' ? [story.owner] : who.is === 'backup' ? [story.backups[who.n]] : [who.is === 'person' ? who.name : undefined]).filter(
        (name) => name !== undefined,
      ),
    away: (name, at) => (isAway(name, at) ? 'away' : undefined),
    quiet: () => undefined,
    everyone: () => story.people.map(({ name }) => name),
    zone: (name) => person(name)?.zone ?? 'UTC',
    prefersAwake: () => false,
    serviceOf: () => undefined,
    runbook: () => undefined,
  };
  const steps = [{ who: [{ is: 'owner' as const }] }, ...story.backups.map((_, n) => ({ who: [{ is: 'backup' as const, n }] }))];
  const policy = POLICIES[story.urgency](steps.map((step, n) => ({ ...step, next: n === steps.length - 1 ? 15 * MINUTE : 10 * MINUTE })));
  const reach = (name: string): ChannelName[] => person(name)?.channels ?? [];
  const seen: Seen = { asked: [], acked: [], lapsed: [], looks: [], until };

  let page: PageNow = { policy, recipient: { service: 'web' }, state: 'open', round: 0, fromRound: 1, step: 0, stepped: begins, tried: [] };
  let all: (Tried & { round: number })[] = [];
  let now = begins;
  let turn = 0;
  let answers: { at: number; by: string }[] = [];
  for (let guard = 0; now < until && guard < MOST_LOOKS; guard += 1) {
    const over = story.overAfter !== undefined && now >= begins + story.overAfter * HOUR;
    const world: Circumstances = { roster, channels: reach, missed: () => 0, ...(over && { over: 'it is over' }) };
    const next = decider(page, now, world);
    seen.looks.push({ at: now, next });
    if (next.lapsed) seen.lapsed.push(now);
    let failed = false;
    for (const one of next.attempts) {
      const reached = !(person(one.person)?.broken.includes(one.channel) ?? true);
      failed ||= !reached;
      all.push({ ...one, due: now, state: reached ? 'sent' : 'failed', tries: 1 });
      const others = story.people.some(
        ({ name, channels }) => channels.some((channel) => policy.rungs.some((rung) => rung.channels.includes(channel))) && !isAway(name, now),
      );
      seen.asked.push({ at: now, ...one, reached, awayThen: isAway(one.person, now), othersHere: others, night: isNight(now, roster.zone(one.person)) });
      const after = person(one.person)?.answersAfter;
      if (reached && after !== undefined) answers.push({ at: now + after * MINUTE, by: one.person });
    }
    page = { ...page, state: next.state === 'acked' ? 'acked' : 'open', round: next.round, fromRound: next.fromRound, step: next.step, stepped: next.stepped };
    all = all.filter(({ round }) => round === next.round);
    page = { ...page, tried: all };
    if (next.state === 'resolved') return { ...seen, ended: now };
    answers = answers.filter(({ at }) => at > now);
    // What a provider refused is heard at once, and the page is looked at again.
    const timer = failed ? now + 1 : next.at;
    const [answer] = answers.sort((a, b) => a.at - b.at);
    const lateness = story.late[turn++ % Math.max(1, story.late.length)] ?? 0;
    const due = timer === undefined ? Infinity : Math.max(timer, now + 1) + (failed ? 0 : lateness);
    if (page.state === 'open' && answer && answer.at < due) {
      now = answer.at;
      seen.acked.push(now);
      page = { ...page, state: 'acked', ackedBy: answer.by, ackEnds: now + policy.ackLasts };
      // Looked at in the middle of it, as by a provider's late word: it rests all the same.
      now += policy.ackLasts / 2;
      continue;
    }
    if (due === Infinity) return seen;
    now = due;
  }
  return seen;
}

export function isNight(at: number, zone: string): boolean {
  const clock = clocks.get(zone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });
  clocks.set(zone, clock);
  const hour = Number(clock.format(at));
  return hour >= 22 || hour < 7;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
