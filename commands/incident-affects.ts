import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { because, flag, id, target, word } from '../src/chat/options.ts';
import { affect } from '../src/incidents/affect.ts';

export const incidentAffects = defineCommand({
  name: 'incident affects',
  summary: 'Which hosts it touches; and puts right what the outage table says of one, with a trace',
  examples: [
    'incident affects INC-1 @web',
    'incident affects INC-1 web03 down 20:57 up 21:30 because the console says so',
    'incident affects INC-1 web03 cause "kernel panic"',
    'incident affects INC-1 web03 not because it was switched off for another reason',
  ],
  role: 'operator',
  peopleOnly: true,
  options: z.object({
    incident: id(['incident']).optional(),
    target: target({ words: 'the hosts' }),
    down: word({ keyword: 'down', words: 'when it went down: 20:57, or 2026-11-23T20:57' }).optional(),
    up: word({ keyword: 'up', words: 'when it was back' }).optional(),
    cause: word({ keyword: 'cause', words: 'why it was down, in quotes' }).optional(),
    not: flag({ words: 'these were not affected' }),
    because: because({ words: 'how you know' }).optional(),
  }),
  run: ({ options, actor, place }, ops) => affect(ops, { ...options, actor, place }),
});
