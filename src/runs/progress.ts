import type { Progress } from '../deliver/shown.ts';
import { ringAsked } from './approvers.ts';
import { bar } from './bar.ts';
import { doneOf, minutes, sayCounts, sayWaiting, type Told } from './card-words.ts';
import { clip, inFlight } from './host-lines.ts';
import type { ShownRun } from './load.ts';
import { remaining } from './remaining.ts';

/** One line on how far a run is, for places where nothing can be edited: said with each finished wave, and between them when it matters. */
export function runProgress(view: ShownRun, told: Pick<Told, 'now' | 'zone'>): Progress {
  const { run } = view;
  const { well, ill, all } = doneOf(view);
  const going = inFlight(view);
  const left = remaining(run, all, told.now);
  const waits = going === 0 && run.waiting ? `, waits: ${sayWaiting(run, told)}` : '';
  return {
    line: clip(
      `${run.id} ${run.state === 'halted' ? 'halted ' : ''}${bar(run, { well, ill, going })} (${sayCounts(view) || 'none done'})${left === undefined ? '' : `, about ${minutes(left)} left`}${waits}`,
    ),
    turn: [run.state, run.wave, ill, ringAsked(run) ?? '', LOUD.has(run.waiting?.for ?? '') ? run.waiting?.for : ''].join(' '),
    state: [all, going, run.waiting?.for ?? ''].join(' '),
  };
}

/** Somebody has to do something before it goes on. */
const LOUD: ReadonlySet<string> = new Set(['person', 'incident', 'stop', 'window', 'capacity', 'overdue']);
