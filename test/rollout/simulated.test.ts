import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulate } from './simulation/simulate.ts';

/** More of them: `SIMULATED=100000 npx vitest run test/rollout/simulated.test.ts`. A failure names seed and steps. */
const WANTED = Number(process.env['SIMULATED'] ?? 10_000);
/** A simulation has 1 to 3 runs, 2 on average. */
const SIMULATIONS = Math.ceil((WANTED / 2) * 1.05);

describe('whatever the order of results, crashes, stops and approvals', () => {
  test(`${WANTED.toLocaleString('en')} simulated runs keep promises 6 to 10, in under a minute`, { timeout: Math.max(60_000, WANTED * 6) }, () => {
    const began = performance.now();
    const seen: Record<string, number> = {};
    let runs = 0;
    let decisions = 0;
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 20, max: 300 }), (seed, steps) => {
        const sim = simulate(seed, steps);
        runs += sim.runs.length;
        decisions += sim.decisions;
        for (const [what, often] of Object.entries(sim.seen)) seen[what] = (seen[what] ?? 0) + often;
      }),
      { numRuns: SIMULATIONS },
    );
    const seconds = (performance.now() - began) / 1000;
    console.info(`${runs} runs, ${decisions} decisions in ${seconds.toFixed(1)} s`);
    expect(runs).toBeGreaterThanOrEqual(WANTED);
    expect(seconds).toBeLessThan(WANTED * 0.006);
    // Each of these came about, or nothing was tried.
    for (const what of HAPPENED) expect(seen[what] ?? 0, what).toBeGreaterThan(0);
  });
});

const HAPPENED = [
  ...['ok', 'already', 'failed', 'lost', 'unverified', 'held', 'not begun', 'crash', 'evidence', 'tampered', 'approved'],
  ...['go', 'go retry', 'stop everything', 'stop run', 'cancelled', 'expired', 'done'],
  ...['halt canary', 'halt lost', 'halt failed', 'halt unverified', 'halt held', 'halt stop'],
  ...['approval', 'time', 'window', 'soak', 'ring soak', 'budget', 'capacity', 'incident', 'overdue', 'hosts', 'person'],
];
