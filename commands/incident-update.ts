import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { duration, id, text } from '../src/chat/options.ts';
import { quoted } from '../src/chat/words.ts';
import { speak } from '../src/incidents/speak.ts';

export const incidentUpdate = defineCommand({
  name: 'incident update',
  summary: 'Says more for the public; its state stays, and the next update is promised',
  examples: [
    'incident update INC-1 We believe it is the cable.',
    'incident update We believe it is the cable.',
    'incident update "The vendor is on the way." next 2h',
  ],
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
      type: 'updated',
      verb: 'update',
      named: options.incident,
      text: options.text,
      next: options.next,
      line: (incident, said) => `incident update ${incident} ${quoted(said)}`,
    }),
});
