import type { Card } from '../chat/card.ts';
import { doneOf, minutes, sayCounts, subject, type Told, title, whose } from './card-words.ts';
import { clip, excludeAction, illLines, shareLines } from './host-lines.ts';
import type { DoneHost, ShownRun } from './load.ts';
import { mostAtOnce } from './most-at-once.ts';

/** A run that is over, every figure counted from what was recorded. */
export function endedCard(view: ShownRun, told: Told): Card {
  const { run } = view;
  const { well, ill } = doneOf(view);
  const ended = run.state === 'done';
  return {
    title: ended ? sayEnd(view) : title(`${run.id} ${sayState(view)}`, `: ${well} of ${run.size} done${ill > 0 ? `, ${ill} not well` : ''}`),
    tone: ill > (view.counts.unverified ?? 0) ? 'bad' : ill > 0 ? 'attention' : ended ? 'good' : 'quiet',
    body: [
      `${subject(run, 80)}${sayCounts(view) ? `: ${sayCounts(view)}` : ''}`,
      ...illLines(view),
      ...wellLines(view),
      ...shareLines(view, 5),
      whose(run),
      ...(run.incident ? [`incident ${run.incident}`] : []),
    ],
    ...(ill > 0 && {
      actions: [...excludeAction(view), ...(told.undoable && run.plan.mode === 'do' ? [{ label: 'Put back what was done', command: `undo ${run.id}` }] : [])],
    }),
  };
}

/** Hosts whose outcome is told in words, where it went well; of more the count is enough. */
const TOLD = 3;

/** `kyousuke: renewed apiserver: serial 4a2f…, ends in 364 d` */
function wellLines({ done = [] }: ShownRun): string[] {
  const well = done.filter(({ outcome, detail }) => outcome === 'ok' && detail);
  return done.length > TOLD ? [] : well.map(({ host, detail }) => clip(`${host}: ${detail}`, 300));
}

/** `R1 done: 12/12, never more than 2, every boot id changed, 0 new failed units, 41 min (said 38)` */
function sayEnd(view: ShownRun): string {
  const { run, done = [] } = view;
  const { well } = doneOf(view);
  const most = mostAtOnce(done.flatMap(({ started, ended }) => (started ? [{ from: started.getTime(), ...(ended && { to: ended.getTime() }) }] : [])));
  const parts = [
    `${well}/${run.size}`,
    ...(most > 0 && !run.plan.pace.unbounded ? [`never more than ${most}`] : []),
    ...sayBoots(done),
    ...sayUnits(done),
    ...(run.begun_at && run.ended ? [`${sayMinutes(run.ended.getTime() - run.begun_at.getTime(), run.prediction.p50)}`] : []),
  ];
  return clip(`${run.id} done: ${parts.join(', ')}`, 100);
}

/** Said of runs that boot: a host's boot id is written down where the job looks at it. */
function sayBoots(done: readonly DoneHost[]): string[] {
  const looked = done.filter((host) => host.outcome === 'ok' && host.boot_before !== null && host.boot_after !== null);
  const changed = looked.filter((host) => host.boot_before !== host.boot_after);
  if (changed.length === 0) return [];
  return [changed.length === looked.length ? 'every boot id changed' : `${changed.length} of ${looked.length} boot ids changed`];
}

function sayUnits(done: readonly DoneHost[]): string[] {
  const compared = done.flatMap(({ differences }) => (differences ? [differences] : []));
  return compared.length === 0 ? [] : [`${compared.reduce((sum, words) => sum + newlyFailed(words), 0)} new failed units`];
}

/** As the comparison of units says it. */
const newlyFailed = (differences: readonly string[]): number =>
  differences.reduce((sum, what) => sum + Number(/^(\d+) units? ha(?:s|ve) newly failed/.exec(what)?.[1] ?? 0), 0);

/** `41 min (said 38)` */
function sayMinutes(took: number, said: number): string {
  const short = took >= 600_000 && took < 2 * 3600_000 && said >= 600_000 && said < 2 * 3600_000;
  return `${minutes(took)} (said ${short ? Math.round(said / 60_000) : minutes(said)})`;
}

function sayState({ run, last }: ShownRun): string {
  if (run.state === 'expired') return `expired: nobody approved ${subject(run)}`;
  return `cancelled${last && last.by !== 'holdfast' ? ` by ${last.by}` : ''}`;
}
