import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { because, duration, id } from '../src/chat/options.ts';
import { acknowledge } from '../src/paging/answer.ts';
import { whichPage } from '../src/paging/which.ts';

export const ack = defineCommand({
  name: 'ack',
  summary: 'I have it: nobody else is asked, and everyone who was is told; while it burns it asks again later',
  examples: ['ack', 'ack PG1', 'ack PG1 for 30m', 'ack for 30m'],
  role: 'known',
  root: 'oncall',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    page: id(['page']).optional(),
    for: duration({ words: 'until it asks again' }).optional(),
    because: because({ words: 'what others should know; whoever is asked later reads it' }).optional(),
  }),
  async run({ options, actor, place }, ops) {
    const found = await whichPage(ops.records, actor, { named: options.page, verb: 'ack', states: ['open'] });
    if (!('page' in found)) return found;
    return {
      write: async (tx, line) => {
        await acknowledge(
          tx,
          { page: found.page, by: actor.name, place, at: line.at },
          { ...(options.for !== undefined && { lasts: options.for }), ...(options.because !== undefined && { because: options.because }) },
        );
        return { kind: 'page', id: found.page, waits: true };
      },
    };
  },
});
