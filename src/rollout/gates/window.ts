import { sayDuration } from '../../lib/duration.ts';
import type { Gate } from '../stages/stage.ts';
import { when } from '../words.ts';

/** A host starts only if its like would be done inside the window. */
export const window: Gate = {
  name: 'window',
  look(host, { run, now, world }) {
    const hours = world.windows[host.host];
    if (!hours || run.plan.safe) return undefined;
    const p95 = run.prediction.host[host.class]?.p95 ?? 0;
    if (hours.open && now + p95 <= hours.closes) return undefined;
    const until = hours.opens > now ? hours.opens : hours.closes;
    const because = hours.open
      ? `its window (${hours.says}) closes at ${when(hours.closes, now, world.zone)}, too early for ${sayDuration(p95)}`
      : `its window (${hours.says}) opens at ${when(hours.opens, now, world.zone)}`;
    return { for: 'window', because, until };
  },
};
