import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { duration, id, text } from '../src/chat/options.ts';
import { quoted } from '../src/chat/words.ts';
import { type Speech, speak } from '../src/incidents/speak.ts';

/** The verbs that say more for the public of an incident that goes on, and promise the next update. */
export const incidentSpeak = [
  saying('update', 'updated', 'Says more for the public; its state stays, and the next update is promised', [
    'incident update INC-1 We believe it is the cable.',
    'incident update We believe it is the cable.',
    'incident update "The vendor is on the way." next 2h',
  ]),
  saying('identify', 'identified', 'Says that the cause is known', ['incident identify INC-1 It is the cable.', 'incident identify It is the cable.']),
  saying('monitor', 'monitoring', 'Says that it is mended and watched', [
    'incident monitor INC-1 The cable was replaced.',
    'incident monitor The cable was replaced.',
  ]),
];

function saying(verb: string, type: Speech['type'], summary: string, examples: string[]) {
  return defineCommand({
    name: `incident ${verb}`,
    summary,
    examples,
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
        type,
        verb,
        named: options.incident,
        text: options.text,
        next: options.next,
        line: (incident, said) => `incident ${verb} ${incident} ${quoted(said)}`,
      }),
  });
}
