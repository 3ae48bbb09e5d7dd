import type { StepSaid } from '../config/policies.ts';
import type { ChannelName } from '../deliver/channel.ts';
import { type Person, type Role, rank, strongestRole } from '../people.ts';
import { when } from '../rollout/words.ts';
import { type Service, servicesOfHosts } from './answering.ts';
import { onCallAt, onDutyAt, standsFor } from './on-call.ts';
import { runbookSteps } from './runbook-steps.ts';
import { absenceOf, isAwake, type Standing } from './standing.ts';
import type { StepTo } from './step-to.ts';

/** Whom a page is for; `role` = nobody was named and nobody answers for it: everyone who may act. */
export type Recipient = { person: string } | { service: string } | { role: 'operator' };

/** Whom a step of a policy names. Who that is, is looked up when the step begins. */
export type Who =
  | { is: 'owner' }
  /** The nth backup, from 0; where awake ones go first, the next one who was not asked in this round. */
  | { is: 'backup'; n: number }
  | { is: 'oncall'; roster: string }
  /** Whoever took a service without a roster over for a while, else its owner. */
  | { is: 'first' }
  | { is: 'person'; name: string }
  /** Everyone with the role operator. */
  | { is: 'everyone' }
  | { is: 'role'; name: Role }
  /** All who answer for a service, at once. */
  | { is: 'service'; name: string }
  /** A channel of the configuration: it is posted there; nobody in particular is asked. */
  | { is: 'channel'; name: string };

/** One step as somebody wrote it, or as it follows from owner and backups. */
export interface RosterStep {
  who: Who[];
  /** Domain ms to the next step; unsaid = as the urgency has it. */
  next?: number;
  /** These channels only, each of them at once; unsaid = as the urgency has it. */
  by?: readonly ChannelName[];
}

/** What a service's policy says otherwise than the defaults, domain ms. */
export interface RosterTimes {
  sms?: number | undefined;
  voice?: number | undefined;
  next?: number | undefined;
  again?: number | undefined;
}

/** Who answers for what, as it stands at the moment it was loaded. Pure: whatever it has to read was read when it was loaded. */
export interface Roster {
  /** The steps for this recipient, at least one. Frozen into the page when it begins. */
  steps(recipient: Recipient, urgency?: 'low' | 'high' | 'critical'): RosterStep[];
  /** What the policy of this recipient says of times. */
  times(recipient: Recipient, urgency: 'low' | 'high' | 'critical'): RosterTimes;
  /** People a `who` names at that moment, by name, the first to be asked first. Covers are followed; away people are still named. */
  named(who: Who, recipient: Recipient, at: number): string[];
  /** Why somebody is not asked now: `away until Mon 30 Nov 09:00`. `undefined` = here. */
  away(person: string, at: number): string | undefined;
  /** Their own quiet hours, minutes after midnight; `undefined` = as the defaults have it. */
  quiet(person: string): Person['quiet'];
  /** Everyone with the role, in the order of the configuration: who is asked when nobody else answers. */
  everyone(): string[];
  /** IANA. */
  zone(person: string): string;
  /** `prefer: awake`: of the backups, those for whom it is day go first. */
  prefersAwake(recipient: Recipient): boolean;
  /** The service that answers for most of these hosts; `undefined` where none does. */
  serviceOf(hosts: readonly string[]): string | undefined;
  /** The first lines a person woken needs, and where the whole of it is. */
  runbook(recipient: Recipient): { steps: string[]; never: string[]; where: string } | undefined;
}

/** The roster of what stands in the configuration, and of who is away and covered. */
export function rosterOf(standing: Standing): Roster {
  const { people, services } = standing;
  const known = (name: string): Person | undefined => people.find((person) => person.name === name);
  const serviceFor = (recipient: Recipient): Service | undefined => ('service' in recipient ? services.get(recipient.service) : undefined);
  const everyone = (): string[] => namesWith('operator', people);
  return {
    everyone,
    steps: (recipient, urgency = 'high') => stepsOf(recipient, urgency, standing),
    times: (recipient, urgency) => (urgency === 'low' ? {} : (serviceFor(recipient)?.policy?.[urgency] ?? {})),
    named: (who, recipient, at) => namedBy(who, serviceFor(recipient), standing, at, everyone),
    away(person, at) {
      const found = absenceOf(standing, person, at);
      if (!found) return undefined;
      const until = found.until === undefined ? '' : ` until ${when(found.until, at, known(person)?.zone ?? 'UTC')}`;
      return `away${until}${found.because ? ` because ${found.because}` : ''}`;
    },
    quiet: (person) => known(person)?.quiet,
    zone: (person) => known(person)?.zone ?? 'UTC',
    prefersAwake(recipient) {
      const { prefer, backups = [] } = serviceFor(recipient) ?? {};
      return prefer === 'awake' || backups.some((name) => known(name)?.prefer === 'awake');
    },
    serviceOf: (hosts) => servicesOfHosts(standing, hosts)[0]?.name,
    runbook(recipient) {
      const { runbook, doNot = [] } = serviceFor(recipient) ?? {};
      if (!runbook && doNot.length === 0) return undefined;
      return { steps: runbookSteps(runbook?.markdown ?? ''), never: [...doNot], where: runbook?.written ?? '' };
    },
  };
}

/** People with a role somewhere; all there are where nobody has it. */
function namesWith(role: Role, people: readonly Person[]): string[] {
  const all = people.filter(({ machine }) => !machine);
  const having = all.filter((person) => rank(strongestRole(person)) >= rank(role));
  return (having.length > 0 ? having : all).map(({ name }) => name);
}

function stepsOf(recipient: Recipient, urgency: 'low' | 'high' | 'critical', standing: Standing): RosterStep[] {
  if ('role' in recipient) return [{ who: [{ is: 'everyone' }] }];
  if ('person' in recipient) {
    // Nobody is left alone with what one person does not answer: after them those who stand behind them.
    const behind = [...standing.services.values()].filter(({ owner }) => owner === recipient.person).flatMap(({ backups }) => backups);
    return [recipient.person, ...new Set(behind.filter((name) => name !== recipient.person))].map((name) => ({ who: [{ is: 'person', name }] }));
  }
  const service = standing.services.get(recipient.service);
  if (!service) return [{ who: [{ is: 'everyone' }] }];
  const said = service.policy?.[urgency]?.steps ?? service.policy?.steps;
  return said ? said.flatMap((step) => writtenStep(step, service)) : oneByOne(service, standing);
}

/** Whoever is on call, the owner, each backup in turn. */
const oneByOne = ({ name, owner, backups, roster }: Service, { covers }: Standing): RosterStep[] => [
  ...(roster === undefined ? [] : [{ who: [{ is: 'oncall' as const, roster }] }]),
  ...(roster === undefined && covers.some(({ for: of }) => 'service' in of && of.service === name) ? [{ who: [{ is: 'first' as const }] }] : []),
  ...(owner === undefined ? [] : [{ who: [{ is: 'owner' as const }] }]),
  ...backups.map((_, n) => ({ who: [{ is: 'backup' as const, n }] })),
];

/** `backups` alone is a step for each of them. */
function writtenStep({ to, next, by }: StepSaid, service: Service): RosterStep[] {
  const how = { ...(next !== undefined && { next }), ...(by && { by }) };
  const [only] = to;
  if (to.length === 1 && only && 'part' in only && only.part === 'backups') return service.backups.map((_, n) => ({ who: [{ is: 'backup', n }], ...how }));
  return [{ who: to.flatMap((one) => whoIs(one, service)), ...how }];
}

function whoIs(to: StepTo, service: Service): Who[] {
  if ('person' in to) return [{ is: 'person', name: to.person }];
  if ('roster' in to) return [{ is: 'oncall', roster: to.roster }];
  if ('role' in to) return [{ is: 'role', name: to.role }];
  if ('service' in to) return [{ is: 'service', name: to.service }];
  if ('channel' in to) return [{ is: 'channel', name: to.channel }];
  if (to.part === 'everyone') return [{ is: 'service', name: service.name }];
  if (to.part === 'backups') return service.backups.map((_, n) => ({ is: 'backup', n }));
  if (to.part === 'owner') return [{ is: 'owner' }];
  return service.roster === undefined ? [{ is: 'first' }] : [{ is: 'oncall', roster: service.roster }];
}

function namedBy(who: Who, service: Service | undefined, standing: Standing, at: number, everyone: () => string[]): string[] {
  switch (who.is) {
    case 'everyone':
      return everyone();
    case 'role':
      return namesWith(who.name, standing.people);
    case 'person':
      return [stands(who.name, standing, at)];
    case 'channel':
      return [];
    case 'oncall':
      return rostered(who.roster, service, standing, at);
    case 'service': {
      const named = standing.services.get(who.name);
      return named ? allOf(named, standing, at).map((name) => stands(name, standing, at)) : [];
    }
    default: {
      const taken = who.is === 'first' && service ? onDutyAt(service, standing, at) : undefined;
      if (taken && 'person' in taken) return [taken.person];
      const [owner, ...backups] = service ? inTurn(service, standing, at) : [undefined];
      const found = who.is === 'backup' ? backups[who.n] : (owner ?? (who.is === 'first' ? backups[0] : undefined));
      return found === undefined ? [] : [found];
    }
  }
}

/** Whoever covers for somebody; somebody away is named all the same, and passed over with the reason. */
function stands(person: string, standing: Standing, at: number): string {
  const found = standsFor(standing, person, at);
  return 'person' in found ? found.person : person;
}

/** The owner and the backups; an owner who sleeps and wants somebody awake to be asked first has changed places with the first of them. */
function inTurn({ owner, backups }: Service, standing: Standing, at: number): [string | undefined, ...string[]] {
  const behind = backups.map((name) => stands(name, standing, at));
  if (owner === undefined) return [undefined, ...behind];
  const first = stands(owner, standing, at);
  const known = (name: string): Person | undefined => standing.people.find((person) => person.name === name);
  const awake = (name: string): boolean => {
    const person = known(name);
    return !person || isAwake(person, at, standing.quiet);
  };
  if (known(first)?.prefer !== 'awake' || awake(first)) return [first, ...behind];
  const instead = behind.findIndex((name) => awake(name) && !absenceOf(standing, name, at));
  if (instead < 0) return [first, ...behind];
  return [behind[instead], ...behind.map((name, n) => (n === instead ? first : name))];
}

/** Whoever a roster has on call; of the service the page is for, whoever took it over goes before. */
function rostered(name: string, service: Service | undefined, standing: Standing, at: number): string[] {
  const plan = standing.rosters.get(name);
  const found = service?.roster === name ? onDutyAt(service, standing, at) : plan && onCallAt(plan, standing, at);
  return found && 'person' in found ? [found.person] : [];
}

function allOf(service: Service, standing: Standing, at: number): string[] {
  const first = service.roster === undefined ? [] : rostered(service.roster, service, standing, at);
  return [...new Set([...first, ...(service.owner === undefined ? [] : [service.owner]), ...service.backups])];
}
