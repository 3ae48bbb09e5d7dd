import type { Card } from '../chat/card.ts';
import { foldSome } from '../fleet/target/fold-some.ts';
import { bar } from './bar.ts';
import { approvalActions, approvalLines } from './card-approval.ts';
import { doneOf, minutes, sayCounts, sayTime, sayWaiting, subject, type Told, title, whose } from './card-words.ts';
import { clip, goingLines, illLines, inFlight } from './host-lines.ts';
import type { ShownRun } from './load.ts';
import { remaining } from './remaining.ts';

/** A run that goes on: how far, what is not well, what is in flight and how late, what is next, when it ends. */
export function runningCard(view: ShownRun, told: Told): Card {
  const { run, next } = view;
  const { well, ill, all } = doneOf(view);
  const going = inFlight(view);
  const asks = run.waiting?.for === 'approval';
  return {
    title: title(`${run.id} ${subject(run)}`, `: ${headline(view, all, going, told)}`),
    tone: asks || ill > 0 || run.waiting?.for === 'stop' ? 'attention' : 'quiet',
    body: [
      `${bar(run, { well, ill, going })}${sayCounts(view) ? ` (${sayCounts(view)})` : ''}`,
      ...illLines(view),
      ...goingLines(view, told.now),
      ...(next.length > 0 ? [nextLine(view, told)] : []),
      ...(asks ? approvalLines(run, told) : []),
      endLine(view, told),
      whose(run),
    ],
    actions: [...(asks ? approvalActions(run) : []), { label: 'Stop', command: `stop ${run.id}`, style: 'danger' }],
  };
}

function headline({ run }: ShownRun, done: number, going: number, told: Told): string {
  if (run.waiting?.for === 'approval') return `waits for approval, ${done} of ${run.size} done`;
  if (run.waiting?.for === 'stop') return `stands still at ${done} of ${run.size}, ${going} in flight: everything is stopped`;
  const left = remaining(run, done, told.now);
  return `${done} of ${run.size} done, ${going} in flight${left === undefined ? '' : `, about ${minutes(left)} left`}`;
}

/** `next kvm[03-04]: soak, until 15:04 Europe/Berlin` */
function nextLine({ run, next }: ShownRun, told: Told): string {
  const why = run.waiting && run.waiting.for !== 'hosts' ? `: ${sayWaiting(run, told)}` : '';
  return clip(`next ${foldSome(next, 60)}${why}`);
}

function endLine({ run, counts }: ShownRun, told: Told): string {
  const { all } = doneOf({ counts });
  const said = `said ${minutes(run.prediction.p50)}, at most ${minutes(run.prediction.p95)}: ${run.prediction.basis}`;
  const left = remaining(run, all, told.now);
  return clip(left === undefined ? said : `ends about ${sayTime(told.now + left, told)} (${said})`);
}
