import { answerOf } from '../scripts/said.ts';
import type { ExecResult } from '../ssh/transport.ts';

/** What a look at a host that was switched on or cycled comes to. */
export type CameBack =
  | { is: 'back'; bootId: string }
  /** It answers, and has not booted since. */
  | { is: 'same boot' }
  /** `says`: what came instead of an answer. */
  | { is: 'not yet'; says: string }
  | { is: 'overdue' };

/** Wall clocks, uptimes and domain times never agree to the second. Domain milliseconds. */
const SLACK = 30_000;

/**
 * Whether a host has booted since `switchedAt`: it answers the script `boot` with another boot id than before, and has been up no
 * longer than since then. Without a boot id of before, and in a container, which shares that of its machine, the uptime alone
 * must tell. Times are domain milliseconds.
 */
export function cameBack(of: { result: ExecResult; bootBefore?: string; switchedAt: number; now: number; deadline: number }): CameBack {
  const { bootBefore, switchedAt, now, deadline } = of;
  const answer = answerOf(of.result, 'boot v1');
  const { boot_id: bootId = '', uptime, container } = 'said' in answer ? answer.said.values : {};
  if (!BOOT.test(bootId))
    return now >= deadline ? { is: 'overdue' } : { is: 'not yet', says: 'wrong' in answer ? answer.wrong : 'it does not say which boot this is' };
  const upFor = uptime === undefined ? Number.NaN : Number(uptime) * 1000;
  const young = upFor <= now - switchedAt + SLACK;
  if (young && (container !== undefined || bootId !== bootBefore)) return { is: 'back', bootId };
  // A BMC takes its time: the host may answer for a moment before the power really goes.
  return now - switchedAt >= SETTLE ? { is: 'same boot' } : { is: 'not yet', says: 'it still runs' };
}

/** As the kernel writes them; whatever else is told instead is no boot id. */
const BOOT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

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
