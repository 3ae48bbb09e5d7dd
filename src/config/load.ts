import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Fleet } from '../fleet/fleet.ts';
import { buildFleet } from '../fleet/inventory/build.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Person } from '../people.ts';
import { type Path, readDocument } from './document.ts';
import { fillSecrets, formOf } from './fill-secrets.ts';
import type { Problem } from './problem.ts';
import { readRunbooks } from './read-runbooks.ts';
import { readScripts } from './read-scripts.ts';
import { checkReferences } from './references.ts';
import type { Config } from './schema.ts';
import { secret } from './secret.ts';
import { readShape } from './shape.ts';

/** A configuration that holds, with everything made from it. */
export interface Loaded {
  config: Config;
  fleet: Fleet;
  people: Person[];
  /** Absolute. */
  file: string;
}

/** Everything that is wrong with a configuration, at once. */
export class ConfigProblems extends Refusal {
  override name = 'ConfigProblems';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(sayProblem).join('\n'));
    this.problems = problems;
  }
}

/** One line, whatever a file or a name in it holds: a terminal is never given control characters. */
export function sayProblem({ file, line, column, says }: Problem): string {
  const text = `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${says.replace(/\s*\n\s*/g, ' ')}`;
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => `\\u${(sign.codePointAt(0) as number).toString(16).padStart(4, '0')}`);
}

export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
}

/** Reads `holdfast.yaml` and the inventory it names. Throws `ConfigProblems`; nothing of a wrong configuration is used. */
export async function loadConfig(file: string, { env, home }: Surroundings): Promise<Loaded> {
  const { text, mode } = await readConfigFile(file);
  const document = readDocument(file, text);
  if (document.data === null && document.problems.length === 0) throw noConfig(file, 'is empty');
  const shape = readShape(document.data);

  const at = (path: Path, part?: 'key' | 'value') => document.at(shape.original(path), part);
  const here = ({ path, says }: { path: Path; says: string }): Problem => ({ file, ...at(path), says });
  // After a line that is no YAML the parser guesses; what the schema says of that line is noise.
  const broken = new Set(document.problems.map(({ line }) => line));
  const shapeProblems = shape.problems.map(({ path, part, says }) => ({ file, ...document.at(path, part), says })).filter(({ line }) => !broken.has(line));
  // ssh refuses such a file, too: its commands and proxies are run.
  const open = mode & 0o002 ? [{ file, says: `can be changed by everyone on this machine, and names programs that are run: \`chmod o-w ${file}\`` }] : [];
  const secretProblems = (await fillSecrets(shape.config, { file, mode, env, home })).map(here);
  const { config, problems: environmentProblems } = settle(shape.config, file, env);
  const scriptProblems = await readScripts(config, file, at);
  const runbookProblems = (await readRunbooks(config, file)).map(here);
  const { fleet, problems: fleetProblems } = await readFleet(config, { file, env, home, at });
  const sourceLines = new Set(
    config.inventory.flatMap((source, index) => [at(['inventory', index]), at(['inventory', index, Object.keys(source)[0] as string])].map(({ line }) => line)),
  );
  const complete = fleetProblems.every((problem) => problem.file === file && !sourceLines.has(problem.line as number));
  const referenceProblems = checkReferences(config, { fleet, complete }).map(here);

  const problems = [
    ...open,
    ...document.problems,
    ...shapeProblems,
    ...secretProblems,
    ...environmentProblems,
    ...scriptProblems,
    ...runbookProblems,
    ...fleetProblems,
    ...referenceProblems,
  ];
  if (problems.length > 0) throw new ConfigProblems(inOrder(problems, file));
  return { config, fleet, people: peopleOf(config), file: resolve(file) };
}

function readFleet(config: Config, { file, env, home, at }: Surroundings & { file: string; at(path: Path): { line: number; column: number } }) {
  const { inventory, hosts, groups, sites, ssh } = config;
  const agent = ssh.agent === 'none' ? undefined : (ssh.agent ?? env.SSH_AUTH_SOCK);
  return buildFleet({ file, home, sources: inventory, hosts, groups, sites, ssh: { ...ssh, agent }, at });
}

async function readConfigFile(file: string): Promise<{ text: string; mode: number }> {
  try {
    const [text, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return { text, mode };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw noConfig(file, 'does not exist');
    throw new ConfigProblems([{ file, says: code === 'EISDIR' ? 'is a folder; name the file in it' : `cannot be read: ${code ?? message}` }]);
  }
}

const noConfig = (file: string, says: string): ConfigProblems =>
  new ConfigProblems([{ file, says: `${says}: run \`npx holdfast init --out ${file}\` to have one written from your inventory` }]);

/**
 * What the environment says where the file is silent. HOLDFAST_DATA goes before the file, because it is said to Holdfast
 * alone; DATABASE_URL and REDIS_URL may be meant for another program in the same shell, so the file goes before them.
 */
function settle(config: Config, file: string, env: Surroundings['env']): { config: Config; problems: Problem[] } {
  const settled = { ...config, data: env.HOLDFAST_DATA ? resolve(env.HOLDFAST_DATA) : resolve(dirname(file), config.data) };
  const problems: Problem[] = [];
  for (const [section, name] of [
    ['database', 'DATABASE_URL'],
    ['redis', 'REDIS_URL'],
  ] as const) {
    const value = env[name];
    if (settled[section] || !value) continue;
    const says = formOf(value, [section]);
    if (says) problems.push({ file: `${name} in the environment`, says });
    else settled[section] = { url: secret(value) };
  }
  return { config: settled, problems };
}

function peopleOf({ people, timezone }: Config): Person[] {
  return Object.entries(people).map(([name, entry]) => ({
    name,
    display: entry.name ?? name,
    roles: entry.role ?? [{ role: 'known' }],
    zone: entry.timezone ?? timezone,
    ...(entry.login ? { logins: entry.login } : {}),
    ...(entry.slack !== undefined && { slack: entry.slack }),
    ...(entry.discord !== undefined && { discord: entry.discord }),
    ...(entry.email !== undefined && { email: entry.email }),
    ...(entry.phone !== undefined && { phone: entry.phone }),
    ...(entry.ntfy !== undefined && { ntfy: entry.ntfy }),
    ...(entry.webhook !== undefined && { webhook: entry.webhook }),
    ...(entry.channels !== undefined && { channels: entry.channels }),
    ...(entry.quiet !== undefined && { quiet: entry.quiet }),
    ...(entry.prefer !== undefined && { prefer: entry.prefer }),
    ...(entry.pronoun !== undefined && { pronoun: entry.pronoun }),
  }));
}

/** The configuration first, from top to bottom; then the files it names, each together. */
function inOrder(problems: Problem[], file: string): Problem[] {
  const rank = (problem: Problem): string => (problem.file === file ? '' : problem.file);
  return problems.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)));
}
