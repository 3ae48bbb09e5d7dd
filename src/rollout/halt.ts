import type { HostView, RunView, World } from './shapes.ts';
import { names } from './words.ts';

/** `2 failed (web03 and web04): 2 halt a run; 5 of 12 were touched`. Hosts of waves long ended are counted, not named. */
export function sayThreshold(run: RunView, outcome: 'lost' | 'failed' | 'unverified', count: number): string {
  const hosts = run.hosts.filter((host) => host.outcome === outcome).map(({ host }) => host);
  const limit = run.plan.thresholds[outcome];
  const who = hosts.length === 0 ? '' : ` (${names(hosts)}${count > hosts.length ? `, ${count - hosts.length} in earlier waves` : ''})`;
  return `${count} ${outcome}${who}: ${limit} ${limit === 1 ? 'halts' : 'halt'} a run; ${touched(run)} of ${run.size} were touched`;
}

/** `the canary kvm01 is lost`. */
export function sayCanary(ill: readonly Pick<HostView, 'host' | 'outcome'>[]): string {
  return `the canary ${ill.map(({ host, outcome }) => `${host} ${SAYS[outcome as string] ?? `is ${outcome}`}`).join(' and ')}`;
}

const SAYS: Record<string, string> = { failed: 'failed', held: 'is held half-prepared', unverified: 'could not be verified' };

export function sayHeld(hosts: readonly string[]): string {
  return `${names(hosts) || 'a host of an earlier wave'} ${hosts.length > 1 ? 'are' : 'is'} half-prepared and held: finish, move back or leave`;
}

/** `1 of 6 touched died, 4 of 25 untouched died; continue?` */
export function askToContinue(run: RunView, world: Pick<World, 'untouched'>): string {
  const own = `${run.counts.lost ?? 0} of ${touched(run)} touched died`;
  return world.untouched ? `${own}, ${world.untouched.died} of ${world.untouched.hosts} untouched died; continue?` : `${own}; continue?`;
}

/** Hosts on which something was begun. */
function touched(run: RunView): number {
  const { ok = 0, failed = 0, lost = 0, unverified = 0, held = 0 } = run.counts;
  return ok + failed + lost + unverified + held + run.hosts.filter(({ state }) => state === 'going').length;
}
