import type { Card } from '../chat/card.ts';
import type { Place } from '../chat/command.ts';
import type { Defaults } from '../config/defaults.ts';
import type { Tell } from '../deliver/tell.ts';
import { askForPerson, record } from '../store/events.ts';
import type { TimerHandler } from '../store/timers.ts';
import { ruleNamed, sayApplies } from './rule.ts';

/**
 * The time a rule was made for is over: its owner is asked, then again every day. It stays in force until a person ends it; a
 * host that dies of a forgotten rule's end is worse than one that waits for a patch.
 */
export function askAboutRule(world: { now(): number; defaults(): Pick<Defaults, 'hold.ask_again'>; tell: Tell }): TimerHandler {
  return async (tx, timer) => {
    const rule = await ruleNamed(tx, timer.ref);
    if (rule?.state !== 'open' || !rule.until) return undefined;
    const at = world.now();
    // Renewed since: it ends later.
    if (rule.until.getTime() > at) return rule.until.getTime();
    const { id, owner, expression, applies, because, place } = rule;
    const title = `${id} was made until now: ${expression} stays off ${sayApplies(applies)} because ${because}. It is still in force`;
    const card: Card = {
      title,
      tone: 'attention',
      body: ['Nothing ends it but a person. The same exclude with a later until keeps it.'],
      actions: [{ label: 'End it', command: `undo ${id}` }],
    };
    const more = { ...(card.body && { body: card.body }), ...(card.actions && { actions: card.actions }) };
    const page = await askForPerson(tx, { text: title, urgency: 'low', about: id, more, by: 'holdfast', at });
    await record(tx, { thing: id, type: 'asked', data: { owner, page }, by: 'holdfast', at });
    await world.tell.tell(tx, { key: `rule:${id} end ${at}`, to: { person: owner }, card, ...(isPlace(place) && { asked: place }), paged: true, at });
    await tx.query(`update rules set asked = $2, rev = rev + 1 where id = $1`, [id, new Date(at)]);
    return at + world.defaults()['hold.ask_again'];
  };
}

const isPlace = (place: Partial<Place>): place is Place => place.platform !== undefined && place.channel !== undefined;
