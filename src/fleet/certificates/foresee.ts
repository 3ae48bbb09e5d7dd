import type { Foreseen, Foresight } from '../../jobs.ts';
import type { Host } from '../host.ts';
import { rotationLines, sayRotation } from './say.ts';
import { type RotateParams, rotationOf } from './shapes.ts';

const MINUTE = 60_000;
const ESTIMATE = { p50: MINUTE, p95: 5 * MINUTE };

/** What the plan says of a host: what is renewed, and that no authority is. */
export function foreseeRotation(host: Host, { params, now }: Foresight<RotateParams>): Foreseen {
  const nothing = params.nothing[host.name];
  if (nothing !== undefined) return { does: 'nothing', skip: { rule: 'nothing to renew', because: nothing }, estimate: ESTIMATE, class: 'certificates' };
  const plan = rotationOf(host.name, params);
  const pods = plan.reloads.some(({ kind }) => kind === 'static-pod');
  return {
    does: sayRotation(plan, now),
    estimate: ESTIMATE,
    class: pods ? 'control plane' : 'certificates',
    notes: rotationLines(plan, now),
  };
}
