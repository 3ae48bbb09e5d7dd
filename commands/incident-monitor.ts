import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { duration, id, text } from '../src/chat/options.ts';
import { quoted } from '../src/chat/words.ts';
import { speak } from '../src/incidents/speak.ts';

export const incidentMonitor = defineCommand({
  name: 'incident monitor',
  summary: 'Says that it is mended and watched',
  examples: ['incident monitor INC-1 The cable was replaced.', 'incident monitor The cable was replaced.'],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    incident: id(['incident']).optional(),
    text: text({ words: 'what the public reads' }).optional(),
    next: duration({ keyword: 'next', words: 'until the next update; unsaid, by severity' }).optional(),
  }),
  run: ({ options }, ops) =>
    speak(ops, {
      type: 'monitoring',
      verb: 'monitor',
      named: options.incident,
      text: options.text,
      next: options.next,
      line: (incident, said) => `incident monitor ${incident} ${quoted(said)}`,
    }),
});
