import type { HostOutcome } from '../../../src/jobs.ts';
import type { Next } from '../../../src/rollout/shapes.ts';
import { approvalOf, type Books, type Circumstances, expectThat, type HostBook, isAsked, mustHalt, type RunBook, ringAt } from './books.ts';
import { HOUR, P95, type SimHost, type SimPlan } from './fleet.ts';
import { expectMayStart } from './may-start.ts';

export { Violation } from './books.ts';

/**
 * Keeps books on what really happens and throws a `Violation` at the first thing that promises 6 to 10 forbid. It knows the
 * plans; of what is decided it reads only the effects, and it shares no code with src/rollout.
 */
export interface Oracle {
  planned(sim: SimPlan, hash: string): void;
  tampered(run: string, hash: string): void;
  approved(run: string, ring: number, given: { hash: string; notBefore: number; atOnce?: number }): void;
  /** A person says go on; some hosts get another turn. */
  gone(run: string, retried: readonly string[]): void;
  movedTo(run: string, host: string, wave: number): void;
  halted(run: string): void;
  took(run: string, host: string, budgets: readonly string[]): void;
  gaveBack(run: string, host: string, budgets: readonly string[]): void;
  /** What was decided has been written; places of hosts that begin are taken. */
  decided(run: string, next: Next): void;
  /** Done to the host itself. */
  acted(run: string, host: string, intent: string): void;
  ended(run: string, host: string, outcome: HostOutcome): void;
  found(run: string, host: string): void;
  notBegun(run: string, host: string): void;
}

export function oracleOver(fleet: readonly SimHost[], world: Circumstances): Oracle {
  const books: Books = { world, fleet, runs: new Map(), held: new Map() };
  const runOf = (id: string): RunBook => books.runs.get(id) as RunBook;
  const hostOf = (id: string, host: string): HostBook => runOf(id).hosts.get(host) as HostBook;
  return {
    planned(sim, hash) {
      books.runs.set(sim.id, {
        sim,
        hosts: new Map(sim.hosts.map(({ host, wave }): [string, HostBook] => [host.name, { host, wave, state: 'waiting', found: false, acted: new Set() }])),
        state: 'planned',
        ill: { failed: 0, lost: 0, unverified: 0, held: 0 },
        canaryIll: undefined,
        approvals: new Map(),
        hash,
        asked: world.now(),
        askedAgain: false,
        begun: false,
        proven: false,
        anyOutcome: false,
        wentOn: 0,
        atOnce: Number.POSITIVE_INFINITY,
        said: new Set(),
      });
    },
    tampered(run, hash) {
      runOf(run).hash = hash;
    },
    approved(id, ring, { hash, notBefore, atOnce }) {
      const run = runOf(id);
      run.approvals.set(ring, { hash, at: world.now(), notBefore });
      if (atOnce !== undefined) run.atOnce = atOnce;
    },
    gone(id, retried) {
      const run = runOf(id);
      run.ill = { failed: 0, lost: 0, unverified: 0, held: 0 };
      run.canaryIll = undefined;
      run.state = 'running';
      if (run.anyOutcome) run.proven = true;
      run.wentOn = world.now();
      for (const name of retried) {
        const { host, wave } = hostOf(id, name);
        run.hosts.set(name, { host, wave, state: 'waiting', found: false, acted: new Set() });
      }
    },
    movedTo(run, host, wave) {
      hostOf(run, host).wave = wave;
    },
    halted(run) {
      runOf(run).state = 'halted';
    },
    took(id, host, budgets) {
      for (const budget of budgets) {
        const places = books.held.get(budget) ?? new Set();
        books.held.set(budget, places.add(`${id} ${host}`));
        const limit = runOf(id).sim.plan.limits[budget] as number;
        // One host is one place, however many runs hold it: two places may not be two hosts.
        const hosts = new Set([...(books.held.get(budget) ?? [])].map((place) => place.split(' ')[1]));
        expectThat(hosts.size <= limit, `budget ${budget.slice(0, budget.indexOf(':'))}`, () => `${budget} has ${[...places].join(', ')}; at most ${limit}`);
      }
    },
    gaveBack(id, host, budgets) {
      const { outcome, found, state } = hostOf(id, host);
      const isKnown = outcome === 'ok' || outcome === 'already' || outcome === 'failed' || found || state === 'waiting';
      expectThat(isKnown, 'given back by evidence', () => `${host} of ${id} is ${outcome} and gave back ${budgets.join(' ')}`);
      for (const budget of budgets) books.held.get(budget)?.delete(`${id} ${host}`);
    },
    decided: (id, next) => decided(books, runOf(id), next),
    acted(id, host, intent) {
      const { acted } = hostOf(id, host);
      expectThat(!acted.has(intent), 'once for one intent', () => `${host} was disrupted twice for ${intent}`);
      acted.add(intent);
      const { sim, state } = runOf(id);
      expectThat(sim.plan.safe || !world.stopped(), 'stop', () => `${host} was disrupted while all is stopped`);
      expectThat(state === 'running', 'halts', () => `${host} was disrupted while ${id} is ${state}`);
    },
    ended(id, host, outcome) {
      const run = runOf(id);
      const one = hostOf(id, host);
      expectThat(one.state === 'going', 'nobody is forgotten', () => `${host} of ${id} ended and was ${one.state}`);
      one.state = 'ended';
      one.finished = world.now();
      one.outcome = outcome;
      run.anyOutcome = true;
      if (outcome === 'ok') run.proven = true;
      if (outcome === 'ok' || outcome === 'already') return;
      run.ill[outcome]++;
      if (ringAt(run, one.wave)?.firstWave === one.wave) run.canaryIll ??= outcome;
    },
    found(run, host) {
      hostOf(run, host).found = true;
    },
    notBegun(run, host) {
      const one = hostOf(run, host);
      one.state = 'waiting';
      delete one.started;
    },
  };
}

const FINAL: ReadonlySet<string> = new Set(['done', 'cancelled', 'expired']);

function decided(books: Books, run: RunBook, next: Next): void {
  const { world } = books;
  const { plan, id } = run.sim;
  const now = world.now();
  const from = run.state;
  expectThat(next.because.length > 0, 'says why', () => `${id} decided without a word`);
  if (FINAL.has(from))
    expectThat(next.state === from && next.start.length === 0, 'over is over', () => `${id} was ${from}, is ${next.state}, starts ${next.start}`);
  if (from === 'halted') expectThat(next.state === 'halted', 'only go ends a halt', () => `${id} went from halted to ${next.state}`);
  if (next.askAgain) {
    run.approvals.clear();
    run.asked = now;
    run.askedAgain = true;
  }
  for (const { key, text } of next.say) {
    expectThat(!run.said.has(key), 'said once', () => text);
    run.said.add(key);
  }
  for (const { host } of next.skip) {
    expectThat(world.excluded(host), 'rule', () => `${host} was left out of ${id} without one`);
    (run.hosts.get(host) as HostBook).state = 'ended';
  }
  for (const host of next.start) {
    const one = run.hosts.get(host) as HostBook;
    expectMayStart(books, run, one);
    one.state = 'going';
    one.started = now;
  }
  if (next.start.length > 0 || next.wave > 0) run.begun = true;
  run.state = next.state;
  if (FINAL.has(from)) return;

  const must = mustHalt(run);
  if (must) expectThat(next.state === 'halted', 'halts', () => `${id} is ${next.state} although ${must}`);
  const goesOn = next.state === 'planned' || next.state === 'running';
  if (world.stopped() && !plan.safe) expectThat(!goesOn, 'stop', () => `${id} is ${next.state} while all is stopped`);
  const unanswered = next.state === 'planned' && isAsked(run, 0) && !approvalOf(run, 0);
  expectThat(!unanswered || now < run.asked + HOUR, 'a request ends', () => `${id} waits for approval since ${(now - run.asked) / HOUR} h`);
  for (const { host, state, started = now } of run.hosts.values()) {
    if (next.state === 'done') expectThat(state === 'ended', 'nobody is forgotten', () => `${id} is done and ${host.name} is ${state}`);
    const isOverdue = state === 'going' && now - started >= 3 * (P95[host.class] as number);
    expectThat(!isOverdue || run.said.has(`overdue:${host.name}@${started}`), 'overdue is said', () => `${host.name} is overdue and nobody was asked`);
  }
}
