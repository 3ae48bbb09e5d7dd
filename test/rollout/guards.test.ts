import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decide, decideWithout, GUARDS } from '../../src/rollout/decide.ts';
import type { HostView, RunView, World } from '../../src/rollout/shapes.ts';
import { packageRoot } from '../../src/root.ts';
import { Violation } from './simulation/books.ts';
import type { Wiring } from './simulation/sim.ts';
import { simulate } from './simulation/simulate.ts';

/** Guard → what the oracle says when it is taken away. Each row stands in docs/reliability.md. */
const NOTICED: Record<string, string> = {
  final: 'over is over',
  slow: 'overdue is said',
  halted: 'only go ends a halt',
  expiry: 'a request ends',
  stop: 'stop',
  canary: 'halts',
  lost: 'halts',
  failed: 'halts',
  unverified: 'halts',
  held: 'halts',
  approval: 'approval',
  'ring approval': 'ring approval',
  hash: 'approval',
  'lone minute': 'lone minute',
  'start time': 'start time',
  late: 'late',
  'ring soak': 'ring soak',
  'working morning': 'working morning',
  soak: 'soak',
  incident: 'incident',
  rule: 'rule',
  'wave ended': 'comes to its end',
  overdue: 'overdue',
  'wave order': 'wave order',
  'same host': 'same host',
  window: 'window',
  capacity: 'capacity',
  'budget run': 'budget run',
  'budget site': 'budget site',
  'budget hypervisors': 'budget hypervisors',
  'budget parent': 'budget parent',
  'budget redundancy': 'budget redundancy',
  'budget cluster': 'budget cluster',
  'budget group': 'budget group',
  'budget of another kind': 'budget rack',
  'at once': 'at once',
  'canary first': 'canary first',
};

test('every guard there is has its row here and in the document, and no other has', () => {
  expect(Object.keys(NOTICED)).toEqual(GUARDS);
  const document = readFileSync(join(packageRoot, 'docs/reliability.md'), 'utf8');
  for (const [guard, check] of Object.entries(NOTICED)) expect(document).toContain(`| ${guard} | ${check} |`);
});

describe('without one guard the simulation notices', () => {
  test.each(Object.entries(NOTICED))('%s: %s', (guard, check) => {
    expectNoticed(check, { decide: decideWithout(guard) });
  });
});

describe('it also notices', () => {
  const deciding = (lie: (run: RunView, world: World) => [RunView, World]): Partial<Wiring> => ({ decide: (run, world) => decide(...lie(run, world)) });
  const isHere = (run: RunView) => (slot: World['held'][number]) => slot.run === run.id;
  const isGoing = ({ state }: HostView): boolean => state === 'going';

  test.each<[string, string, Partial<Wiring>]>([
    ['a host that does what it has done', 'once for one intent', { fence: false }],
    ['a worker that does not look before it acts', 'stop', { looksBeforeActing: false }],
    ['places given back without evidence', 'given back by evidence', { keepsPlaces: false }],
    ['a run that does not see the places of others', 'budget site', deciding((run, world) => [run, { ...world, held: world.held.filter(isHere(run)) }])],
    [
      'a run that does not see that a lost host holds its places',
      'budget run',
      deciding((run, world) => [run, { ...world, held: world.held.filter(({ host }) => run.hosts.some((one) => one.host === host && isGoing(one))) }]),
    ],
    [
      'a run that forgets what is in flight',
      'nobody is forgotten',
      deciding((run, world) => [{ ...run, hosts: run.hosts.filter((one) => !isGoing(one)) }, world]),
    ],
    ['halts counted by wave', 'halts', deciding((run, world) => [{ ...run, counts: countsOf(run.hosts.filter(({ wave }) => wave === run.wave)) }, world])],
    [
      'one approval that is good for all rings',
      'ring approval',
      deciding((run, world) => [{ ...run, approvals: new Proxy(run.approvals, { get: (given) => Object.values(given)[0] }) }, world]),
    ],
    [
      'a go that forgives what comes after it',
      'halts',
      deciding((run, world) => [{ ...run, forgiven: Object.keys(run.forgiven).length > 0 ? ({ ...run.counts, skipped: 0 } as never) : {} }, world]),
    ],
    ['a clock nobody looks at again', 'comes to its end', { decide: (run, world) => withoutLook(decide(run, world)) }],
    ['a process that says everything again', 'said once', deciding((run, world) => [{ ...run, said: [] }, world])],
  ])('%s: %s', (_, check, wiring) => {
    expectNoticed(check, wiring);
  });
});

/** Until one is found that the oracle names so; others may come first. */
function expectNoticed(check: string, wiring: Partial<Wiring>): void {
  const others = new Set<string>();
  for (let seed = 0; seed < 6000; seed++) {
    try {
      simulate(seed, 200, wiring);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      if (error.check === check) return;
      others.add(error.check);
    }
  }
  expect.fail(`nobody noticed${others.size > 0 ? `, or only as ${[...others].join(', ')}` : ''}`);
}

function countsOf(hosts: readonly HostView[]): RunView['counts'] {
  const counts: RunView['counts'] = {};
  for (const { outcome } of hosts) if (outcome) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function withoutLook({ lookAt: _, ...next }: ReturnType<typeof decide>): ReturnType<typeof decide> {
  return next;
}
