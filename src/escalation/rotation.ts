import { DAY, dayAt, type LocalDay, momentOf, plusDays } from '../rollout/local-time.ts';
import { openingsFrom } from '../rollout/windows.ts';
import type { RosterPlan } from './answering.ts';

/** One rotation of a roster. */
export type Layer = RosterPlan['layers'][number];

/**
 * Whose turn it is, and until when the turn lasts; `undefined` before the first begins. Turns change at a time of day there: in the night
 * in which clocks go back at the first of two such times, in that in which they go forward, and leave it out, when they do. So each
 * moment belongs to one turn, and turns are an hour longer or shorter twice a year.
 */
export function turnAt(layer: Layer, zone: string, at: number): { person: string; from: number; until: number } | undefined {
  const { people, every, start } = layer;
  if (!start || people.length === 0) return undefined;
  const first: LocalDay = plusDays({ ...start, weekday: 0 }, 0);
  const begins = (turn: number): number => momentOf(plusDays(first, turn * every), layer.handover, zone);
  const days = Math.round((noon(dayAt(at, zone)) - noon(first)) / DAY);
  let turn = Math.floor(days / every);
  while (begins(turn) > at) turn -= 1;
  while (begins(turn + 1) <= at) turn += 1;
  if (turn < 0) return undefined;
  return { person: people[turn % people.length] as string, from: begins(turn), until: begins(turn + 1) };
}

/** When anything changes in it between two moments: turns, and the hours in which it counts. In no order. */
export function changesOf(layer: Layer, zone: string, from: number, until: number): number[] {
  const found: number[] = [];
  const { start, handover, every } = layer;
  if (!start) return found;
  const begins = momentOf(plusDays({ ...start, weekday: 0 }, 0), handover, zone);
  if (begins > from && begins < until) found.push(begins);
  for (let at = turnAt(layer, zone, Math.max(from, begins))?.until; at !== undefined && at < until; at = turnAt(layer, zone, at)?.until) found.push(at);
  // A long turn ends no more often than its restriction opens; one without people ends never.
  if (layer.people.length === 0 || every < 1) return found;
  for (const { opens, closes } of hoursOf(layer, zone, from, until)) found.push(opens, closes);
  return found.filter((at) => at > from && at < until);
}

/** Whether it counts at a moment. */
export const isOn = (layer: Layer, zone: string, at: number): boolean =>
  layer.only === undefined || hoursOf(layer, zone, at, at + 1).some(({ opens, closes }) => opens <= at && at < closes);

const hoursOf = ({ only = [] }: Layer, zone: string, from: number, until: number) =>
  openingsFrom(
    only.map((hours) => ({ ...hours, zone })),
    from,
    until,
  );

const noon = ({ year, month, day }: LocalDay): number => Date.UTC(year, month - 1, day, 12);
