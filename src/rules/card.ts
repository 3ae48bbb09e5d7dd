import type { Card } from '../chat/card.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { Refusal } from '../lib/refusal.ts';
import { factsNamed, type RulesWorld, sayAbsent } from './exclusions.ts';
import { factsAsked, type Match, matchRule } from './match.ts';
import { lastRules, type Rule, ruleNamed, sayApplies } from './rule.ts';

/** `show E1`: what it says, for whom it holds now, and of whom it cannot be said. Throws Refusal where there is none. */
export async function ruleShown(world: RulesWorld, id: string): Promise<{ card: Card; json: Record<string, unknown> }> {
  const rule = await ruleNamed(world.records, id);
  if (!rule) throw new Refusal(`There is no rule ${id}. "show rules" lists what there is.`);
  const match = await matchNow(world, rule);
  return { card: ruleCard(rule, match), json: ruleJson(rule, match) };
}

/** `show rules` */
export async function rulesShown(world: RulesWorld): Promise<{ card: Card; json: { rules: Record<string, unknown>[] } }> {
  const rules = await lastRules(world.records);
  const open = rules.filter(({ state }) => state === 'open');
  return {
    card: {
      title: open.length === 0 ? 'No rule is in force.' : `${open.length} ${open.length === 1 ? 'rule is' : 'rules are'} in force`,
      ...(rules.length > 0 && {
        table: {
          columns: ['id', 'hosts', 'stay off', 'because', 'owner', 'until'],
          rows: rules.map((rule) => [rule.id, rule.expression, sayApplies(rule.applies), rule.because, rule.owner, sayUntil(rule)]),
        },
      }),
    },
    json: { rules: rules.map((rule) => ruleJson(rule)) },
  };
}

export async function matchNow(world: RulesWorld, rule: Pick<Rule, 'expression'>): Promise<Match> {
  const fleet = world.fleet();
  const hosts = [...fleet.hosts.values()];
  return matchRule(rule.expression, hosts, fleet, await factsNamed(world.records, factsAsked(rule.expression), hosts));
}

export function ruleCard(rule: Rule, match: Match): Card {
  const { id, expression, applies, because, owner, made } = rule;
  return {
    title: `${id}${rule.state === 'ended' ? ' (ended)' : ''}: ${expression} stays off ${sayApplies(applies)}`,
    tone: match.unreadable ? 'bad' : rule.state === 'ended' ? 'quiet' : 'attention',
    body: [`because ${because}`, ...(rule.state === 'open' ? sayMatch(rule, match) : [])],
    fields: [
      { name: 'owner', value: owner },
      { name: 'made', value: made.toISOString() },
      { name: 'until', value: sayUntil(rule) },
    ],
    ...(rule.state === 'open' && { actions: [{ label: 'End it', command: `undo ${id}` }] }),
  };
}

/** How many it holds for now, who they are, and of whom it cannot be said. */
export function sayMatch(rule: Pick<Rule, 'id' | 'expression'>, { hosts, absent, unreadable }: Match): string[] {
  if (unreadable) return [`It can no longer be read, so it holds for every host: ${unreadable}`];
  const now = hosts.size === 0 ? 'It holds for no host now.' : `It holds for ${hosts.size} now: ${foldNames([...hosts])}`;
  return [now, ...(absent.length > 0 ? [`${sayAbsent(rule, absent.length)} (${foldNames([...absent])}).`] : [])];
}

/** Stable; docs/json.md. */
export function ruleJson(rule: Rule, match?: Match): Record<string, unknown> {
  const { id, expression, applies, state, owner, because, made, until, ended } = rule;
  return {
    id,
    target: expression,
    ...applies,
    state,
    owner,
    because,
    made: made.toISOString(),
    until: until?.toISOString() ?? null,
    ended: ended?.toISOString() ?? null,
    ...(match && { hosts: [...match.hosts], absent: match.absent, ...(match.unreadable && { unreadable: match.unreadable }) }),
  };
}

function sayUntil({ state, until, asked, ended }: Rule): string {
  if (state === 'ended') return `ended ${ended?.toISOString() ?? ''}`;
  if (!until) return 'somebody ends it';
  return `${until.toISOString()}${asked ? ', the owner is asked' : ''}`;
}
