import { momentOf, plusDays } from '../rollout/local-time.ts';
import type { RosterPlan, Service } from './answering.ts';
import { changesOf, isOn, turnAt } from './rotation.ts';
import { absenceOf, type Standing } from './standing.ts';

/** Who is on call at a moment, and why them; or that nobody is, and why. */
export type OnCall = { person: string /** Whose place they take. */; insteadOf?: string; by: 'turn' | 'override' | 'cover' } | { gap: string };

/** Who is on call from a moment until another. */
export type Shift = OnCall & { from: number; until: number };

/** A gap that the rotation itself leaves: out of its hours, or before it begins. */
export const NOBODYS_TURN = 'it is nobody’s turn';

/** Whoever a roster has on call at a moment: a cover of the roster, else an override, else the first layer that has somebody. */
export function onCallAt(roster: RosterPlan, standing: Standing, at: number): OnCall {
  const covered = coverOf(standing, (of) => 'roster' in of && of.roster === roster.name, at);
  if (covered !== undefined) return { person: covered, by: 'cover' };
  const why: string[] = [];
  const duty = (person: string, by: 'turn' | 'override'): OnCall | undefined => {
    const found = standsFor(standing, person, at);
    if ('away' in found) why.push(found.away);
    else return { person: found.person, ...(found.person !== person && { insteadOf: person }), by: found.person === person ? by : 'cover' };
    return undefined;
  };
  for (const { person, from, until } of roster.overrides) {
    if (momentIn(from, roster.zone) > at || at >= momentIn(until, roster.zone)) continue;
    const found = duty(person, 'override');
    if (found) return found;
  }
  for (const layer of roster.layers) {
    const turn = isOn(layer, roster.zone, at) ? turnAt(layer, roster.zone, at) : undefined;
    const found = turn && duty(turn.person, 'turn');
    if (found) return found;
  }
  return { gap: why.length > 0 ? [...new Set(why)].join(', ') : NOBODYS_TURN };
}

/** Whoever took a service over for a while, else whoever its roster has on call; without either, nobody in particular. */
export function onDutyAt(service: Pick<Service, 'name' | 'roster'>, standing: Standing, at: number): OnCall | undefined {
  const covered = coverOf(standing, (of) => 'service' in of && of.service === service.name, at);
  if (covered !== undefined) return { person: covered, by: 'cover' };
  const plan = service.roster === undefined ? undefined : standing.rosters.get(service.roster);
  return plan && onCallAt(plan, standing, at);
}

/** Who a roster has on call from one moment to another, without a hole: where nobody is, that is an entry of its own. */
export const shiftsOf = (roster: RosterPlan, standing: Standing, from: number, until: number): Shift[] =>
  spans([...changesOfPlan(roster, from, until), ...changesOfPeople(standing)], from, until, (at) => onCallAt(roster, standing, at));

/** When turns, hours and overrides of a roster begin and end between two moments. */
export const changesOfPlan = ({ layers, overrides, zone }: RosterPlan, from: number, until: number): number[] => [
  ...layers.flatMap((layer) => changesOf(layer, zone, from, until)),
  ...overrides.flatMap((one) => [momentIn(one.from, zone), momentIn(one.until, zone)]),
];

/** Cut at each moment at which something may change; neighbours that say the same are one. */
export function spans(moments: readonly number[], from: number, until: number, at: (moment: number) => OnCall): Shift[] {
  const cuts = [...new Set([from, ...moments.filter((moment) => moment > from && moment < until)])].sort((a, b) => a - b);
  const found: Shift[] = [];
  for (const [index, begins] of cuts.entries()) {
    const ends = cuts[index + 1] ?? until;
    const now = at(begins);
    const last = found.at(-1);
    if (last && sameDuty(last, now)) last.until = ends;
    else found.push({ ...now, from: begins, until: ends });
  }
  return found;
}

/** When somebody goes away, comes back, or is covered. */
export const changesOfPeople = ({ absences, covers }: Standing): number[] =>
  [...absences, ...covers].flatMap(({ from, until }) => (until === undefined ? [from] : [from, until]));

/**
 * Who stands where somebody would be asked: whoever covers for them, on and on; themselves, unless they are away. A cover by
 * somebody who is away counts for nothing.
 */
export function standsFor(standing: Standing, person: string, at: number, seen: readonly string[] = []): { person: string } | { away: string } {
  const cover = coverOf(standing, (of) => 'person' in of && of.person === person, at, [...seen, person]);
  if (cover !== undefined) {
    const further = standsFor(standing, cover, at, [...seen, person]);
    if ('person' in further) return further;
  }
  const away = absenceOf(standing, person, at);
  if (!away) return { person };
  return { away: `${person} ${away.kind === 'presumed' ? 'answered none of the last pages' : 'is away'}` };
}

function coverOf(
  { covers, ...standing }: Standing,
  which: (of: Standing['covers'][number]['for']) => boolean,
  at: number,
  not: readonly string[] = [],
): string | undefined {
  return covers.findLast((one) => which(one.for) && one.from <= at && at < one.until && !not.includes(one.by) && !absenceOf(standing, one.by, at))?.by;
}

const momentIn = ({ year, month, day, minutes }: RosterPlan['overrides'][number]['from'], zone: string): number =>
  momentOf(plusDays({ year, month, day, weekday: 0 }, 0), minutes, zone);

function sameDuty(a: OnCall, b: OnCall): boolean {
  if ('gap' in a || 'gap' in b) return 'gap' in a && 'gap' in b && a.gap === b.gap;
  return a.person === b.person && a.insteadOf === b.insteadOf && a.by === b.by;
}
