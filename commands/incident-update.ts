import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { id, text } from '../src/chat/options.ts';
import { quoted } from '../src/chat/words.ts';
import { speak } from '../src/incidents/speak.ts';

export const incidentUpdate = defineCommand({
  name: 'incident update',
  summary: 'Says more for the public; its state stays, and the next update is promised',
  examples: ['incident update INC-1 We believe it is the cable.', 'incident update We believe it is the cable.'],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({ incident: id(['incident']).optional(), text: text({ words: 'what the public reads' }).optional() }),
  run: ({ options }, ops) =>
    speak(ops, {
      type: 'updated',
      verb: 'update',
      named: options.incident,
      text: options.text,
      line: (incident, said) => `incident update ${incident} ${quoted(said)}`,
    }),
});
