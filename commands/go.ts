import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { sayDuration } from '../src/lib/duration.ts';

export const go = defineCommand({
  name: 'go',
  summary: 'Lifts the stop, and says who had set it and why',
  examples: ['go'],
  role: 'operator',
  peopleOnly: true,
  options: z.object({}),
  async run(_call, ops) {
    const before = ops.stop.state();
    if (!before.stopped) return { card: { title: 'Nothing is stopped.', tone: 'quiet' }, json: { stopped: false } };
    const why = before.because ? ` because ${before.because}` : '';
    return {
      ...ops.stop.lift(),
      card: { title: `The stop is lifted. ${before.by} set it ${sayDuration(Math.max(0, ops.clock.now() - before.at))} ago${why}.`, tone: 'good' },
      json: { stopped: false, was: before },
    };
  },
});
