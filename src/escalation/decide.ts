import type { ChannelName } from '../deliver/channel.ts';
import { nextAt, nightEnds } from './night.ts';
import type { Policy } from './policy.ts';
import type { Recipient, Roster } from './roster.ts';
import { climb, reached, type Tried, type Turn, turnsOf } from './turns.ts';
import { type Passed, whoIsNext } from './who-is-next.ts';

/** A page as it stands. Times are domain ms. */
export interface PageNow {
  policy: Policy;
  recipient: Recipient;
  state: 'open' | 'acked';
  /** 0 = nobody was asked yet. */
  round: number;
  /** The first of the rounds that count until it widens. */
  fromRound: number;
  step: number;
  /** When somebody's turn began last. */
  stepped: number;
  /** Whose acknowledgement it is, and when it lapses; without an end it rests for good. */
  ackedBy?: string;
  ackEnds?: number;
  /** Of this round, in the order in which they were made; no notices. */
  tried: readonly Tried[];
}

export interface Circumstances {
  roster: Roster;
  /** By which somebody can be reached. */
  channels(person: string): readonly ChannelName[];
  /** Other pages in a row that somebody left without an answer. */
  missed(person: string): number;
  /** What it is about is over, in words. */
  over?: string;
}

export interface Next {
  state: 'open' | 'acked' | 'resolved';
  round: number;
  fromRound: number;
  step: number;
  stepped: number;
  /** To be made now. */
  attempts: { round: number; step: number; person: string; channel: ChannelName }[];
  /** Who was passed over, and why: it is said. */
  passed: Passed[];
  /** Channels of the configuration in which it is posted. */
  posts: string[];
  /** Whose turn went by without an answer. */
  missed: string[];
  /** A round began that asks everyone with the role, and the channel. */
  widened: boolean;
  /** An acknowledgement ended while it still burns. */
  lapsed: boolean;
  /** When to decide again; a page that is open always has one. */
  at?: number;
  because: string;
}

/** Domain ms. After a round in which nobody could be reached the next does not wait as long as people are given to answer. */
const UNREACHED = 60_000;

/**
 * What is next with a page, and why. It rests when somebody has it, when what it is about is over, or when it was silenced by name (which is
 * not decided here). Otherwise there is always a next moment: after the last step it begins again from the top, from `policy.widen` on with everyone.
 */
export function decide(page: PageNow, now: number, world: Circumstances): Next {
  const { round, fromRound, step, stepped } = page;
  const still = { round, fromRound, step, stepped, attempts: [], passed: [], posts: [], missed: [], widened: false, lapsed: false };
  if (world.over !== undefined) return { ...still, state: 'resolved', because: world.over };
  if (page.state === 'open') return ask(page, now, world, { ...still, state: 'open', because: '' });
  if (page.ackEnds === undefined) return { ...still, state: 'acked', because: `${page.ackedBy} has it` };
  if (now < page.ackEnds) return { ...still, state: 'acked', at: page.ackEnds, because: `${page.ackedBy} has it for now` };
  return ask({ ...page, tried: [] }, now, world, { ...still, state: 'open', fromRound: round + 1, lapsed: true, because: '' });
}

/** Walks from where the page stands over every step whose time has come, until there is somebody to wait for. */
function ask(page: PageNow, now: number, world: Circumstances, next: Next): Next {
  const { policy } = page;
  let turns = turnsOf(page.tried);
  // How far it goes where there was nobody to ask in a whole round: everyone, in the end whoever is away, too.
  let force = 0;
  for (;;) {
    const rung = climbAll(page, turns, now, world, next);
    const begun = next.round > 0 && !(next.lapsed && next.round < next.fromRound);
    const wait = begun ? waitsFor(page, next, turns, now, world) : undefined;
    if (wait) return { ...next, ...(wait.over ? { state: 'resolved' as const } : { at: Math.min(wait.until, rung) }), because: wait.because };

    const asking = new Set(turns.map(({ person }) => person));
    // Everyone at once would wake some of them for what is low: of those each has a morning of their own, one after the other.
    const more = begun && policy.digest !== undefined && isWide(page, next.fromRound, next.round) ? others(page, asking, now, world) : [];
    const fresh = !begun || (next.step + 1 >= policy.steps.length && more.length === 0);
    if (fresh && begun && turns.length === 0 && ++force > 2) {
      return { ...next, at: now + lengthOf(policy), because: 'nobody can be reached by any channel' };
    }
    const left = begun ? leaving(page, next, turns, now, world) : { passed: [], missed: [], at: undefined };
    const round = fresh ? next.round + 1 : next.round;
    const unreached = fresh && turns.length > 0 && !turns.some(reached);
    const everyone = fresh && policy.drill === undefined && (force > 0 || unreached || isWide(page, next.fromRound, round));
    const step = fresh ? 0 : next.step + 1;
    const had = fresh && next.lapsed && round === next.fromRound && policy.digest === undefined ? page.ackedBy : undefined;
    const place = { step, asked: fresh ? new Set<string>() : asking, everyone, desperate: force > 1, ...(had !== undefined && { had }) };
    const found = whoIsNext(page, place, now, world);
    if (step >= policy.steps.length) found.people = more;
    if (policy.digest !== undefined && (everyone || step >= policy.steps.length)) found.people = found.people.slice(0, 1);

    const begins = policy.digest === undefined ? now : morningOf(policy, found.people, left.at, now, world);
    if (begins > now) {
      const because = `low, so it waits for the morning of ${found.people[0]}`;
      return {
        ...next,
        at: Math.min(begins, rung),
        because,
        ...(next.lapsed && !begun && { state: 'acked' as const, lapsed: false, fromRound: page.fromRound }),
      };
    }
    next.passed.push(...left.passed, ...found.passed);
    next.posts.push(...found.posts);
    next.missed.push(...left.missed);
    next.widened ||= everyone;
    [next.round, next.step] = [round, step];
    if (fresh) turns = [];
    if (found.people.length > 0) next.stepped = now;
    turns.push(...found.people.map((person): Turn => ({ person, step, began: now, tried: [] })));
  }
}

const isWide = ({ policy }: PageNow, from: number, round: number): boolean => round - from + 1 >= policy.widen;

/** Everyone with the role who was not asked in this round and can be. */
const others = (page: PageNow, asked: ReadonlySet<string>, now: number, world: Circumstances): string[] =>
  whoIsNext(page, { step: page.policy.steps.length, asked, everyone: true, desperate: false }, now, world).people;

/** Makes the tries that are due for everybody who is asked in this round and said nothing: whoever passed is not rung. Answers when there are more. */
function climbAll({ policy }: PageNow, turns: readonly Turn[], now: number, world: Circumstances, next: Next): number {
  let soonest = Infinity;
  for (const turn of turns.filter((one) => !hasAnswered(one))) {
    const { begin, next: more = Infinity } = climb(policy, turn, world.channels(turn.person), now);
    for (const channel of begin) {
      next.attempts.push({ round: next.round, step: turn.step, person: turn.person, channel });
      turn.tried.push({ step: turn.step, person: turn.person, channel, due: now, state: 'waiting', tries: 0 });
    }
    soonest = Math.min(soonest, more);
  }
  return soonest;
}

interface Wait {
  until: number;
  because: string;
  /** It ends with that instead. */
  over?: true;
}

/** What a page that was begun waits for now; `undefined` = it goes on at once. */
function waitsFor(page: PageNow, at: Next, turns: readonly Turn[], now: number, world: Circumstances): Wait | undefined {
  const { policy } = page;
  if (policy.drill !== undefined) {
    if (turns.length === 0) return { until: now, over: true, because: 'no channel reaches them' };
    const until = at.stepped + policy.drill;
    return { until, because: 'a trial of the path: nobody answered', ...(now >= until && { over: true as const }) };
  }
  const here = turns.filter(({ step }) => step === at.step);
  const due = stepEnds(page, at, turns, world);
  const names = here.map(({ person }) => person);
  if (here.some(reached) && now < due && !names.every((name) => isPresumedAway(policy, name, world)))
    return { until: due, because: `waits for ${names.join(', ')}` };
  if (at.step + 1 < policy.steps.length || turns.length === 0) return undefined;
  // The end of a round: as long as the last of it was given, but not where nobody had anything to answer to.
  const again = policy.digest === undefined && !turns.some(reached) ? Math.min(due, at.stepped + UNREACHED) : due;
  return now < again ? { until: again, because: 'from the top again' } : undefined;
}

/** Why whoever was asked in this step is not waited for any longer. `at`: when that was due, unless it comes early. */
function leaving(
  page: PageNow,
  at: Next,
  turns: readonly Turn[],
  now: number,
  world: Circumstances,
): { passed: Passed[]; missed: string[]; at: number | undefined } {
  const here = turns.filter(({ step }) => step === at.step);
  const due = stepEnds(page, at, turns, world);
  if (here.length === 0) return { passed: [], missed: [], at: now >= due ? due : undefined };
  if (!here.some(reached))
    return { passed: here.map(({ person }) => ({ who: person, why: 'no channel took it' })), missed: [], at: now >= due ? due : undefined };
  // Somebody passed, which ended the step before its time: whoever was asked beside them missed nothing.
  const early = at.stepped <= 0;
  if (now >= due) return { passed: [], missed: early ? [] : here.filter(wentBy).map(({ person }) => person), at: due };
  const why = (person: string): string => `presumed away: ${world.missed(person)} pages in a row without an answer`;
  return { passed: here.map(({ person }) => ({ who: person, why: why(person) })), missed: [], at: undefined };
}

/** When whoever was asked last has had their time. */
function stepEnds({ policy }: PageNow, at: Next, turns: readonly Turn[], world: Circumstances): number {
  const step = policy.steps[at.step] ?? policy.steps.at(-1);
  if (policy.digest === undefined) return at.stepped + (step?.next ?? UNREACHED);
  const last = turns.findLast(({ step: of }) => of <= at.step);
  return nextAt(at.stepped, last ? world.roster.zone(last.person) : 'UTC', policy.digest);
}

/** Low pages reach somebody by day: the first at once or when their night is over, later ones when the person's digest comes. */
function morningOf(policy: Policy, people: readonly string[], after: number | undefined, now: number, world: Circumstances): number {
  const [first] = people;
  if (first === undefined) return now;
  const digest = after === undefined ? now : nextAt(after - 1, world.roster.zone(first), policy.digest ?? 0);
  // Somebody who came back meanwhile may be first now, and asleep.
  return digest > now ? digest : (nightEnds(first, now, world.roster, policy) ?? now);
}

/** It reached them and they said nothing. */
const wentBy = (turn: Turn): boolean => reached(turn) && !hasAnswered(turn);

const hasAnswered = ({ tried }: Turn): boolean => tried.some(({ answered }) => answered);

const isPresumedAway = (policy: Policy, person: string, world: Circumstances): boolean => world.missed(person) >= policy.presumedAway;

const lengthOf = (policy: Policy): number => Math.max(UNREACHED, ...policy.steps.map(({ next }) => next));
