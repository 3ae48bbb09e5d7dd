import { sayDuration } from '../../lib/duration.ts';
import type { HostView, Prediction } from '../shapes.ts';
import type { Stage } from './stage.ts';
import { wait } from './stage.ts';

/** Times its p95, the time in which 19 of 20 of its class were done. */
const SLOW = 1.5;
const OVERDUE = 3;

/** A host that takes far longer than its like: said at 1.5 times; at 3 times nothing more starts, and a person is asked. */
export const overdue: Stage = {
  name: 'overdue',
  look(at) {
    const { run, now } = at;
    let worst: string | undefined;
    for (const host of at.going) {
      const p95 = run.prediction.host[host.class]?.p95;
      if (host.started === undefined || p95 === undefined) continue;
      const elapsed = now - host.started;
      const text = `${host.host} takes ${sayDuration(elapsed)}; 19 of 20 like it were done in ${sayDuration(p95)}`;
      if (elapsed < SLOW * p95) at.looks.push(Math.ceil(host.started + SLOW * p95));
      else if (elapsed < OVERDUE * p95) {
        at.say.push({ key: `slow:${host.host}`, text });
        at.looks.push(Math.ceil(host.started + OVERDUE * p95));
      } else {
        worst ??= `nothing more starts: ${text}`;
        at.say.push({ key: `overdue:${host.host}`, text: `${text}; nothing more starts until it has ended`, page: true });
      }
    }
    return worst === undefined ? undefined : wait(at, { for: 'overdue', because: worst }, 'running');
  },
};

/** How a host in flight stands against its prediction, for the card. */
export function standing(host: Pick<HostView, 'class' | 'started'>, prediction: Prediction, now: number): 'in time' | 'slow' | 'overdue' {
  const p95 = prediction.host[host.class]?.p95;
  if (host.started === undefined || p95 === undefined || now - host.started < SLOW * p95) return 'in time';
  return now - host.started < OVERDUE * p95 ? 'slow' : 'overdue';
}
