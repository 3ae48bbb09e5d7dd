import { go } from '../../../src/rollout/apply.ts';
import type { HostView } from '../../../src/rollout/shapes.ts';
import { waitingAgain } from './shell.ts';
import { giveBack, isFinal, type Live, note, type Sim } from './sim.ts';

/** Somebody says yes to a ring: mostly the current one, mostly as it is now. */
export function approve(sim: Sim, live: Live, sure = false): void {
  const { chance, now } = sim;
  const { id, plan } = live.sim;
  if (isFinal(live)) return;
  const current = plan.rings.findIndex(({ firstWave, lastWave }) => firstWave <= live.view.wave && live.view.wave <= lastWave);
  const ring = sure || chance.odds(0.8) ? current : chance.int(0, plan.rings.length - 1);
  const hash = sure || chance.odds(0.85) ? `${id}#${live.edition}` : `${id}#old`;
  const notBefore = !sure && chance.odds(0.15) ? now + 60_000 : undefined;
  const atOnce = !sure && chance.odds(0.1) ? 1 : undefined;
  live.view = {
    ...live.view,
    approvals: { ...live.view.approvals, [ring]: { by: 'kim', at: now, hash, ...(notBefore !== undefined && { notBefore }) } },
    ...(atOnce !== undefined && { atOnce }),
  };
  sim.oracle.approved(id, ring, { hash, notBefore: notBefore ?? 0, ...(atOnce !== undefined && { atOnce }) });
  live.woken = true;
  note(sim, 'approved', `${id}: ring ${ring} approved as ${hash}${atOnce ? ', glass broken' : ''}`);
}

/** `go` and `go retry`: what had no good end gets another turn in the current wave. */
export function goOn(sim: Sim, live: Live, retry: boolean): void {
  const { id } = live.sim;
  if (live.view.state !== 'halted' || (sim.stopped && !live.sim.plan.safe)) return;
  const counts = { ...live.view.counts };
  const again: HostView[] = [];
  for (const host of retry ? live.view.hosts : []) {
    if (host.state !== 'ended' || !host.outcome || !['failed', 'lost', 'unverified', 'held'].includes(host.outcome)) continue;
    if (host.outcome !== 'failed' && sim.slots.some((slot) => slot.run === id && slot.host === host.host)) continue;
    counts[host.outcome] = (counts[host.outcome] ?? 0) - 1;
    again.push({ ...waitingAgain(host), wave: live.view.wave });
  }
  const names = again.map(({ host }) => host);
  live.view = go({ ...live.view, counts, hosts: [...live.view.hosts.filter(({ host }) => !names.includes(host)), ...again] });
  for (const host of names) sim.oracle.movedTo(id, host, live.view.wave);
  sim.oracle.gone(id, names);
  for (const one of sim.incidents) if (one.run === id) one.known = true;
  live.woken = true;
  note(sim, retry ? 'go retry' : 'go', `${id}: go${retry ? ` retry ${names.join(' ')}` : ''}`);
}

export function stop(sim: Sim): void {
  sim.stopped = true;
  for (const live of sim.runs) live.woken = true;
  note(sim, 'stop everything', 'ada stops everything');
}

/** A person stops one run. */
export function halt(sim: Sim, live: Live): void {
  if (live.view.state !== 'running') return;
  live.view = { ...live.view, state: 'halted', halted: { reason: 'person', by: 'ada', because: 'wait', at: sim.now } };
  sim.oracle.halted(live.sim.id);
  note(sim, 'stop run', `${live.sim.id}: ada stops it`);
}

/** Somebody, or a check, found out how a host is that had no good end. */
export function evidence(sim: Sim): void {
  const isOpen = (run: string, host: string): boolean =>
    sim.runs.some(({ view }) => view.id === run && view.hosts.some((one) => one.host === host && one.state !== 'ended'));
  const holding = [...new Map(sim.slots.filter(({ run, host }) => !isOpen(run, host)).map((slot) => [`${slot.run} ${slot.host}`, slot])).values()];
  for (const { run, host } of sim.calm ? holding : holding.slice(0, 1)) {
    sim.oracle.found(run, host);
    giveBack(sim, run, host);
    note(sim, 'evidence', `${host} of ${run} answers`);
  }
}

export function incident(sim: Sim, live: Live): void {
  sim.incidents.push({ id: `INC-${sim.incidents.length + 1}`, run: live.sim.id, known: false });
  note(sim, 'incident opened', `an incident on hosts of ${live.sim.id}`);
}

export function closeIncidents(sim: Sim): void {
  sim.incidents = [];
  for (const live of sim.runs) if (live.waiting?.for === 'incident') live.woken = true;
}

/** The plan in the database is another one than was approved. */
export function tamper(sim: Sim, live: Live): void {
  const hash = `${live.sim.id}#${++live.edition}`;
  live.view = { ...live.view, hash };
  sim.oracle.tampered(live.sim.id, hash);
  live.woken = true;
  note(sim, 'tampered', `${live.sim.id}: its plan is another now`);
}
