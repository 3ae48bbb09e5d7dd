import { type Person, type Role, rank, strongestRole } from '../people.ts';
import type { Service } from './answering.ts';
import { onCallAt, onDutyAt, standsFor } from './on-call.ts';
import { isAwake, localTime, type Standing } from './standing.ts';
import { type StepTo, sayStepTo } from './step-to.ts';

/** Somebody to be asked, and what whoever asks wants to know of them. */
export interface Asked {
  person: string;
  /** Whose place they take. */
  insteadOf?: string;
  why: 'named' | 'on call' | 'owner' | 'backup' | 'role';
  /** `02:10`, where they are. */
  localTime: string;
  awake: boolean;
}

/** Somebody who would have been asked, or a roster without anybody: said, and gone on from at once. */
export interface NotAsked {
  who: string;
  because: string;
}

export interface Answerers {
  /** In the order in which they are asked. Empty where nobody is: the step is skipped at once. */
  ask: Asked[];
  not: NotAsked[];
}

/**
 * Who answers for a recipient at a moment, in order: of a service whoever its roster has on call, the owner, the backups. Covers
 * take the place of whom they cover; who is away is left out and named. `about`: the service that `owner`,
 * `backups`, `oncall` and `everyone` speak of.
 */
export function answerersOf(recipient: StepTo, standing: Standing, at: number, about?: Service): Answerers {
  if ('person' in recipient) return gather([{ person: recipient.person, why: 'named' }], standing, at);
  if ('role' in recipient) return gather(withRole(recipient.role, standing.people), standing, at);
  if ('channel' in recipient) return { ask: [], not: [] };
  if ('roster' in recipient) return fromRoster(recipient.roster, standing, at);
  const service = 'service' in recipient ? standing.services.get(recipient.service) : about;
  if (!service) return { ask: [], not: [{ who: sayStepTo(recipient), because: 'there is no such service' }] };
  const part = 'part' in recipient ? recipient.part : undefined;
  const { ask, not } = ofService(service, standing, at, part === 'owner' || part === 'backups' ? part : 'all');
  return { ask: part === 'oncall' ? ask.slice(0, 1) : ask, not };
}

interface Candidate {
  person: string;
  why: Asked['why'];
}

function ofService(service: Service, standing: Standing, at: number, which: 'all' | 'owner' | 'backups'): Answerers {
  const owner: Candidate[] = service.owner === undefined ? [] : [{ person: service.owner, why: 'owner' }];
  const backups = service.backups.map((person): Candidate => ({ person, why: 'backup' }));
  if (which !== 'all') return gather(which === 'owner' ? owner : backups, standing, at, service);
  const first = onDuty(service, standing, at);
  const others = gather([...owner, ...backups], standing, at, service);
  const taken = new Set(first.ask.map(({ person }) => person));
  return { ask: [...first.ask, ...others.ask.filter(({ person }) => !taken.has(person))], not: [...first.not, ...others.not] };
}

/** They agreed to be woken. */
function onDuty(service: Service, standing: Standing, at: number): Answerers {
  const found = onDutyAt(service, standing, at);
  if (!found) return { ask: [], not: [] };
  if ('gap' in found) return { ask: [], not: [{ who: `the roster ${service.roster}`, because: found.gap }] };
  return { ask: [asked(found.person, 'on call', standing, at, found.insteadOf)], not: [] };
}

function fromRoster(name: string, standing: Standing, at: number): Answerers {
  const roster = standing.rosters.get(name);
  if (!roster) return { ask: [], not: [{ who: `the roster ${name}`, because: 'there is no such roster' }] };
  const found = onCallAt(roster, standing, at);
  if ('gap' in found) return { ask: [], not: [{ who: `the roster ${name}`, because: found.gap }] };
  return { ask: [asked(found.person, 'on call', standing, at, found.insteadOf)], not: [] };
}

const withRole = (role: Role, people: readonly Person[]): Candidate[] =>
  people.filter((person) => !person.machine && rank(strongestRole(person)) >= rank(role)).map(({ name }) => ({ person: name, why: 'role' }));

/** Each candidate or whoever stands for them, once. */
function gather(candidates: readonly Candidate[], standing: Standing, at: number, service?: Service): Answerers {
  const found: Asked[] = [];
  const not: NotAsked[] = [];
  for (const { person, why } of candidates) {
    const stands = standsFor(standing, person, at);
    if ('away' in stands) {
      not.push({ who: person, because: stands.away.replace(`${person} `, '') });
      continue;
    }
    found.push(asked(stands.person, why, standing, at, stands.person === person ? undefined : person));
  }
  const once = found.filter(({ person }, index) => found.findIndex((one) => one.person === person) === index);
  return { ask: service ? awakeFirst(once, standing, service) : once, not };
}

function asked(person: string, why: Asked['why'], { people, quiet }: Standing, at: number, insteadOf?: string): Asked {
  const known = people.find(({ name }) => name === person);
  const zone = known?.zone ?? 'UTC';
  return { person, ...(insteadOf !== undefined && { insteadOf }), why, localTime: localTime(zone, at), awake: known ? isAwake(known, at, quiet) : true };
}

/** Who sleeps and would rather not be woken, or whose service says so, comes after those who are awake. */
function awakeFirst(all: readonly Asked[], { people }: Standing, { prefer }: Service): Asked[] {
  const defers = ({ person, awake }: Asked): boolean => !awake && (prefer === 'awake' || people.find(({ name }) => name === person)?.prefer === 'awake');
  const ordered: Asked[] = [];
  for (const [index, one] of all.entries()) {
    const before = defers(one) ? all.slice(index).filter(({ awake }) => awake) : [];
    for (const next of [...before, one]) if (!ordered.includes(next)) ordered.push(next);
  }
  return ordered;
}
