import { z } from 'zod';
import { pauseUpdates as job, type PauseParams } from '../jobs/pause-updates.ts';
import { defineCommand } from '../src/chat/command.ts';
import { because, choice, duration, flag, target, until } from '../src/chat/options.ts';
import { defaultsOf } from '../src/config/defaults.ts';
import { beginHold } from '../src/holds/begin.ts';
import { holdKey, nextHoldId } from '../src/holds/rows.ts';
import { SOURCES } from '../src/holds/sources.ts';
import { planRun } from '../src/runs/plan.ts';

export const pauseUpdates = defineCommand({
  name: 'pause updates',
  summary: 'Stops what updates hosts by itself, everywhere at once; it asks before its end, never ends by itself',
  examples: ['pause updates @all source kernelcare for 7d because K20180618_01 panics', 'pause updates @web until mon 09:00', 'pause updates db1'],
  role: 'operator',
  options: z.object({
    target: target({ words: 'the hosts' }),
    source: choice(SOURCES, { keyword: 'source', words: 'only this; all of them if unsaid' }).optional(),
    for: duration({ words: 'how long, 72 h if unsaid' }).optional(),
    until: until().optional(),
    plan: flag({ words: 'only show what would be done' }),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    const targets = await ops.targets(options.target, actor);
    const config = ops.config();
    const defaults = defaultsOf(config);
    const begun = ops.clock.now();
    const end = options.until?.at ?? begun + (options.for ?? defaults['hold.length']);
    const id = await nextHoldId(ops.records);
    const sources = options.source === undefined ? [] : [options.source];
    const params: PauseParams = {
      key: holdKey({ id, begun: new Date(begun) }),
      hold: id,
      sources,
      until: new Date(end).toISOString(),
      owner: actor.name,
      units: config.holds.units,
    };
    const reason = options.because !== undefined && { because: options.because };
    const hold = { id, expression: targets.expression, sources, owner: actor.name, begun, until: end, lookIn: defaults['hold.drift'], ...reason };
    return planRun(ops, {
      job,
      params,
      targets,
      actor,
      place,
      planOnly: options.plan,
      ...reason,
      async alongside(tx, run) {
        await beginHold(tx, hold, run);
        const what = { card: { title: `${id}: updates are paused on ${targets.expression} until ${params.until}, by ${actor.name}`.slice(0, 300) } };
        await ops.tell.news(tx, { key: `hold:${id}`, news: 'hold', what, at: begun });
      },
    });
  },
});
