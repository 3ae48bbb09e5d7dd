import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { flag } from '../src/chat/options.ts';
import { boardEnded, boardLink } from '../src/status/board/ask.ts';

export const board = defineCommand({
  name: 'board',
  summary: 'A link to the board, for you alone: incidents, runs, pages, holds and who is on call, live',
  examples: ['board', 'board end'],
  role: 'known',
  peopleOnly: true,
  options: z.object({ end: flag({ words: 'closes it in every browser in which you opened it' }) }),
  run: async ({ options, actor, place }, ops) => (options.end ? boardEnded(actor) : boardLink(ops, actor, place)),
});
