import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Facts, FactValue, HostState } from '../../src/fleet/host.ts';
import type { HostResult } from '../../src/jobs.ts';
import { changesBetween } from '../../src/reading/knowledge.ts';

const known = (facts: Facts, over: Partial<HostState> = {}): HostState => ({
  host: 'web01',
  reach: 'ok',
  askedAt: 1,
  answeredAt: 1,
  facts,
  findings: [],
  ...over,
});
const says = (facts: Facts | undefined, over: Partial<HostResult> = {}): HostResult => ({
  host: 'web01',
  outcome: 'ok',
  reach: 'ok',
  ...(facts && { facts }),
  ms: 1,
  ...over,
});

describe('what changed on a host', () => {
  test('is each fact with what it was and what it is; null stands for absent', () => {
    const before = known({ kernel: '6.1', machine_id: 'a', hostname: 'web' });
    expect(changesBetween(before, says({ kernel: '6.2', machine_id: 'a', boot_id: 'b' }))).toEqual({
      kernel: ['6.1', '6.2'],
      hostname: ['web', null],
      boot_id: [null, 'b'],
    });
  });

  test('is nothing at first sight, and nothing of its facts when it did not answer or was asked something else', () => {
    expect(changesBetween(undefined, says({ kernel: '6.1' }))).toEqual({});
    expect(changesBetween(known({ kernel: '6.1' }), says(undefined))).toEqual({});
    expect(changesBetween(known({ kernel: '6.1' }), says(undefined, { outcome: 'lost', reach: 'refused' }))).toEqual({ reach: ['ok', 'refused'] });
  });

  test('of a host that answers for the first time is only that it answers', () => {
    const { answeredAt: _, ...never } = known({}, { reach: 'refused' });
    expect(changesBetween(never, says({ kernel: '6.1' }))).toEqual({ reach: ['refused', 'ok'] });
  });

  test('leaves out what moves by itself: numbers, uptime, when an updater runs next', () => {
    const before = known({ uptime: 1, load1: 0.1, updaters: [{ name: 'apt', next: '2026-01-01' }] });
    expect(changesBetween(before, says({ uptime: 2, load1: 0.2, updaters: [{ name: 'apt', next: '2026-01-02' }] }))).toEqual({});
    expect(changesBetween(before, says({ uptime: 2, updaters: [{ name: 'dnf', next: '2026-01-02' }] }))).toHaveProperty('updaters');
  });

  const value: fc.Arbitrary<FactValue> = fc.letrec<{ value: FactValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 2 },
      fc.string(),
      fc.boolean(),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  const facts = fc.dictionary(fc.constantFrom('kernel', 'os', 'hostname', 'machine_id', 'routes_hash', 'own_var'), value);
  /** As jsonb gives it back: the same, keys in another order. */
  const stored = (one: FactValue): FactValue =>
    Array.isArray(one)
      ? one.map(stored)
      : one !== null && typeof one === 'object'
        ? Object.fromEntries(
            Object.entries(one)
              .map(([name, inner]) => [name, stored(inner)] as const)
              .reverse(),
          )
        : one;

  test('is nothing between an answer and the same answer as the database gives it back', () => {
    fc.assert(
      fc.property(facts, (one) => {
        expect(changesBetween(known(stored(one) as Facts), says(one))).toEqual({});
      }),
    );
  });

  test('leads from before to after: whoever applies the changes has the new facts', () => {
    fc.assert(
      fc.property(facts, facts, (before, after) => {
        const result: Record<string, FactValue> = { ...before };
        for (const [name, [was, is]] of Object.entries(changesBetween(known(before), says(after)))) {
          expect(was).toEqual(before[name] ?? null);
          if (is === null) delete result[name];
          else result[name] = is;
        }
        const plain = (one: Facts): unknown => JSON.parse(JSON.stringify(one));
        // "next" of a table's row is left out of the comparison on purpose.
        fc.pre(!JSON.stringify([before, after]).includes('"next"'));
        expect(plain(result)).toEqual(plain(after));
      }),
    );
  });
});
