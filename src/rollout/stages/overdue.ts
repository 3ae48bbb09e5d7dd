import { sayDuration } from '../../lib/duration.ts';
import type { HostView, Prediction } from '../shapes.ts';
import type { Stage } from './stage.ts';
import { wait } from './stage.ts';

/** Times its p95, the time in which 19 of 20 of its class were done. */
const SLOW = 1.5;
const OVERDUE = 3;

/**
 * Whoever takes far longer than its like is said, also while the run stands still: at 1.5 times, and at 3 times to a person. Said
 * again when it is tried again.
 */
export const slow: Stage = {
  name: 'slow',
  look(at) {
    const { run, now } = at;
    for (const host of at.going) {
      const p95 = run.prediction.host[host.class]?.p95;
      if (host.started === undefined || p95 === undefined) continue;
      const how = standing(host, run.prediction, now);
      if (how === 'in time') at.looks.push(Math.ceil(host.started + SLOW * p95));
      else if (how === 'slow') {
        at.looks.push(Math.ceil(host.started + OVERDUE * p95));
        at.say.push({ key: `slow:${host.host}@${host.started}`, text: sayElapsed(host, now, p95) });
      } else
        at.say.push({ key: `overdue:${host.host}@${host.started}`, text: `${sayElapsed(host, now, p95)}; nothing more starts until it has ended`, page: true });
    }
    return undefined;
  },
};

/** Nothing more starts while a host is so far out: the next would only join it. */
export const overdue: Stage = {
  name: 'overdue',
  look(at) {
    const { run, now } = at;
    const worst = at.going.find((host) => standing(host, run.prediction, now) === 'overdue');
    if (!worst) return undefined;
    const p95 = run.prediction.host[worst.class]?.p95 ?? 0;
    return wait(at, { for: 'overdue', because: `nothing more starts: ${sayElapsed(worst, now, p95)}` }, 'running');
  },
};

const sayElapsed = ({ host, started = 0 }: HostView, now: number, p95: number): string =>
  `${host} takes ${sayDuration(now - started)}; 19 of 20 like it were done in ${sayDuration(p95)}`;

/** How a host in flight stands against its prediction, for the card. */
export function standing(host: Pick<HostView, 'class' | 'started'>, prediction: Prediction, now: number): 'in time' | 'slow' | 'overdue' {
  const p95 = prediction.host[host.class]?.p95;
  if (host.started === undefined || p95 === undefined || now - host.started < SLOW * p95) return 'in time';
  return now - host.started < OVERDUE * p95 ? 'slow' : 'overdue';
}
