import { z } from 'zod';
import { accountIn } from '../src/accounts/links.ts';
import { sayHello } from '../src/accounts/say-hello.ts';
import { defineCommand } from '../src/chat/command.ts';
import { person, word } from '../src/chat/options.ts';

export const hello = defineCommand({
  name: 'hello',
  summary: 'Makes this account an admin with the one-time code that holdfast init or holdfast hello printed',
  examples: ['hello 493021', 'hello 493021 as ada'],
  role: 'anyone',
  root: 'oncall',
  peopleOnly: true,
  options: z.object({ code: word({ words: 'the six digits' }), as: person({ keyword: 'as', words: 'who you are, where it is not plain' }).optional() }),
  async run({ options, actor, place }, ops) {
    const account = accountIn(place, 'hello');
    return sayHello(ops.records, { account, actor, code: options.code, people: ops.people(), ...(options.as !== undefined && { as: options.as }) });
  },
});
