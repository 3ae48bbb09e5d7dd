import type { Card, CardAction } from '../chat/card.ts';
import { sayDuration } from '../lib/duration.ts';
import { when } from '../rollout/words.ts';
import type { Urgency } from './policy.ts';

/** What is known of a page at the moment somebody is woken for it. Times are domain ms. */
export interface BriefFacts {
  id: string;
  text: string;
  urgency: Urgency;
  opened: number;
  /** Who or what asked, and what they add. */
  by: string;
  more: { body?: string[]; actions?: CardAction[] };
  /** Alerts that burn, the oldest first: what, on what, by whom it is said, and what helps. */
  fired?: { says: string; by: string; since: number; link?: string; details: readonly string[] }[];
  about?: string;
  /** `@web`, where that is a group that can be looked at. */
  target?: string;
  now: number;
  reader: { name: string; zone: string };
  /** Who was asked before this one, since when, by what, and what came of it. */
  asked: { person: string; at: number; channels: readonly string[]; reached: boolean; answer?: string }[];
  /** What people said to it, the latest last: `ada passed it on because …`. */
  said: string[];
  /** Whose acknowledgement lapsed. */
  lapsed?: string;
  /** The last day, the newest first. */
  changed: { at: number; says: string }[];
  runbook?: { steps: readonly string[]; never: readonly string[]; where: string };
  /** Who had pages of this recipient before, the latest first. */
  before: { person: string; at: number }[];
}

/** Lines of each part: all of it stays on one screen of a phone. */
const MOST = { fired: 3, asked: 3, said: 2, changed: 3, steps: 3, never: 2, before: 2 };
const LINE = 140;

/** What a person who was asleep needs: what and since when, what was tried, what changed, what to do first, what not, and who knows. */
export function brief(facts: BriefFacts): Card {
  const { id, text, now, reader } = facts;
  return {
    title: clip(`${id}: ${text}`, 200),
    tone: facts.urgency === 'low' ? 'attention' : 'bad',
    body: [
      since(facts),
      ...(facts.more.body ?? []).slice(0, MOST.said),
      ...firedLines(facts),
      ...(facts.lapsed === undefined ? [] : [`${facts.lapsed} had it; that lapsed and it still burns`]),
      ...some(facts.asked, MOST.asked, 'more were asked', (one) => tried(one, now, reader.zone)),
      ...facts.said.slice(-MOST.said),
      ...some(facts.changed, MOST.changed, 'more changed in the last day', ({ at, says }) => `changed ${when(at, now, reader.zone)}: ${says}`),
      ...firstSteps(facts.runbook),
      ...(facts.runbook?.never ?? []).slice(0, MOST.never).map((one) => `do NOT ${one}`),
      ...knows(facts),
    ].map((line) => clip(line, LINE)),
    actions: [
      { label: 'I have it', command: `ack ${id}`, style: 'primary' },
      { label: 'Not me', command: `pass ${id}` },
      ...(facts.more.actions ?? []),
      ...(facts.about !== undefined && /^(?:INC-|[RHE])\d+$/.test(facts.about) && !facts.more.actions?.some(({ label }) => label === 'Look')
        ? [{ label: 'Look', command: `show ${facts.about}` }]
        : []),
      ...(facts.target === undefined ? [] : [{ label: 'Check', command: `check ${facts.target}` }]),
    ],
  };
}

/** `since 14:02 (8 min), asked by you. It is 02:10 for you (America/Lima).` */
function since({ opened, now, reader, by }: BriefFacts): string {
  const age = now - opened < 1000 ? 'now' : `since ${when(opened, now, reader.zone)} (${sayDuration(now - opened)})`;
  return `${age}, asked by ${by}; it is ${when(now, now, reader.zone)} for you (${reader.zone})`;
}

/** `fired 14:02, prometheus: web01: HTTP 5xx`, its link, and of a single one what helps. */
function firedLines({ fired = [], now, reader }: BriefFacts): string[] {
  const [only] = fired;
  return [
    ...some(fired, MOST.fired, 'more alerts: show alerts', ({ says, by, since: at }) => `fired ${when(at, now, reader.zone)}, ${by}: ${says}`),
    ...(fired.length === 1 && only ? only.details : []),
    ...[...new Set(fired.slice(0, MOST.fired).flatMap(({ link }) => link ?? []))].slice(0, fired.length === 1 ? 1 : 2),
  ];
}

function tried({ person, at, channels, reached, answer }: BriefFacts['asked'][number], now: number, zone: string): string {
  const came = answer === undefined ? (reached ? 'no answer' : 'not reached') : answer === 'pass' ? 'passed it on' : answer;
  return `${person} was asked at ${when(at, now, zone)} by ${channels.join(', ')}: ${came}`;
}

function firstSteps(runbook: BriefFacts['runbook']): string[] {
  if (!runbook) return [];
  const { steps, where } = runbook;
  const shown = steps.slice(0, MOST.steps).map((step, n) => `${n + 1}. ${step}`);
  return [...shown, ...(where === '' ? [] : [shown.length === 0 ? `runbook: ${where}` : `the rest: ${where}`])];
}

function knows({ before, now, reader }: BriefFacts): string[] {
  if (before.length === 0) return [];
  return [
    `done before by ${before
      .slice(0, MOST.before)
      .map(({ person, at }) => `${person} (${when(at, now, reader.zone)})`)
      .join(', ')}`,
  ];
}

function some<One>(all: readonly One[], most: number, more: string, say: (one: One) => string): string[] {
  const rest = all.length - most;
  return [...all.slice(0, most).map(say), ...(rest > 0 ? [`${rest} ${more}`] : [])];
}

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
