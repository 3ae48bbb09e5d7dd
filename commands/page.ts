import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { didYouMean } from '../src/chat/nearest.ts';
import { choice, person, text } from '../src/chat/options.ts';
import { defaultsOf } from '../src/config/defaults.ts';
import { drillPolicy } from '../src/escalation/policy.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { recipientNamed, refuseTooMany } from '../src/paging/ask.ts';
import { askForPerson } from '../src/store/events.ts';

export const page = defineCommand({
  name: 'page',
  summary: 'Somebody must answer this: asks one after the other until one does; "page me" proves the path to you',
  examples: ['page web "db down"', 'page ada db is down', 'page web "db down" critical', 'page me'],
  role: 'anyone',
  root: 'oncall',
  options: z.object({
    who: person({ words: 'a person, what somebody answers for, or me' }),
    text: text({ words: 'what is wrong, in one line' }).optional(),
    urgency: choice(['low', 'high', 'critical'], { words: 'unsaid, high' }).optional(),
  }),
  async run({ options, actor, place }, ops) {
    const defaults = defaultsOf(ops.config());
    const to = recipientNamed(ops, options.who, actor, didYouMean);
    const drill = options.who.toLowerCase() === 'me';
    if (options.text === undefined && !drill) throw new Refusal(`Say what is wrong, in one line: page ${options.who} "the shop answers with 502"`);
    return {
      write: async (tx, line) => {
        if (!drill) await refuseTooMany(ops, tx, actor);
        const id = await askForPerson(tx, {
          text: options.text ?? 'a trial of the path; acknowledge it and see how long each channel took',
          urgency: options.urgency ?? (defaults['page.typed'] as 'high'),
          to,
          ...(drill && { policy: drillPolicy(actor.name, defaults) }),
          place,
          by: actor.name,
          at: line.at,
        });
        return { kind: 'page', id, waits: true };
      },
    };
  },
});
