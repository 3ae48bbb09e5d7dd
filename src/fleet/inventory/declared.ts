import type { Problem } from '../../config/problem.ts';
import { Refusal } from '../../lib/refusal.ts';
import { parseTarget } from '../target/parse.ts';
import { countNames, expandPattern, parsePattern } from '../target/pattern.ts';
import { readJumps } from './connection.ts';
import type { Origin } from './draft.ts';
import { type Gathered, newHost } from './gather.ts';
import type { Groups } from './groups.ts';
import type { DeclaredHost, FleetInput } from './input.ts';

/** Lays the hosts of `holdfast.yaml` over what the sources say; what is written there goes first. */
export function addDeclaredHosts(gathered: Gathered, input: FleetInput, problems: Problem[]): void {
  const written = new Map<string, { entry: string; declared: DeclaredHost }>();
  for (const [entry, declared] of Object.entries(input.hosts)) {
    const origin = originOf(input, ['hosts', entry]);
    for (const name of namesOf(entry, origin, problems)) {
      const before = written.get(name);
      if (before) sayContradictions(name, before, { entry, declared }, origin, problems);
      written.set(name, { entry, declared: { ...before?.declared, ...declared } });
      let host = gathered.hosts.get(name);
      if (!host) {
        host = newHost(name, origin);
        gathered.hosts.set(name, host);
      }
      for (const group of declared.groups ?? []) host.groups.add(group.replace(/^@/, ''));
      const { address, port, user, jump, site, ring, parent, redundancy, alert_path, vars } = declared;
      if (address !== undefined) host.connection.address = address;
      if (port !== undefined) host.connection.port = port;
      if (user !== undefined) host.connection.user = user;
      if (jump !== undefined) host.connection.jump = list(jump).flatMap(readJumps);
      if (site !== undefined) host.place.site = site;
      if (ring !== undefined) host.place.ring = ring;
      if (parent !== undefined) host.place.parent = parent;
      if (redundancy !== undefined) host.place.redundancy = list(redundancy);
      if (alert_path !== undefined) host.place.alertPath = alert_path;
      if (vars) host.vars = { ...host.vars, ...vars };
    }
  }
}

/** Fills the groups of `holdfast.yaml`, those first that others are made of. */
export function addDeclaredGroups(groups: Groups, input: FleetInput, problems: Problem[]): void {
  const done = new Set<string>();
  const onTheWay: string[] = [];
  const fill = (name: string): void => {
    const declared = Object.hasOwn(input.groups, name) ? input.groups[name] : undefined;
    if (!declared || done.has(name)) return;
    const origin = originOf(input, ['groups', name, ...(declared.hosts ? ['hosts'] : [])]);
    if (onTheWay.includes(name)) {
      const circle = [...onTheWay.slice(onTheWay.indexOf(name)), name].map((one) => `@${one}`).join(' → ');
      problems.push({ ...origin, says: `Groups are made of each other in a circle: ${circle}. Name hosts in one of them.` });
      return;
    }
    onTheWay.push(name);
    try {
      const needed = declared.hosts === undefined ? undefined : readHosts(declared.hosts);
      for (const group of needed?.groups ?? []) for (const one of groupsThatFill(group, name, input)) fill(one);
      if (needed) for (const host of groups.select(needed.steps)) groups.add(name, host);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problems.push({ ...origin, says: `Group ${name}: ${error.message}` });
    }
    onTheWay.pop();
    done.add(name);
    groups.placeMembers(name, declared, origin, problems);
  };
  for (const name of Object.keys(input.groups)) groups.ensure(name);
  for (const name of Object.keys(input.groups)) fill(name);
}

function readHosts(text: string): { steps: ReturnType<typeof parseTarget>['steps']; groups: string[] } {
  const { steps, where } = parseTarget(text);
  if (where) throw new Refusal('a group cannot be made with `where`: facts change. Say `where` in the command.');
  const groups = steps.flatMap(({ operand }) => (operand.kind === 'group' && countNames(operand.pattern) <= 1000 ? expandPattern(operand.pattern) : []));
  return { steps, groups };
}

/** The group itself, and those that put their members into a site, ring or redundancy group of that name. */
function groupsThatFill(wanted: string, asking: string, input: FleetInput): string[] {
  return Object.entries(input.groups)
    .filter(([name, { site, ring, redundancy }]) => name === wanted || (name !== asking && [site, ring, redundancy].includes(wanted)))
    .map(([name]) => name);
}

/** Where in the configuration file a value stands. */
export function originOf(input: FleetInput, path: readonly (string | number)[]): Origin {
  return { file: input.file, ...input.at?.(path) };
}

function namesOf(entry: string, origin: Origin, problems: Problem[]): string[] {
  try {
    const pattern = parsePattern(entry, 1);
    if (countNames(pattern) > 20_000) throw new Refusal('It stands for more than 20,000 hosts.');
    return expandPattern(pattern);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problems.push({ ...origin, says: `The host ${entry}: ${error.message}` });
    return [];
  }
}

function sayContradictions(
  name: string,
  before: { entry: string; declared: DeclaredHost },
  now: { entry: string; declared: DeclaredHost },
  origin: Origin,
  problems: Problem[],
): void {
  for (const key of ['address', 'port', 'user', 'site', 'ring', 'parent'] as const) {
    const [one, other] = [before.declared[key], now.declared[key]];
    if (one === undefined || other === undefined || one === other) continue;
    problems.push({ ...origin, says: `${name} has ${key} ${other} under ${now.entry} and ${one} under ${before.entry}: keep one of them.` });
  }
}

const list = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);
