import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { didYouMean } from '../src/chat/nearest.ts';
import { because, id, person } from '../src/chat/options.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { passOn } from '../src/paging/answer.ts';
import { recipientNamed } from '../src/paging/ask.ts';
import { whichPage } from '../src/paging/which.ts';

export const pass = defineCommand({
  name: 'pass',
  summary: 'Not me: whoever is next is asked at once, or somebody by name',
  examples: ['pass', 'pass PG1', 'pass PG1 to pepe', 'pass PG1 because the script is on the wiki and I am ill'],
  role: 'known',
  root: 'oncall',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    page: id(['page']).optional(),
    to: person({ keyword: 'to', words: 'who is to have it' }).optional(),
    because: because({ words: 'what whoever is next should know' }).optional(),
  }),
  async run({ options, actor, place }, ops) {
    const found = await whichPage(ops.records, actor, { named: options.page, verb: 'pass', states: ['open', 'acked'] });
    if (!('page' in found)) return found;
    const to = options.to === undefined ? undefined : recipientNamed(ops, options.to, actor, didYouMean);
    if (to?.startsWith('service:')) throw new Refusal(`"${options.to}" is no person. A page is passed to a person, or without a name to whoever is next.`);
    const name = to?.replace('person:', '');
    if (name === actor.name) throw new Refusal(`That is you. "ack ${found.page}" says that you have it.`);
    return {
      card: { title: `${found.page} goes to ${name ?? 'whoever is next'} now.`, tone: 'attention' },
      json: { id: found.page, passed_to: name ?? null },
      write: async (tx, line) => {
        await passOn(
          tx,
          { page: found.page, by: actor.name, place, at: line.at },
          { ...(name !== undefined && { to: name }), ...(options.because !== undefined && { because: options.because }) },
        );
        return undefined;
      },
    };
  },
});
