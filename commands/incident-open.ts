import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { choice, target, text } from '../src/chat/options.ts';
import { SEVERITIES } from '../src/incident/shapes.ts';
import { openByPerson } from '../src/incidents/open-by-person.ts';

export const incidentOpen = defineCommand({
  name: 'incident open',
  summary: 'Tells everybody that something is wrong: the title is public at once, an update is promised',
  examples: [
    'incident open "the shop is slow"',
    'incident open "hosts in Brisbane do not answer" severity critical affects @bne',
    'incident open the shop is slow',
  ],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    title: text({ words: 'what the public reads first' }).optional(),
    severity: choice(SEVERITIES, { keyword: 'severity', words: 'unsaid, major' }).optional(),
    affects: target({ keyword: 'affects', words: 'hosts it touches; their components follow' }).optional(),
  }),
  run: ({ options, actor, place }, ops) => openByPerson(ops, { ...options, actor, place }),
});
