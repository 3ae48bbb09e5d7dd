import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { flag, id, text } from '../src/chat/options.ts';
import { quoted } from '../src/chat/words.ts';
import { speak } from '../src/incidents/speak.ts';

export const incidentResolve = defineCommand({
  name: 'incident resolve',
  summary: 'Says that it is over; where the text forgets a host that was down, it asks first',
  examples: ['incident resolve INC-1 The cable was replaced, and nothing was lost for an hour.', 'incident resolve INC-1 "web01 is well again." anyway'],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    incident: id(['incident']).optional(),
    text: text({ words: 'what the public reads' }).optional(),
    anyway: flag({ words: 'also if it forgets a host that was down' }),
  }),
  run: ({ options }, ops) =>
    speak(ops, {
      type: 'resolved',
      verb: 'resolve',
      named: options.incident,
      text: options.text,
      anyway: options.anyway,
      line: (incident, said) => `incident resolve ${incident} ${quoted(said)}`,
    }),
});
