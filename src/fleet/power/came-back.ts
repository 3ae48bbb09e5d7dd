import type { HostResult } from '../../jobs.ts';

/** What a look at a host that was switched on or cycled comes to. */
export type CameBack =
  | { is: 'back'; bootId: string }
  /** It answers, and has not booted since. */
  | { is: 'same boot' }
  | { is: 'not yet' }
  | { is: 'overdue' };

/** Wall clocks, uptimes and domain times never agree to the second. Domain milliseconds. */
const SLACK = 30_000;

/**
 * Whether a host has booted since `switchedAt`: it answers with another boot id than before, and has been up no longer than
 * since then. Without a boot id of before the uptime alone must tell. Times are domain milliseconds.
 */
export function cameBack(of: { looked: HostResult; bootBefore?: string; switchedAt: number; now: number; deadline: number }): CameBack {
  const { looked, bootBefore, switchedAt, now } = of;
  const overdue = now >= of.deadline;
  const bootId = looked.facts?.boot_id;
  if (looked.reach !== 'ok' || looked.outcome !== 'ok' || typeof bootId !== 'string') return { is: overdue ? 'overdue' : 'not yet' };
  const uptime = Number(looked.facts?.uptime) * 1000;
  const young = Number.isFinite(uptime) && uptime <= now - switchedAt + SLACK;
  if (bootId !== bootBefore && young) return { is: 'back', bootId };
  // A BMC takes its time: the host may answer for a moment before the power really goes.
  return now - switchedAt >= SETTLE || overdue ? { is: 'same boot' } : { is: 'not yet' };
}

const SETTLE = 60_000;

/** By when it must be back: twice what was predicted, at least what is usual for its kind, never more than the cap. */
export function backBy(of: {
  from: number;
  metal: boolean;
  p95: number;
  defaults: { 'reboot.back_vm': number; 'reboot.back_metal': number; 'reboot.back_cap': number };
}): number {
  const usual = of.defaults[of.metal ? 'reboot.back_metal' : 'reboot.back_vm'];
  return of.from + Math.min(of.defaults['reboot.back_cap'], Math.max(usual, 2 * of.p95));
}
