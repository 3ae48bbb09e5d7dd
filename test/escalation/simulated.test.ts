import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelName } from '../../src/deliver/channel.ts';
import { decide } from '../../src/escalation/decide.ts';
import { wrongs } from './oracle.ts';
import { type Decider, HOUR, live, MINUTE, type Story } from './simulation.ts';

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Seoul', 'UTC', 'America/Lima'];
const CHANNELS: ChannelName[] = ['dm', 'ntfy', 'email', 'sms', 'voice'];
/** Nights on which clocks are changed, and one on which nothing is. */
const NIGHTS = ['2026-03-28T20:00Z', '2026-10-24T20:00Z', '2026-11-01T03:00Z', '2026-04-04T12:00Z', '2026-07-15T18:00Z'].map((text) => Date.parse(text));

const person = (name: string) =>
  fc.record({
    name: fc.constant(name),
    zone: fc.constantFrom(...ZONES),
    channels: fc.subarray(CHANNELS, { minLength: 0 }),
    broken: fc.subarray(CHANNELS),
    away: fc.oneof(
      { weight: 3, arbitrary: fc.constant<[number, number][]>([]) },
      { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 21, max: 60 })).map((one) => [one]) },
    ),
    answersAfter: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined, freq: 2 }),
  });

const stories = fc.record({
  begins: fc.tuple(fc.constantFrom(...NIGHTS), fc.integer({ min: 0, max: 24 * 60 })).map(([night, minute]) => night + minute * MINUTE),
  urgency: fc.constantFrom('low' as const, 'high' as const, 'critical' as const),
  owner: fc.option(fc.constant('ada'), { nil: undefined, freq: 5 }),
  backups: fc.subarray(['pepe', 'kim', 'lou']),
  people: fc
    .tuple(person('ada'), person('pepe'), person('kim'), person('lou'), person('mio'))
    .map((all) => all.map((one) => ({ ...one, answersAfter: one.answersAfter as number }))),
  late: fc.array(fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 300 }) }, { weight: 1, arbitrary: fc.constant(HOUR / 2) }), { maxLength: 6 }),
  overAfter: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined, freq: 2 }) as fc.Arbitrary<number>,
  days: fc.constantFrom(1, 2, 4),
}) as unknown as fc.Arbitrary<Story>;

const RUNS = Number(process.env['SIMULATED'] ?? 500);

describe('a page', () => {
  test(`never ends silently, whoever is away, asleep or unreachable, on ${RUNS} nights`, { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(stories, (story) => {
        expect(wrongs(story, live(story))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  // Each takes one guard away; the oracle has to see it, or it would not see a mistake of ours either.
  const without: Record<string, Decider> = {
    'ends when it runs out of steps': (page, now, world) => {
      const next = decide(page, now, world);
      return next.round > 1 ? ({ ...next, attempts: [], at: undefined } as unknown as ReturnType<Decider>) : next;
    },
    'waits for somebody who is away': (page, now, world) => decide(page, now, { ...world, roster: { ...world.roster, away: () => undefined } }),
    'takes a refusal for a yes': (page, now, world) => decide({ ...page, tried: page.tried.map((one) => ({ ...one, state: 'sent' as const })) }, now, world),
    'forgets who was asked in this round': (page, now, world) => decide({ ...page, tried: [] }, now, world),
    'never widens': (page, now, world) => decide({ ...page, policy: { ...page.policy, widen: 1e9 } }, now, world),
    'wakes people for low pages': (page, now, world) => decide({ ...page, policy: { ...page.policy, night: { from: 0, until: 0 } } }, now, world),
    'takes an acknowledgement for nothing': (page, now, world) => decide({ ...page, state: 'open' }, now, world),
    'calls it over after a day': (page, now, world) =>
      now - page.stepped > 0 && page.round > 2 ? { ...decide(page, now, world), state: 'resolved' } : decide(page, now, world),
  };
  test.each(Object.entries(without))('that %s is noticed', { timeout: 60_000 }, (_, decider) => {
    const found = fc.check(
      fc.property(stories, (story) => wrongs(story, live(story, decider)).length === 0),
      { numRuns: 400, endOnFailure: true },
    );
    expect(found.failed).toBe(true);
  });
});
