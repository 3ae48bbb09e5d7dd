import type { Fleet } from '../fleet/fleet.ts';
import { looksSecret } from '../fleet/inventory/secrets.ts';
import { parseCondition } from '../fleet/target/condition.ts';
import { askableFacts } from '../fleet/target/facts.ts';
import { prepareCondition } from '../fleet/target/judge.ts';
import { parseTarget } from '../fleet/target/parse.ts';
import { groupsNotIn, selectHosts } from '../fleet/target/select.ts';
import { Refusal } from '../lib/refusal.ts';
import { checkAutomation } from './check-automation.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkChat } from './check-chat.ts';
import { checkIntegrations } from './check-integrations.ts';
import { checkPaging } from './check-paging.ts';
import { checkProviders } from './check-providers.ts';
import { checkComponents } from './components.ts';
import type { Path } from './document.ts';
import { checkHooks } from './hooks.ts';
import { meant } from './meant.ts';
import { checkPower } from './power.ts';
import type { Config } from './schema.ts';
import { checkWindows } from './windows.ts';

export interface ReferenceProblem {
  path: Path;
  says: string;
}

export interface Known {
  fleet: Fleet;
  /** Every source of the inventory could be read, so a name that is not in the fleet is a mistake. */
  complete: boolean;
}

/** What parts of a configuration say of each other that does not hold: people, groups and hosts nobody knows, two of one thing. */
export function checkReferences(config: Config, known: Known): ReferenceProblem[] {
  return [
    ...checkPeople(config, known),
    ...checkGroups(config),
    ...checkHazards(config, known),
    ...Object.entries(config.groups).flatMap(([name, { hooks }]) => (hooks ? checkHooks(name, hooks, { scripts: config.scripts, fleet: known.fleet }) : [])),
    ...checkPower(config.power, known),
    ...checkWindows(config.windows, known),
    ...checkOnStop(config, known),
    ...checkSecretsElsewhere(config),
    ...checkStores(config),
    ...checkChat(config, (target) => wrongTarget(target, Object.keys(config.people), known)),
    ...checkProviders(config),
    ...checkAutomation(config, known, (target) => wrongTarget(target, Object.keys(config.people), known)),
    ...checkCertificates(config, known),
    ...checkIntegrations(config),
    ...checkPaging(config, (target) => wrongTarget(target, Object.keys(config.people), known)),
    ...checkComponents(config, (target) => wrongTarget(target, Object.keys(config.people), known)),
  ];
}

function checkOnStop({ on_stop: hooks, scripts, people }: Config, known: Known): ReferenceProblem[] {
  return hooks.flatMap(({ script, on }, at): ReferenceProblem[] => {
    const target = wrongTarget(on, Object.keys(people), known);
    return [
      ...(Object.hasOwn(scripts, script)
        ? []
        : [{ path: ['on_stop', at, 'script'], says: `\`on_stop\` names the script ${JSON.stringify(script)}, which is not under \`scripts\`` }]),
      ...(target ? [{ path: ['on_stop', at, 'on'], says: `\`on_stop[${at}].on\` ${target}` }] : []),
    ];
  });
}

function checkPeople({ people }: Config, known: Known): ReferenceProblem[] {
  const problems: ReferenceProblem[] = [];
  const names = Object.keys(people);
  for (const [name, person] of Object.entries(people)) {
    for (const [at, { scope }] of (person.role ?? []).entries()) {
      const says = scope === undefined ? undefined : wrongTarget(scope, names, known);
      if (says) problems.push({ path: ['people', name, 'role', at], says: `\`people.${name}.role\` ${says}` });
    }
  }
  const taken = new Map<string, string>();
  for (const [name, person] of Object.entries(people)) {
    const { slack, discord, email, phone } = person;
    const ids: [string, string | undefined, Path][] = [
      ...(person.login ?? []).map((login, at): [string, string, Path] => ['login', login, ['people', name, 'login', at]]),
      ...Object.entries({ slack, discord, email: email?.toLowerCase(), phone }).map(([kind, id]): [string, string | undefined, Path] => [
        kind,
        id,
        ['people', name, kind],
      ]),
    ];
    for (const [kind, id, path] of ids) {
      if (id === undefined) continue;
      const other = taken.get(`${kind} ${id}`);
      if (other) problems.push({ path, says: `\`people.${name}.${kind}\` is also that of ${other}; whoever uses it could be either` });
      else taken.set(`${kind} ${id}`, name);
    }
  }
  return problems;
}

function checkGroups({ groups, people }: Config): ReferenceProblem[] {
  return Object.entries(groups).flatMap(([name, { owner }]) =>
    owner === undefined || Object.hasOwn(people, owner)
      ? []
      : [
          {
            path: ['groups', name, 'owner'],
            says: `\`groups.${name}.owner\`: nobody under \`people\` is called \`${owner}\`${meant(owner, Object.keys(people))}`,
          },
        ],
  );
}

function checkHazards({ hazards }: Config, { fleet, complete }: Known): ReferenceProblem[] {
  return hazards.flatMap(({ name, when }, at) => {
    const problems: ReferenceProblem[] = [];
    const first = hazards.findIndex((hazard) => hazard.name === name);
    if (first < at) problems.push({ path: ['hazards', at, 'name'], says: `hazard \`${name}\` is given twice` });
    const says = refusalOf(() => {
      const condition = parseCondition(when, 0);
      if (complete) prepareCondition(condition, askableFacts(fleet));
    });
    if (says) problems.push({ path: ['hazards', at, 'when'], says: `hazard \`${name}\`: ${says}` });
    return problems;
  });
}

/** Arguments are seen by everyone on a machine, variables by everyone in the channel; other values are no secrets. */
function checkSecretsElsewhere(config: Config): ReferenceProblem[] {
  const problems: ReferenceProblem[] = [];
  const look = (value: unknown, path: Path): void => {
    if (typeof value === 'string') {
      if (/\$\{(env|file):/.test(value))
        problems.push({
          path,
          says: `\`${path.filter((step) => typeof step === 'string').join('.')}\` has a \${…}; only secrets are read that way: database.url, redis.url, automation.*.key, integrations.*.key, heartbeats.*.key, people.*.ntfy, people.*.webhook, power.*.ipmi.password, power.*.command.env, slack and discord tokens, passwords and tokens of providers, URLs of heartbeats`,
        });
    } else if (typeof value === 'object' && value !== null && !('reveal' in value) && !('markdown' in value)) {
      for (const [key, inner] of Object.entries(value)) look(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  };
  look(config, []);
  for (const [host, { vars }] of Object.entries(config.hosts)) {
    for (const [key, value] of Object.entries(vars ?? {})) {
      if (!looksSecret(key, value)) continue;
      problems.push({
        path: ['hosts', host, 'vars', key],
        says: `\`hosts.${host}.vars.${key}\` looks like a secret, and variables are facts that \`show\` prints; take it out. Holdfast logs in by key or agent`,
      });
    }
  }
  return problems;
}

function checkStores({ redis, database }: Config): ReferenceProblem[] {
  if (!redis || database) return [];
  return [{ path: ['redis'], says: '`redis` needs `database`: with Redis the truth is kept on a Postgres server; add `database`, or take `redis` out' }];
}

/** Sets that come and go while Holdfast runs; nothing can be said of them beforehand. */
const LIVE = /^(down|INC-\d+|[RHE]\d+(:[a-z]+)?)$/i;

function wrongTarget(text: string, people: string[], { fleet, complete }: Known): string | undefined {
  const unknown: string[] = [];
  const says = refusalOf(() => {
    const { steps, where } = parseTarget(text);
    const live = new Map<string, readonly string[]>();
    for (const group of groupsNotIn(fleet.groups, steps)) {
      const owner = /^owner:(.+)$/.exec(group)?.[1];
      if (owner !== undefined && !people.includes(owner)) unknown.push(`nobody under \`people\` is called \`${owner}\`${meant(owner, people)}`);
      if (owner !== undefined || LIVE.test(group)) live.set(group, []);
    }
    if (!complete) return;
    selectHosts(steps, { hosts: [...fleet.hosts.keys()], groups: fleet.groups, live, liveNames: [] });
    if (where) prepareCondition(where, askableFacts(fleet));
  });
  return [...unknown, ...(says ? [says] : [])].join('; ') || undefined;
}

function refusalOf(read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}
