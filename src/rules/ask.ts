import type { Defaults } from '../config/defaults.ts';
import { askForPerson, record } from '../store/events.ts';
import type { TimerHandler } from '../store/timers.ts';
import { ruleNamed, sayApplies } from './rule.ts';

/**
 * The time a rule was made for is over: its owner is asked, then again every day. It stays in force until a person ends it; a
 * host that dies of a forgotten rule's end is worse than one that waits for a patch.
 */
export function askAboutRule(world: { now(): number; defaults(): Pick<Defaults, 'hold.ask_again'> }): TimerHandler {
  return async (tx, timer) => {
    const rule = await ruleNamed(tx, timer.ref);
    if (rule?.state !== 'open' || !rule.until) return undefined;
    const at = world.now();
    // Renewed since: it ends later.
    if (rule.until.getTime() > at) return rule.until.getTime();
    const { id, owner, expression, applies, because } = rule;
    const text = `${id} was made by ${owner} until now: ${expression} stays off ${sayApplies(applies)} because ${because}. It is still in force. "undo ${id}" ends it; the same exclude with a later until keeps it.`;
    await askForPerson(tx, { text, urgency: 'low', about: id, by: owner, at });
    await record(tx, { thing: id, type: 'asked', data: { owner }, by: 'holdfast', at });
    await tx.query(`update rules set asked = $2, rev = rev + 1 where id = $1`, [id, new Date(at)]);
    return at + world.defaults()['hold.ask_again'];
  };
}
