import type { HostOutcome } from '../../../src/jobs.ts';
import { apply, end } from '../../../src/rollout/apply.ts';
import type { HostView } from '../../../src/rollout/shapes.ts';
import { viewOf, worldOf } from './circumstances.ts';
import { MINUTE, P95, type SimPlan } from './fleet.ts';
import { type Flight, giveBack, type Live, note, type Sim } from './sim.ts';

export function plan(sim: Sim, planned: SimPlan): void {
  const { id, plan: frozen, by, hosts } = planned;
  const all = new Map(
    hosts.map(({ host, wave }): [string, HostView] => [
      host.name,
      {
        host: host.name,
        wave,
        state: 'waiting',
        claims: [`run:${id}`, ...host.claims],
        class: host.class,
        ...(host.needsMb !== undefined && { needsMb: host.needsMb }),
      },
    ]),
  );
  const predicted = { p50: 1, p95: 1, from: 0 };
  const live: Live = {
    sim: planned,
    all,
    view: {
      id,
      state: 'planned',
      plan: frozen,
      by,
      size: hosts.length,
      wave: 0,
      counts: {},
      forgiven: {},
      hosts: [...all.values()].filter(({ wave }) => wave === 0),
      hash: `${id}#0`,
      approvals: {},
      plannedAt: sim.now,
      prediction: { p50: 1, p95: 1, basis: '', host: { vm: { ...predicted, p95: P95['vm'] as number }, kvm: { ...predicted, p95: P95['kvm'] as number } } },
      said: [],
    },
    flights: [],
    fences: new Set(),
    tries: new Map(),
    woken: true,
    lookAt: undefined,
    waiting: undefined,
    edition: 0,
  };
  sim.runs.push(live);
  sim.oracle.planned(planned, `${id}#0`);
}

/** Decides about one run and writes it, all at once, as under the fleet's lock. */
export function coordinate(sim: Sim, live: Live): void {
  const { chance, oracle, now } = sim;
  const { id } = live.sim;
  const next = sim.wiring.decide(viewOf(sim, live), worldOf(sim, live));
  sim.decisions++;
  // The process dies between deciding and writing: nothing has happened, the work is given out again.
  if (chance.odds(0.03)) {
    note(sim, 'crash', `${id}: dies before it writes`);
    return;
  }
  live.woken = false;
  note(sim, next.halt ? `halt ${next.halt.reason}` : (next.waiting?.for ?? next.state), `${id}: ${next.state}, wave ${next.wave}: ${next.because}`);
  for (const host of next.start) {
    const { claims } = live.all.get(host) as HostView;
    for (const budget of claims)
      if (!sim.slots.some((slot) => slot.budget === budget && slot.run === id && slot.host === host)) sim.slots.push({ budget, run: id, host });
    oracle.took(id, host, claims);
  }
  oracle.decided(id, next);
  const wave = live.view.wave;
  live.view = apply(live.view, next, now, (of) =>
    [...live.all.values()].filter((one) => one.wave === of && !live.view.hosts.some(({ host }) => host === one.host)),
  );
  for (const host of next.start) live.flights.push(flight(sim, live, host));
  live.lookAt = next.lookAt;
  live.waiting = next.waiting;
  if (next.wave !== wave || next.skip.length > 0) live.woken = true;
}

function flight({ now, chance, calm, plague }: Sim, { sim: { id }, tries, all }: Live, host: string): Flight {
  const attempt = (tries.get(host) ?? 0) + 1;
  tries.set(host, attempt);
  const slow = calm ? 1 : chance.odds(plague === 'slow' ? 0.4 : 0.08) ? 6 : chance.odds(0.08) ? 2.5 : 1;
  const length = (0.1 + 0.8 * chance.next()) * (P95[(all.get(host) as HostView).class] as number) * slow;
  return {
    host,
    intent: `${id}-${host}-${attempt}`,
    actAt: Math.round(now + length / 2),
    doneAt: Math.round(now + length),
    acted: false,
    outcome: calm ? 'ok' : plague && plague !== 'slow' && chance.odds(0.3) ? plague : outcome(chance.next()),
  };
}

function outcome(dice: number): HostOutcome {
  if (dice < 0.84) return 'ok';
  if (dice < 0.87) return 'already';
  if (dice < 0.91) return 'failed';
  if (dice < 0.94) return 'lost';
  return dice < 0.98 ? 'unverified' : 'held';
}

/** Goes to the next moment at which anything is due, and does that. False: nothing will ever happen by itself. */
export function advance(sim: Sim, until = Number.POSITIVE_INFINITY): boolean {
  let due = until;
  let act: (() => void) | undefined;
  for (const live of sim.runs) {
    if (live.lookAt !== undefined && live.lookAt < due) {
      due = live.lookAt;
      act = () => {
        live.lookAt = undefined;
        live.woken = true;
      };
    }
    for (const one of live.flights) {
      const at = one.acted ? one.doneAt : one.actAt;
      if (at >= due) continue;
      due = at;
      act = () => (one.acted ? finish(sim, live, one) : actOn(sim, live, one));
    }
  }
  if (!act) return false;
  sim.now = Math.max(sim.now, due);
  act();
  return true;
}

function actOn(sim: Sim, live: Live, one: Flight): void {
  const { id, plan: frozen } = live.sim;
  if (sim.wiring.looksBeforeActing && ((sim.stopped && !frozen.safe) || live.view.state !== 'running')) {
    if (sim.chance.odds(0.5)) {
      finish(sim, live, { ...one, outcome: 'held' });
      return;
    }
    live.flights = live.flights.filter((other) => other.host !== one.host);
    live.view = { ...live.view, hosts: live.view.hosts.map((host) => (host.host === one.host ? waitingAgain(host) : host)) };
    sim.oracle.notBegun(id, one.host);
    giveBack(sim, id, one.host);
    live.woken = true;
    note(sim, 'not begun', `${one.host} of ${id} is not begun with`);
    return;
  }
  if (!sim.wiring.fence || !live.fences.has(one.intent)) {
    live.fences.add(one.intent);
    sim.oracle.acted(id, one.host, one.intent);
  }
  // The worker dies after it has acted and before it has said so: another one does it again.
  if (sim.chance.odds(0.06)) one.actAt = sim.now + MINUTE / 3;
  else one.acted = true;
}

function finish(sim: Sim, live: Live, one: Flight): void {
  const { id } = live.sim;
  if (sim.chance.odds(0.03)) {
    one.doneAt = sim.now + MINUTE / 2;
    return;
  }
  live.flights = live.flights.filter((other) => other.host !== one.host);
  live.view = end(live.view, one.host, one.outcome, sim.now);
  sim.oracle.ended(id, one.host, one.outcome);
  note(sim, one.outcome, `${one.host} of ${id}: ${one.outcome}`);
  if (one.outcome === 'ok' || one.outcome === 'already') giveBack(sim, id, one.host);
  else if (one.outcome === 'failed') giveBack(sim, id, one.host, (budget) => budget.startsWith('redundancy:'));
  else if (!sim.wiring.keepsPlaces) giveBack(sim, id, one.host);
  live.woken = true;
}

export function waitingAgain({ started: _, finished: __, outcome: ___, phase: ____, ...host }: HostView): HostView {
  return { ...host, state: 'waiting' };
}
