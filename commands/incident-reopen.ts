import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { id, text } from '../src/chat/options.ts';
import { quoted } from '../src/chat/words.ts';
import { speak } from '../src/incidents/speak.ts';

export const incidentReopen = defineCommand({
  name: 'incident reopen',
  summary: 'Says that it is not over after all',
  examples: ['incident reopen INC-1 It happens again.', 'incident reopen It happens again.'],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({ incident: id(['incident']).optional(), text: text({ words: 'what the public reads' }).optional() }),
  run: ({ options }, ops) =>
    speak(ops, {
      type: 'reopened',
      verb: 'reopen',
      named: options.incident,
      text: options.text,
      line: (incident, said) => `incident reopen ${incident} ${quoted(said)}`,
    }),
});
