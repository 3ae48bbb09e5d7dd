import { isDeepStrictEqual } from 'node:util';
import { ConfigProblems, type Loaded, loadConfig, type Surroundings } from './load.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema.ts';
import { isSecret } from './secret.ts';

/** What reading the configuration again came to. */
export interface Reload {
  kind: 'swapped' | 'same' | 'kept';
  /** What is in force from now on. */
  loaded: Loaded;
  /** Sections that stay as they were until a restart. */
  restart: readonly Section[];
  /** Why nothing was swapped, when something is wrong. */
  problems: readonly Problem[];
  /** For people. */
  says: string;
}

type Section = keyof Config;

/** Connections and the store are opened once. */
const AT_START: readonly Section[] = ['data', 'database', 'redis', 'listen', 'slack', 'discord'];

/** Whether what was just read replaces what is in force, and what changes by it. */
export function decideReload(current: Loaded, read: Loaded): Reload {
  const changed = (Object.keys({ ...current.config, ...read.config }) as Section[]).filter(
    (section) => !isDeepStrictEqual(uncovered(current.config[section]), uncovered(read.config[section])),
  );
  const restart = changed.filter((section) => AT_START.includes(section) && !onlyGroups(section, current.config, read.config));
  const hosts = changesIn(current.fleet.hosts, read.fleet.hosts);
  const groups = changesIn(current.fleet.groups, read.fleet.groups);
  if (changed.length === 0 && !hosts && !groups)
    return { kind: 'same', loaded: current, restart, problems: [], says: `${read.file} was read again; nothing in it changed.` };

  const { data, database, redis, listen } = current.config;
  const { slack, discord } = chatsKept(current.config, read.config);
  const loaded = { ...read, config: { ...read.config, data, database, redis, listen, slack, discord } };
  const counted = [...(hosts ? [`hosts ${hosts} (${read.fleet.hosts.size} now)`] : []), ...(groups ? [`groups ${groups}`] : [])];
  const others = changed.filter((section) => !restart.includes(section) && !(section === 'hosts' && hosts) && !(section === 'groups' && groups));
  const effects = [...counted, ...others];
  const says = [
    `${read.file} was read again.`,
    ...(effects.length > 0 ? [`In force now: ${effects.join(', ')}.`] : []),
    ...(restart.length > 0 ? [`Needs a restart, as before until then: ${restart.join(', ')}.`] : []),
  ].join(' ');
  return { kind: 'swapped', loaded, restart, problems: [], says };
}

/** What is connected to until a restart: a platform that is new reaches nobody yet, one that is gone still does. Its groups are those of now. */
function chatsKept(before: Config, after: Config): Pick<Config, 'slack' | 'discord'> {
  return {
    slack: before.slack && { ...before.slack, groups: after.slack ? after.slack.groups : before.slack.groups },
    discord: before.discord && { ...before.discord, groups: after.discord ? after.discord.groups : before.discord.groups },
  };
}

/** Roles that groups of a platform give are looked at with each line; how it is connected to, once. */
function onlyGroups(section: Section, before: Config, after: Config): boolean {
  if (section !== 'slack' && section !== 'discord') return false;
  const [one, other] = [before[section], after[section]];
  return one !== undefined && other !== undefined && isDeepStrictEqual(uncovered({ ...one, groups: undefined }), uncovered({ ...other, groups: undefined }));
}

/** Reads the configuration again. Never throws: what cannot be used is said, and what is in force stays. */
export async function reload(current: Loaded, surroundings: Surroundings): Promise<Reload> {
  try {
    return decideReload(current, await loadConfig(current.file, surroundings));
  } catch (error) {
    const problems = error instanceof ConfigProblems ? error.problems : [];
    const wrong = problems.length === 0 ? 'could not be read' : problems.length === 1 ? 'has a problem' : `has ${problems.length} problems`;
    return { kind: 'kept', loaded: current, restart: [], problems, says: `${current.file} ${wrong}; what was in force stays.\n${(error as Error).message}` };
  }
}

/** `+2 −1 ~3`: new, gone, changed; nothing when all is as it was. */
function changesIn(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string | undefined {
  const added = [...after.keys()].filter((name) => !before.has(name)).length;
  const gone = [...before.keys()].filter((name) => !after.has(name)).length;
  const changed = [...after].filter(([name, value]) => before.has(name) && !isDeepStrictEqual(before.get(name), value)).length;
  return [...(added ? [`+${added}`] : []), ...(gone ? [`−${gone}`] : []), ...(changed ? [`~${changed}`] : [])].join(' ') || undefined;
}

/** Secrets compare by what they hold. */
function uncovered(value: unknown): unknown {
  if (isSecret(value)) return { secret: value.reveal() };
  if (Array.isArray(value)) return value.map(uncovered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, uncovered(inner)]));
}
