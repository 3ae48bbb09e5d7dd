import type { ChannelName } from '../deliver/channel.ts';
import type { Person } from '../people.ts';
import type { RosterPlan, Service } from './answering.ts';
import { NOBODYS_TURN, onDutyAt, type Shift, shiftsOf } from './on-call.ts';
import { absenceOf, type Standing } from './standing.ts';

/** Something because of which a page may reach nobody. */
export interface Trouble {
  /** The same as long as it is about the same thing: it is told once. */
  key: string;
  /** Services it concerns. */
  services: string[];
  says: string;
  remedy: string;
  /** Who is told besides the admins. */
  tell: string[];
  /** When it begins, where that is not now. Domain ms. */
  from?: number;
}

/** How far ahead rosters are looked at, domain ms. */
export const AHEAD = 14 * 86_400_000;

interface Asked {
  standing: Standing;
  /** The channels by which somebody can be reached. */
  reaches(person: Person): readonly ChannelName[];
  now: number;
}

/**
 * All because of which a page may reach nobody, the gravest first: services with fewer than two people who can be reached, people whom
 * no channel reaches, services whose people share one provider, and gaps in rosters of the next days.
 */
export function troublesOf(asked: Asked): Trouble[] {
  const services = [...asked.standing.services.values()];
  return [
    ...together(services.flatMap((service) => busFactor(service, asked))),
    ...together(services.flatMap((service) => sharedFate(service, asked))),
    ...withoutChannel(asked),
    ...[...asked.standing.rosters.values()].flatMap((roster) => gapsIn(roster, asked)),
  ];
}

/** Everyone who may be asked for a service, each once: its owner, its backups, and who takes turns. */
export function peopleOf(service: Service, { rosters }: Pick<Standing, 'rosters'>): string[] {
  const plan = service.roster === undefined ? undefined : rosters.get(service.roster);
  const turns = plan ? plan.layers.flatMap(({ people }) => people) : [];
  return [...new Set([...(service.owner === undefined ? [] : [service.owner]), ...service.backups, ...turns])];
}

/** Those of them who can be reached now, and why the others cannot. */
export function reachableOf(service: Service, { standing, reaches, now }: Asked): { reached: string[]; not: { person: string; because: string }[] } {
  const not: { person: string; because: string }[] = [];
  const cover = onDutyAt(service, standing, now);
  const stands = cover && 'person' in cover && cover.by === 'cover' ? [cover.person] : [];
  const reached = [...new Set([...peopleOf(service, standing), ...stands])].filter((name) => {
    const person = standing.people.find((one) => one.name === name);
    const absence = absenceOf(standing, name, now);
    const because = absence
      ? absence.kind === 'presumed'
        ? 'answered none of the last pages'
        : 'away'
      : !person || reaches(person).length === 0
        ? 'no channel reaches them'
        : undefined;
    if (because !== undefined) not.push({ person: name, because });
    return because === undefined;
  });
  return { reached, not };
}

/** What is true of one service, told in one sentence of all of which the same is true. */
interface Alike {
  service: Service;
  kind: 'bus' | 'fate';
  /** The same for services that are told together. */
  same: string;
  says(services: string): string;
  remedy: string;
}

/** Services with the same people are told of in one line. */
function together(found: readonly Alike[]): Trouble[] {
  const groups = new Map<string, Alike[]>();
  for (const one of found) groups.set(one.same, [...(groups.get(one.same) ?? []), one]);
  return [...groups.values()].map((alike) => {
    const [first] = alike as [Alike];
    const services = alike.map(({ service }) => service.name);
    return {
      key: `${first.kind}:${services.join()}:${first.same}`,
      services,
      says: first.says(services.join(', ')),
      remedy: first.remedy,
      tell: [...new Set(alike.flatMap(({ service }) => told(service)))],
    };
  });
}

function busFactor(service: Service, asked: Asked): Alike[] {
  const { reached, not } = reachableOf(service, asked);
  if (reached.length >= 2) return [];
  const why = not.length > 0 ? `; ${not.map(({ person, because }) => `${person}: ${because}`).join(', ')}` : '';
  const who = reached.length === 0 ? 'nobody can be reached' : `only ${reached[0]} can be reached`;
  return [
    {
      service,
      kind: 'bus',
      same: `${who}${why}`,
      says: (services) => `bus factor ${reached.length}: ${who} for ${services}${why}`,
      remedy: `name another backup under services in holdfast.yaml, or have somebody type: cover ${service.name} until …`,
    },
  ];
}

/** By whom a channel works. What is simulated is nobody's. */
const PROVIDER: Record<ChannelName, string | undefined> = {
  slack: 'Slack',
  discord: 'Discord',
  ntfy: 'ntfy',
  email: 'the mail server',
  sms: 'Twilio',
  voice: 'Twilio',
  webhook: 'the webhook',
  dm: undefined,
};

function sharedFate(service: Service, asked: Asked): Alike[] {
  const { reached } = reachableOf(service, asked);
  const ways = reached.map((name) => {
    const person = asked.standing.people.find((one) => one.name === name);
    return new Set((person ? asked.reaches(person) : []).map((channel) => PROVIDER[channel]));
  });
  const all = new Set(ways.flatMap((one) => [...one]));
  const [only] = all;
  if (reached.length < 2 || all.size !== 1 || only === undefined) return [];
  return [
    {
      service,
      kind: 'fate',
      same: `${only} ${reached.join()}`,
      says: (services) => `everybody of ${services} (${reached.join(', ')}) is reached through ${only} alone: when that is down, a page reaches nobody`,
      remedy: 'give one of them a second way under people: a telephone number, an ntfy topic',
    },
  ];
}

function withoutChannel({ standing, reaches }: Asked): Trouble[] {
  return standing.people.flatMap((person) => {
    if (person.machine || reaches(person).length > 0) return [];
    const of = [...standing.services.values()].filter((service) => peopleOf(service, standing).includes(person.name)).map(({ name }) => name);
    if (of.length === 0) return [];
    return [
      {
        key: `channel:${person.name}`,
        services: of,
        says: `no channel reaches ${person.name}, who is to be asked for ${of.join(', ')}`,
        remedy: `give ${person.name} a telephone number, an address or an ntfy topic under people, or link their account; then: page ${person.name}`,
        tell: [person.name],
      },
    ];
  });
}

/** Hours that are nobody's by the rotation itself are said only where nobody stands behind it. */
function gapsIn(roster: RosterPlan, { standing, now }: Asked): Trouble[] {
  const users = [...standing.services.values()].filter((service) => service.roster === roster.name);
  const behind = users.length > 0 && users.every(({ owner, backups }) => owner !== undefined || backups.length > 0);
  return gapsAhead(roster, standing, now)
    .filter(({ gap }) => !behind || gap !== NOBODYS_TURN)
    .map(({ gap, from, until }) => ({
      key: `gap:${roster.name}:${gap}:${until < now + AHEAD ? until : from > now ? from : 'open'}`,
      services: users.map(({ name }) => name),
      says: `nobody is on call in the roster ${roster.name}: ${gap}`,
      remedy: `somebody types: cover ${users[0]?.name ?? roster.name} until …, or put an override under rosters.${roster.name}`,
      tell: [...new Set(users.flatMap(told))],
      from,
    }));
}

/** Gaps in a roster of the next days. */
export const gapsAhead = (roster: RosterPlan, standing: Standing, now: number): (Shift & { gap: string })[] =>
  shiftsOf(roster, standing, now, now + AHEAD).filter((shift): shift is Shift & { gap: string } => 'gap' in shift);

/** The owner; where there is none, the first backup. */
const told = ({ owner, backups }: Service): string[] => (owner === undefined ? backups.slice(0, 1) : [owner]);
