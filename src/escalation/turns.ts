import type { ChannelName } from '../deliver/channel.ts';
import type { Policy, Rung } from './policy.ts';

/** One try at one person by one channel, as far as it has come. */
export interface Tried {
  step: number;
  person: string;
  channel: ChannelName;
  /** Domain time. */
  due: number;
  state: 'waiting' | 'carried' | 'sending' | 'sent' | 'failed' | 'called off';
  /** How often it was begun. */
  tries: number;
  /** Its person said something to it: they are there. */
  answered?: boolean;
}

/** Somebody is asked: from their first try on, by one rung of the ladder after the other. */
export interface Turn {
  person: string;
  step: number;
  began: number;
  tried: Tried[];
}

/** The turns of a round, in the order in which they began. */
export function turnsOf(tried: readonly Tried[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const one of tried) {
    const turn = turns.get(one.person) ?? { person: one.person, step: one.step, began: one.due, tried: [] };
    turn.began = Math.min(turn.began, one.due);
    turn.tried.push(one);
    turns.set(one.person, turn);
  }
  return [...turns.values()];
}

/**
 * The channels to begin now for one person, and when there are more. A rung is due in its time; at once when there is none before it, or when
 * something of the one before it was not taken.
 */
export function climb(policy: Policy, turn: Turn, channels: readonly ChannelName[], now: number): { begin: ChannelName[]; next?: number } {
  let through = false;
  let troubled = true;
  const begin: ChannelName[] = [];
  // Where a step names its channels the rest stays behind them, for when none of those takes it.
  const by = policy.steps[turn.step]?.by;
  const rungs: readonly Rung[] = by
    ? [
        { after: 0, channels: by },
        { after: null, channels: policy.rungs.flatMap((rung) => rung.channels.filter((one) => !by.includes(one))) },
      ]
    : policy.rungs;
  for (const rung of rungs) {
    const mine = rung.channels.filter((channel) => channels.includes(channel));
    if (mine.length === 0) continue;
    const done = turn.tried.filter(({ channel }) => rung.channels.includes(channel));
    if (done.length > 0) {
      troubled = done.some((one) => !mayArrive(one));
      through ||= done.some(mayArrive);
      continue;
    }
    if (rung.after === null && through) continue;
    const due = troubled ? now : turn.began + (rung.after ?? 0);
    if (due > now) return { begin, next: due };
    begin.push(...mine);
    [through, troubled] = [true, false];
  }
  return { begin };
}

/** Whether somebody may have it: taken by the provider, or on its first way there. What is tried again counts as not taken meanwhile. */
export const mayArrive = ({ state, tries }: Tried): boolean =>
  state === 'sent' || state === 'carried' || (state === 'waiting' && tries === 0) || (state === 'sending' && tries <= 1);

export const reached = (turn: Turn): boolean => turn.tried.some(mayArrive);
