import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { hostName, word } from '../src/chat/options.ts';
import { Refusal } from '../src/lib/refusal.ts';

export const sandbox = defineCommand({
  name: 'sandbox',
  summary: 'Breaks or mends a simulated host: ok, dead, mute, half-dead, slow, no-return, or attribute=value',
  examples: ['sandbox web03 dead', 'sandbox kvm05 no-return', 'sandbox lab01 uptime=211d', 'sandbox web03 ok'],
  role: 'known',
  sandboxOnly: true,
  options: z.object({ host: hostName({ words: 'which simulated host' }), fault: word({ words: 'what happens to it' }) }),
  async run({ options }, ops) {
    if (!ops.sandbox) throw new Refusal('There is no sandbox here: these are real hosts.');
    const title = await ops.sandbox.fault(options.host, options.fault);
    return { card: { title }, json: { host: options.host, fault: options.fault } };
  },
});
