import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { person } from '../src/chat/options.ts';
import { onCallListed, onCallOfListed } from '../src/lists/on-call.ts';

export const oncall = defineCommand({
  name: 'oncall',
  summary: 'Who is on call now and next, what time it is for them, and where nobody is',
  examples: ['oncall', 'oncall web'],
  role: 'known',
  root: 'oncall',
  options: z.object({ whose: person({ words: 'a service, a roster or a person; all services if unsaid' }).optional() }),
  run: ({ options: { whose }, place }, ops) => (whose === undefined ? onCallListed(ops, place.zone) : onCallOfListed(ops, whose, place.zone)),
});
