import type { Fleet } from '../fleet/fleet.ts';
import type { Host, HostState, Reach } from '../fleet/host.ts';
import type { Queries } from '../store/db.ts';
import { factsAsked, factsTyped, matchRule } from './match.ts';
import { openRules, type Rule } from './rule.ts';

export interface RulesWorld {
  records: Queries;
  fleet(): Fleet;
}

/** What the rules in force say of hosts and a job now. */
export interface Exclusions {
  /** Host → the rule that leaves it out. */
  excluded: Map<string, { rule: string; because: string }>;
  /** Host → packages that rules keep off it. */
  keptOff: Map<string, { rule: string; pattern: string }[]>;
  /** Rules whose facts are absent on some of these hosts: said, never taken for a match. `E1: xen is not known of 12 hosts` */
  notes: string[];
}

/** Facts are judged as they are known at this moment; asked once when a run is planned and again as each wave begins. */
export async function exclusionsFor(world: RulesWorld, { job, hosts }: { job: string; hosts: readonly Host[] }): Promise<Exclusions> {
  const found: Exclusions = { excluded: new Map(), keptOff: new Map(), notes: [] };
  const rules = (await openRules(world.records)).filter(({ applies }) => applies.job === undefined || applies.job === job);
  if (rules.length === 0 || hosts.length === 0) return found;
  const states = await statesOf(world.records, rules, hosts);
  for (const rule of rules) apply(found, rule, hosts, world.fleet(), states);
  return found;
}

function apply(found: Exclusions, rule: Rule, hosts: readonly Host[], fleet: Fleet, states: ReadonlyMap<string, HostState>): void {
  const { id, applies } = rule;
  const match = matchRule(rule.expression, hosts, fleet, states);
  const because = match.unreadable ? `${id} can no longer be read (${match.unreadable}): undo ${id}, or make it anew` : rule.because;
  for (const host of match.hosts) {
    if (applies.package !== undefined) {
      const own = found.keptOff.get(host);
      if (own) own.push({ rule: id, pattern: applies.package });
      else found.keptOff.set(host, [{ rule: id, pattern: applies.package }]);
    } else if (!found.excluded.has(host)) found.excluded.set(host, { rule: id, because });
  }
  if (match.unreadable) found.notes.push(because);
  if (match.absent.length > 0) found.notes.push(sayAbsent(rule, match.absent.length));
}

/** `E1 asks for xen, which is absent on 12 hosts: it does not hold for them` */
export function sayAbsent({ id, expression }: Pick<Rule, 'id' | 'expression'>, hosts: number): string {
  const facts = factsTyped(expression);
  return `${id} asks for ${facts.join(' and ')}, ${facts.length > 1 ? 'of which one is' : 'which is'} absent on ${hosts} ${hosts === 1 ? 'host: it does not hold for it' : 'hosts: it does not hold for them'}`;
}

/** Hosts read by one statement: the embedded database keeps for ever what its largest answer took. */
const AT_ONCE = 500;

/** Only the facts that these rules ask for. */
const statesOf = (db: Queries, rules: readonly Pick<Rule, 'expression'>[], hosts: readonly Host[]): Promise<Map<string, HostState>> =>
  factsNamed(db, [...new Set(rules.flatMap(({ expression }) => factsAsked(expression)))], hosts);

/** What is known of hosts, with these facts only; all facts of 5,000 hosts would be read for a few words of each. */
export async function factsNamed(db: Queries, names: readonly string[], hosts: readonly Host[]): Promise<Map<string, HostState>> {
  const states = new Map<string, HostState>();
  if (names.length === 0) return states;
  for (let n = 0; n < hosts.length; n += AT_ONCE) {
    const rows = await db.query<{ host: string; reach: Reach; asked: Date; facts: HostState['facts']; findings: HostState['findings'] }>(
      `select host, reach, asked, findings,
              (select coalesce(jsonb_object_agg(name, facts -> name), '{}') from jsonb_array_elements_text($2::jsonb) as name where facts ? name) as facts
       from facts where host = any ($1)`,
      [hosts.slice(n, n + AT_ONCE).map(({ name }) => name), JSON.stringify(names)],
    );
    for (const { host, reach, asked, facts, findings } of rows) states.set(host, { host, reach, askedAt: asked.getTime(), facts, findings });
  }
  return states;
}
