import { shiftsOf } from '../escalation/on-call.ts';
import type { Standing } from '../escalation/standing.ts';
import { AHEAD, peopleOf, type Trouble } from '../escalation/troubles.ts';
import { near } from '../fleet/target/nearest.ts';
import { Refusal } from '../lib/refusal.ts';
import { type Duty, dutyJson, dutyOf, onCallCard, onCallOfCard, sayShift } from '../oncall/card.ts';
import { type Looked, lookAtPeople } from '../oncall/look.ts';
import type { Ops } from '../ops.ts';
import { when } from '../rollout/words.ts';
import type { Listed } from './listed.ts';

/** `oncall`: each service, who is asked first and who stands behind. */
export async function onCallListed(ops: Ops, zone: string): Promise<Listed> {
  const { standing, now, troubles, duties } = await onCallNow(ops);
  return {
    card: onCallCard(duties, { standing, troubles, now, zone }),
    json: { services: duties.map(dutyJson), away: awayJson(standing), covers: coversJson(standing), troubles: troubles.map(troubleJson) },
  };
}

/** `oncall web`: one service, one roster, or what a person answers for. */
export async function onCallOfListed(ops: Ops, name: string, zone: string): Promise<Listed> {
  const { standing, now, troubles, reaches } = await onCallNow(ops);
  const service = standing.services.get(name);
  if (service) {
    const own = troubles.filter(({ services }) => services.includes(name));
    const duty = dutyOf(service, standing, now);
    return { card: onCallOfCard(duty, { standing, troubles: own, reaches, now, zone }), json: { services: [dutyJson(duty)], troubles: own.map(troubleJson) } };
  }
  const roster = standing.rosters.get(name);
  if (roster) {
    const shifts = shiftsOf(roster, standing, now, now + AHEAD);
    return {
      card: {
        title: `the roster ${name}: ${shifts[0] ? sayShift(shifts[0]) : 'nobody'}`,
        tone: shifts.some((shift) => 'gap' in shift) ? 'attention' : 'good',
        table: { columns: ['from', 'who'], rows: shifts.map((shift) => [when(shift.from, now, zone), sayShift(shift)]) },
      },
      json: {
        roster: name,
        shifts: shifts.map(({ from, until, ...who }) => ({ from: new Date(from).toISOString(), until: new Date(until).toISOString(), ...who })),
      },
    };
  }
  const theirs = [...standing.services.values()].filter((one) => peopleOf(one, standing).includes(name));
  if (theirs.length > 0 || standing.people.some((person) => person.name === name)) {
    const duties = theirs.map((one) => dutyOf(one, standing, now));
    const card = onCallCard(duties, { standing, troubles: troubles.filter(({ services }) => theirs.some((one) => services.includes(one.name))), now, zone });
    const first = duties.filter(({ now: { ask } }) => ask[0]?.person === name).map(({ service: of }) => of.name);
    const title =
      theirs.length === 0
        ? `${name} answers for no service`
        : first.length === 0
          ? `${name} is on call for nothing now`
          : `${name} is on call for ${first.join(', ')}`;
    return { card: { ...card, title }, json: { services: duties.map(dutyJson), away: awayJson(standing), covers: coversJson(standing) } };
  }
  const known = [...standing.services.keys(), ...standing.rosters.keys(), ...standing.people.map((person) => person.name)];
  const [meant] = near(name, known, 1);
  throw new Refusal(`There is no service, roster or person "${name}".${meant ? ` Did you mean ${meant}?` : ''} "oncall" lists all services.`);
}

/** Who is on call for each service now, and what would let a page reach nobody. */
export async function onCallNow(ops: Pick<Ops, 'records' | 'clock' | 'config' | 'fleet' | 'people' | 'sandbox'>): Promise<Looked & { duties: Duty[] }> {
  const looked = await lookAtPeople(ops.records, { ...ops, simulated: ops.sandbox !== undefined });
  return { ...looked, duties: [...looked.standing.services.values()].map((service) => dutyOf(service, looked.standing, looked.now)) };
}

const awayJson = ({ absences }: Standing): Record<string, unknown>[] =>
  absences.map(({ person, until, because, kind }) => ({
    person,
    until: until === undefined ? null : new Date(until).toISOString(),
    because: because ?? null,
    kind,
  }));

const coversJson = ({ covers }: Standing): Record<string, unknown>[] =>
  covers.map(({ by, for: of, from, until }) => ({
    person: by,
    of: Object.values(of)[0],
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
  }));

const troubleJson = ({ services, says, remedy, from }: Trouble): Record<string, unknown> => ({
  services,
  says,
  remedy,
  from: from === undefined ? null : new Date(from).toISOString(),
});
