import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { person } from '../src/chat/options.ts';
import { peopleOf } from '../src/escalation/troubles.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { dutyOf } from '../src/oncall/card.ts';
import { comeBack } from '../src/oncall/rows.ts';
import { loadStanding } from '../src/oncall/standing.ts';
import { rank, strongestRole } from '../src/people.ts';

export const back = defineCommand({
  name: 'back',
  summary: 'You are asked again: ends away, what was presumed of you, and covers of you by others',
  examples: ['back'],
  role: 'known',
  root: 'oncall',
  peopleOnly: true,
  unscoped: true,
  options: z.object({ whom: person({ words: 'an operator may say it of somebody else' }).optional() }),
  async run({ options, actor }, ops) {
    const name = options.whom === undefined || options.whom === 'me' ? actor.name : options.whom;
    if (!ops.people().some((one) => one.name === name)) throw new Refusal(`There is nobody called "${name}" under \`people\`.`);
    if (name !== actor.name && rank(strongestRole(actor)) < rank('operator')) throw new Refusal(`To say that ${name} is back takes an operator.`);
    return {
      async write(tx, line) {
        const { wasAway, covered } = await comeBack(tx, name, { by: actor.name, at: line.at });
        for (const person of covered.filter((one) => one !== actor.name))
          await ops.tell.tell(tx, {
            key: `back:${line.inboxId} ${person}`,
            to: { person },
            card: { title: `${name} is back: you cover no longer`, tone: 'quiet' },
            asked: line.place,
            at: line.at,
          });
        const standing = await loadStanding(tx, ops);
        const duties = [...standing.services.values()]
          .filter((service) => peopleOf(service, standing).includes(name))
          .map((service) => dutyOf(service, standing, line.at));
        const first = duties.filter(({ now }) => now.ask[0]?.person === name).map(({ service }) => service.name);
        return {
          card: {
            title: wasAway || covered.length > 0 ? `${name} is back` : `${name} was not away`,
            tone: 'good',
            body: [
              ...(covered.length > 0 ? [`${covered.join(', ')} cover${covered.length === 1 ? 's' : ''} no longer`] : []),
              first.length > 0 ? `asked first for ${first.join(', ')}` : `asked first for nothing now`,
            ],
          },
          json: { back: name, was_away: wasAway, covers_ended: covered, first: first },
        };
      },
    };
  },
});
