import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { because } from '../src/chat/options.ts';

export const stop = defineCommand({
  name: 'stop',
  summary: 'Stops everything that changes hosts: nothing new begins anywhere until `go`',
  examples: ['stop', 'stop because the gateway is flapping'],
  role: 'known',
  options: z.object({ because: because().optional() }),
  async run({ options, actor }, ops) {
    const before = ops.stop.state();
    if (before.stopped) return { card: { title: `Already stopped by ${before.by}. Nothing new begins; /ops go lifts it.`, tone: 'attention' }, json: before };
    return {
      ...ops.stop.set(actor.name, options.because),
      card: { title: 'Stopped. Nothing that changes a host begins until somebody says go. Checks still work.', tone: 'attention' },
      json: { stopped: true, by: actor.name, because: options.because },
    };
  },
});
