import { decide } from '../../../src/rollout/decide.ts';
import { type Chance, chanceOf } from './chance.ts';
import { fleetOf, HOUR, MINUTE, planOf } from './fleet.ts';
import { Violation } from './oracle.ts';
import { approve, closeIncidents, evidence, goOn, halt, incident, stop, tamper } from './people.ts';
import { advance, coordinate, plan } from './shell.ts';
import { isFinal, type Live, type Sim, simOver, type Wiring } from './sim.ts';

/**
 * Runs of chance over a small fleet: results in any order, crashes, outages of Holdfast itself, people who approve, stop, go on and
 * make rules. Then everything is put right, and every run has to come to its end. Throws `Violation` with what happened before.
 */
export function simulate(seed: number, steps: number, wiring: Partial<Wiring> = {}): Sim {
  const chance = chanceOf(seed);
  const fleet = fleetOf(chance);
  const sim = simOver(fleet, chance, { decide, fence: true, looksBeforeActing: true, keepsPlaces: true, ...wiring });
  try {
    const runs = chance.pick([1, 2, 2, 3]);
    for (let n = 1; n <= runs; n++) plan(sim, planOf(`R${n}`, fleet, chance));
    for (let n = 0; n < steps; n++) step(sim, chance);
    putRight(sim);
    return sim;
  } catch (error) {
    if (error instanceof Violation) error.message += `\nseed ${seed}, ${steps} steps:\n${sim.trace.slice(-60).join('\n')}`;
    throw error;
  }
}

function step(sim: Sim, chance: Chance): void {
  let dice = chance.next() * SHARES;
  for (const [share, happens] of HAPPENS) {
    dice -= share;
    if (dice >= 0) continue;
    happens(sim, chance.pick(sim.runs));
    return;
  }
}

/** How often, and what. */
const HAPPENS: readonly (readonly [share: number, happens: (sim: Sim, live: Live) => void])[] = [
  [600, goesOn],
  [150, (sim) => void advance(sim)],
  [90, (sim, live) => approve(sim, live)],
  [30, (sim, live) => goOn(sim, live, sim.chance.odds(0.5))],
  [20, evidence],
  [3, stop],
  [27, unstop],
  [7, incident],
  [20, closeIncidents],
  [10, rule],
  [5, forget],
  [5, tamper],
  [5, halt],
  [20, (sim) => pass(sim, sim.chance.int(1, 90) * MINUTE)],
  [8, (sim) => pass(sim, sim.chance.int(1, 30) * HOUR)],
  [6, (sim) => outage(sim, sim.chance.int(20, 90) * MINUTE)],
  [15, wakes],
];
const SHARES = HAPPENS.reduce((sum, [share]) => sum + share, 0);

function goesOn(sim: Sim): void {
  if (!work(sim)) advance(sim);
}

/** Work is given out twice, or for a run that is over. */
function wakes(_: Sim, live: Live): void {
  live.woken = true;
}

function unstop(sim: Sim): void {
  sim.stopped = false;
}

/** One decision that is due, of any run. */
function work(sim: Sim): boolean {
  const woken = sim.runs.filter((live) => live.woken);
  if (woken.length === 0) return false;
  coordinate(sim, sim.chance.pick(woken));
  return true;
}

function rule(sim: Sim): void {
  const { name } = sim.chance.pick(sim.fleet);
  if (!sim.rules.delete(name)) sim.rules.add(name);
}

function forget(sim: Sim): void {
  sim.memoryUnknown = !sim.memoryUnknown;
}

function pass(sim: Sim, ms: number): void {
  const until = sim.now + ms;
  for (let n = 0; n < 200; n++) if (!work(sim) && !advance(sim, until)) break;
  sim.now = Math.max(sim.now, until);
}

/** Holdfast itself is down: time passes, hosts go on, nobody decides. */
function outage(sim: Sim, ms: number): void {
  sim.now += ms;
}

/** From here on nobody and nothing is in the way, and time passes only to what somebody waits for. */
function putRight(sim: Sim): void {
  sim.calm = true;
  sim.stopped = false;
  sim.rules.clear();
  sim.memoryUnknown = false;
  for (const host of sim.fleet) if (host.spare) host.freeMb = 1024 * 1024;
  closeIncidents(sim);
  for (let n = 0; n < 4000; n++) {
    if (sim.runs.every(isFinal)) return;
    help(sim);
    if (!work(sim) && !advance(sim)) throw new Violation('comes to its end', `nothing will ever happen: ${standing(sim)}`);
  }
  throw new Violation('comes to its end', `not within 4000 steps: ${standing(sim)}`);
}

function help(sim: Sim): void {
  evidence(sim);
  for (const live of sim.runs) {
    if (live.view.state === 'halted') goOn(sim, live, sim.chance.odds(0.5));
    if (live.waiting?.for === 'approval' && !live.woken) approve(sim, live, true);
  }
}

const standing = (sim: Sim): string => sim.runs.map(({ view, waiting }) => `${view.id} ${view.state}, wave ${view.wave}, ${waiting?.because}`).join('; ');
