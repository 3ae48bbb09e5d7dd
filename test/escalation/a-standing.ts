import { RosterEntries } from '../../src/config/rosters.ts';
import type { RosterPlan, Service } from '../../src/escalation/answering.ts';
import type { Standing } from '../../src/escalation/standing.ts';
import type { Person } from '../../src/people.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const at = (text: string): number => Date.parse(text);

/** Ada in Berlin, Pepe in Lima, Kim in Seoul: somebody always sleeps. */
export const PEOPLE: Person[] = [
  { name: 'ada', display: 'Ada', roles: [{ role: 'operator' }], zone: 'Europe/Berlin' },
  { name: 'pepe', display: 'Pepe', roles: [{ role: 'operator' }], zone: 'America/Lima' },
  { name: 'kim', display: 'Kim', roles: [{ role: 'operator' }], zone: 'Asia/Seoul' },
];

/** A roster as holdfast.yaml writes it. */
export function plan(written: object, zone = 'Europe/Berlin'): RosterPlan {
  const { night } = RosterEntries.parse({ night: written });
  const { layers, overrides, zone: own = zone } = night as NonNullable<typeof night>;
  return { name: 'night', zone: own, layers, overrides };
}

export const service = (more: Partial<Service> = {}): Service => ({
  name: 'web',
  owner: 'ada',
  backups: ['pepe', 'kim'],
  doNot: [],
  components: [],
  hosts: new Set(['web01']),
  ...more,
});

export function standing(more: Partial<Omit<Standing, 'services' | 'rosters'>> & { services?: Service[]; rosters?: RosterPlan[] } = {}): Standing {
  const { services = [service()], rosters = [], ...rest } = more;
  return {
    people: PEOPLE,
    absences: [],
    covers: [],
    quiet: { from: 22 * 60, until: 7 * 60 },
    ...rest,
    services: new Map(services.map((one) => [one.name, one])),
    rosters: new Map(rosters.map((one) => [one.name, one])),
  };
}
