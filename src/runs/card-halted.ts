import type { Card, CardAction } from '../chat/card.ts';
import { bar } from './bar.ts';
import { doneOf, sayCounts, sayTime, subject, type Told, title, whose } from './card-words.ts';
import { clip, excludeAction, goingLines, illLines, inFlight, shareLines } from './host-lines.ts';
import type { ShownRun } from './load.ts';

/** Up to so many hosts of one kind get ways out of their own; of more only the first, and the others go the same way. */
const OWN = 2;
/** Characters of a reason in the title. */
const SHORT = 48;
const few = <Host>(hosts: readonly Host[]): readonly Host[] => hosts.slice(0, hosts.length > OWN ? 1 : OWN);

/** A run that halted: who and why, what is still in flight, and the ways out of it that are safe. */
export function haltedCard(view: ShownRun, told: Told): Card {
  const { run } = view;
  const { well, ill, all } = doneOf(view);
  const going = inFlight(view);
  const { halted } = run;
  return {
    title: title(
      `${run.id} halted`,
      `: ${clip(halted?.because.split('; ')[0] ?? 'a person is needed', SHORT)} (${all} of ${run.size} done, ${going} in flight)`,
    ),
    tone: 'bad',
    body: [
      `${subject(run)}: ${bar(run, { well, ill, going })}${sayCounts(view) ? ` (${sayCounts(view)})` : ''}`,
      ...(halted ? [haltedBy(halted, told)] : []),
      ...illLines(view),
      ...shareLines(view),
      ...goingLines(view, told.now, OWN),
      going > 0 ? 'What is in flight is brought to its end; nothing else begins.' : 'Nothing is in flight and nothing begins.',
      ...(run.incident ? [`incident ${run.incident} is open`] : []),
      whose(run),
    ],
    actions: waysOut(view, told),
  };
}

/** Why stands in the title, where it is short. */
const haltedBy = ({ by, at, because }: NonNullable<ShownRun['run']['halted']>, told: Told): string =>
  clip(`halted by ${by} at ${sayTime(at, told)}${because.length > SHORT ? `: ${because}` : ''}`);

function waysOut(view: ShownRun, told: Told): CardAction[] {
  const { run, exceptions } = view;
  const begun = run.begun_at !== null;
  const again = exceptions.some((host) => host.outcome === 'failed' || host.outcome === 'unverified' || host.outcome === 'lost');
  return [
    { label: 'Go on', command: `go ${run.id}`, style: 'primary' },
    ...(again ? [{ label: 'Try those again, then go on', command: `go ${run.id} retry` }] : []),
    ...ofLost(exceptions, told),
    ...ofHeld(run.id, exceptions),
    ...excludeAction(view),
    ...(begun && told.undoable && run.plan.mode === 'do' ? [{ label: 'Put back what was done', command: `undo ${run.id}` }] : []),
    { label: 'Mine now', command: `take ${run.id}` },
  ];
}

/** Looked at from below before anything is cycled; its slots stay taken until somebody knows. */
function ofLost(exceptions: ShownRun['exceptions'], told: Told): CardAction[] {
  const lost = exceptions.filter((host) => host.outcome === 'lost' && host.ended === null);
  return few(lost).flatMap(({ host }) => [...(told.powerOf?.(host) ?? []), { label: 'It is known to be down', command: `release slot ${host} because …` }]);
}

function ofHeld(id: string, exceptions: ShownRun['exceptions']): CardAction[] {
  const held = exceptions.filter((host) => host.outcome === 'held');
  return few(held).flatMap(({ host }) => [
    { label: 'Finish it', command: `go ${id} on ${host}` },
    { label: 'Move back', command: `undo ${id} on ${host}` },
    { label: 'Leave it so', command: `release slot ${host} because …` },
  ]);
}
