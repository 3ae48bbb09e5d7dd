import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { duration, id, text } from '../src/chat/options.ts';
import { quoted } from '../src/chat/words.ts';
import { speak } from '../src/incidents/speak.ts';

export const incidentIdentify = defineCommand({
  name: 'incident identify',
  summary: 'Says that the cause is known',
  examples: ['incident identify INC-1 It is the cable.', 'incident identify It is the cable.'],
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
      type: 'identified',
      verb: 'identify',
      named: options.incident,
      text: options.text,
      next: options.next,
      line: (incident, said) => `incident identify ${incident} ${quoted(said)}`,
    }),
});
