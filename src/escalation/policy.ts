import type { Defaults } from '../config/defaults.ts';
import type { ChannelName } from '../deliver/channel.ts';
import type { Recipient, Roster, RosterStep, RosterTimes } from './roster.ts';

export type Urgency = 'low' | 'high' | 'critical';

/** Ways to reach one person that are tried together, so long after the person's turn began. */
export interface Rung {
  /** Domain ms; null = only where nothing before it got through. */
  after: number | null;
  channels: readonly ChannelName[];
}

export interface Step {
  who: RosterStep['who'];
  next: number;
  /** These channels only, all at once. */
  by?: readonly ChannelName[];
}

/** What a page does about people, frozen when it begins: later changes of the configuration are for later pages. Durations are domain ms. */
export interface Policy {
  steps: Step[];
  rungs: Rung[];
  /** The round that adds the channel and everyone with the role; 1 = the first. */
  widen: number;
  ackLasts: number;
  /** So many different pages in a row without an answer: the next person at once. */
  presumedAway: number;
  prefersAwake?: true;
  /** When it is night for somebody, minutes after their midnight. It holds back low pages only. */
  night: { from: number; until: number };
  /** Only of low pages: when what is unanswered comes as one message, in minutes after the person's midnight. */
  digest?: number;
  /** `page me`: proves the path to one person and asks nobody else; over after so long without an answer, and said. */
  drill?: number;
}

const TALK: readonly ChannelName[] = ['dm', 'slack', 'discord'];
const PUSH: readonly ChannelName[] = ['ntfy', 'email', 'webhook'];
const ALL: readonly ChannelName[] = [...TALK, ...PUSH, 'sms', 'voice'];

/** Domain ms after which a trial of the path is over. */
const DRILL = 15 * 60_000;

export function freezePolicy(recipient: Recipient, urgency: Urgency, roster: Pick<Roster, 'steps' | 'times' | 'prefersAwake'>, defaults: Defaults): Policy {
  const said = roster.times(recipient, urgency);
  const next = said.next ?? (urgency === 'critical' ? defaults['page.critical_next'] : defaults['page.high_next']);
  const again = said.again ?? (urgency === 'critical' ? next : defaults['page.high_again']);
  const steps = roster.steps(recipient, urgency);
  return {
    steps: steps.map(({ who, next: own, by }, n) => ({ who, next: n === steps.length - 1 ? again : (own ?? next), ...(by && { by: plain(by) }) })),
    rungs: RUNGS[urgency](said, defaults),
    widen: defaults['page.widen_round'],
    ackLasts: defaults['page.ack_lasts'],
    presumedAway: defaults['page.presumed_away'],
    ...(roster.prefersAwake(recipient) && { prefersAwake: true as const }),
    night: nightOf(defaults),
    ...(urgency === 'low' && { digest: minutes(defaults['page.low_digest']) }),
  };
}

/** Everything at once to one person, once. */
export const drillPolicy = (person: string, defaults: Defaults): Policy => ({
  steps: [{ who: [{ is: 'person', name: person }], next: DRILL }],
  rungs: [{ after: 0, channels: ALL }],
  widen: Number.MAX_SAFE_INTEGER,
  ackLasts: defaults['page.ack_lasts'],
  presumedAway: Number.MAX_SAFE_INTEGER,
  night: nightOf(defaults),
  drill: DRILL,
});

const nightOf = (defaults: Defaults): Policy['night'] => ({ from: minutes(defaults['page.quiet_from']), until: minutes(defaults['page.quiet_until']) });

/** `dm` stands for the message on Slack and Discord, whichever somebody has. */
const plain = (by: readonly ChannelName[]): ChannelName[] => [...new Set(by.flatMap((channel) => (channel === 'dm' ? TALK : [channel])))];

/** Message and push at once, then SMS, then a call. */
const ladder = (sms: number, voice: number): Rung[] => [
  { after: 0, channels: [...TALK, ...PUSH] },
  { after: sms, channels: ['sms'] },
  { after: voice, channels: ['voice'] },
];

const RUNGS: Record<Urgency, (said: RosterTimes, defaults: Defaults) => Rung[]> = {
  // Everything at once, unless a policy says otherwise.
  critical: ({ sms = 0, voice = 0 }) => (sms === 0 && voice === 0 ? [{ after: 0, channels: ALL }] : ladder(sms, voice)),
  high: ({ sms, voice }, defaults) => ladder(sms ?? defaults['page.high_sms'], voice ?? defaults['page.high_voice']),
  low: () => [
    { after: 0, channels: TALK },
    { after: null, channels: ['ntfy', 'webhook'] },
    { after: null, channels: ['email'] },
  ],
};

const minutes = (time: string): number => {
  const [hours = '0', rest = '0'] = time.split(':');
  return Number(hours) * 60 + Number(rest);
};
