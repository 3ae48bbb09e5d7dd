import type { Place } from '../chat/command.ts';
import type { Tx } from '../store/db.ts';
import { nextId, record } from '../store/events.ts';
import { toJsonb, toText } from '../store/json.ts';
import { armTimer } from '../store/timers.ts';
import type { Applies, Rule } from './rule.ts';

/** The kind of the timer that asks the owner at the end of a rule. */
export const RULE_ENDS = 'rule';

/** Makes a rule; one in force that says the same of the same hosts is renewed instead, under its id. Answers the id. */
export async function makeRule(
  tx: Tx,
  rule: { expression: string; applies: Applies; by: string; because: string; until?: number; place: Place; at: number },
): Promise<{ id: string; renewed: boolean }> {
  const { expression, applies, by, at } = rule;
  const until = rule.until === undefined ? null : new Date(rule.until);
  const [same] = await tx.query<{ id: string }>(
    `update rules set owner = $3, because = $4, until = $5, asked = null, rev = rev + 1, place = $6
     where state = 'open' and expression = $1 and applies = $2 returning id`,
    [expression, toJsonb(applies), by, toText(rule.because), until, toJsonb(rule.place)],
  );
  const id = same?.id ?? (await nextId(tx, 'E'));
  if (!same) {
    await tx.query(`insert into rules (id, expression, applies, owner, because, made, until, place) values ($1, $2, $3, $4, $5, $6, $7, $8)`, [
      id,
      expression,
      toJsonb(applies),
      by,
      toText(rule.because),
      new Date(at),
      until,
      toJsonb(rule.place),
    ]);
  }
  await record(tx, { thing: id, type: same ? 'renewed' : 'made', data: { expression, applies, because: rule.because, until }, by, at });
  if (rule.until === undefined) await tx.query(`delete from timers where kind = $1 and ref = $2`, [RULE_ENDS, id]);
  else await armTimer(tx, { kind: RULE_ENDS, ref: id, due: rule.until });
  return { id, renewed: same !== undefined };
}

/** Ends a rule: plans made from now on do not see it. Nothing when it is none, or ended already. */
export async function endRule(tx: Tx, id: string, by: string, at: number): Promise<Rule | undefined> {
  const [rule] = await tx.query<Rule>(`update rules set state = 'ended', ended = $2, rev = rev + 1 where id = $1 and state = 'open' returning *`, [
    id,
    new Date(at),
  ]);
  if (!rule) return undefined;
  await tx.query(`delete from timers where kind = $1 and ref = $2`, [RULE_ENDS, id]);
  await record(tx, { thing: id, type: 'ended', data: {}, by, at });
  return rule;
}
