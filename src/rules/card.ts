import type { Card, Moment } from '../chat/card.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { Refusal } from '../lib/refusal.ts';
import { moment } from '../rollout/words.ts';
import { factsNamed, type RulesWorld, sayAbsent } from './exclusions.ts';
import { factsAsked, type Match, matchRule } from './match.ts';
import { lastRules, type Rule, ruleNamed, sayApplies } from './rule.ts';

/** Domain time, and the IANA zone of the place it is shown in. */
interface Told {
  now: number;
  zone: string;
  moments?: Moment[];
}

/** `show E1`: what it says, for whom it holds now, and of whom it cannot be said. Throws Refusal where there is none. */
export async function ruleShown(world: RulesWorld, id: string, told: Told): Promise<{ card: Card; json: Record<string, unknown> }> {
  const rule = await ruleNamed(world.records, id);
  if (!rule) throw new Refusal(`There is no rule ${id}. "show rules" lists what there is.`);
  const match = await matchNow(world, rule);
  return { card: ruleCard(rule, match, told), json: ruleJson(rule, match) };
}

/** `show rules` */
export async function rulesShown(world: RulesWorld, told: Told): Promise<{ card: Card; json: { rules: Record<string, unknown>[] } }> {
  const rules = await lastRules(world.records);
  const open = rules.filter(({ state }) => state === 'open');
  return {
    card: {
      title: open.length === 0 ? 'No rule is in force.' : `${open.length} ${open.length === 1 ? 'rule is' : 'rules are'} in force`,
      ...(rules.length > 0 && {
        table: {
          columns: ['id', 'hosts', 'stay off', 'because', 'owner', 'until'],
          rows: rules.map((rule) => [rule.id, rule.expression, sayApplies(rule.applies), rule.because, rule.owner, sayUntil(rule, told)]),
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

export function ruleCard(rule: Rule, match: Match, asked: Told): Card {
  const told = { ...asked, moments: [] };
  const { id, expression, applies, because, owner, made } = rule;
  return {
    title: `${id}${rule.state === 'ended' ? ' (ended)' : ''}: ${expression} stays off ${sayApplies(applies)}`,
    tone: match.unreadable ? 'bad' : rule.state === 'ended' ? 'quiet' : 'attention',
    body: [`because ${because}`, ...(rule.state === 'open' ? sayMatch(rule, match) : [])],
    fields: [
      { name: 'owner', value: owner },
      { name: 'made', value: sayTime(made, told) },
      { name: 'until', value: sayUntil(rule, told) },
    ],
    ...(rule.state === 'open' && { actions: [{ label: 'End it', command: `undo ${id}` }] }),
    moments: told.moments,
  };
}

/** How many it holds for now, who they are, and of whom it cannot be said. */
export function sayMatch(rule: Pick<Rule, 'id' | 'expression'>, { hosts, absent, unreadable }: Match): string[] {
  if (unreadable) return [`It can no longer be read, so it holds for every host: ${unreadable}`];
  const now =
    hosts.size === 0 ? 'It holds for no host now.' : `It holds for ${hosts.size === 1 ? '1 host' : `${hosts.size} hosts`} now: ${foldNames([...hosts])}`;
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

const sayTime = (at: Date, told: Told): string => moment(at.getTime(), told);

function sayUntil({ state, until, asked, ended }: Rule, told: Told): string {
  if (state === 'ended') return ended ? `ended ${sayTime(ended, told)}` : 'ended';
  if (!until) return 'somebody ends it';
  return `${sayTime(until, told)}${asked ? ', the owner is asked' : ''}`;
}
