import { z } from 'zod';
import { pauseAlerts as pause } from '../src/alerts/pause.ts';
import { sayAlerts } from '../src/alerts/say.ts';
import { defineCommand } from '../src/chat/command.ts';
import { sayMoment } from '../src/chat/moments.ts';
import { because, duration, target, until } from '../src/chat/options.ts';
import { defaultsOf } from '../src/config/defaults.ts';

export const pauseAlerts = defineCommand({
  name: 'pause alerts',
  summary: 'Asks nobody about these hosts for a while; always ends, and pages for what still burns',
  examples: ['pause alerts @web for 2h because the load balancer is being moved', 'pause alerts db01 until 18:00'],
  role: 'operator',
  options: z.object({
    target: target({ words: 'the hosts' }),
    for: duration({ words: 'how long, 2 h if unsaid' }).optional(),
    until: until().optional(),
    because: because().optional(),
  }),
  async run({ options, actor }, ops) {
    const targets = await ops.targets(options.target, actor);
    const hosts = targets.hosts.map(({ name }) => name);
    const end = options.until?.at ?? ops.clock.now() + (options.for ?? defaultsOf(ops.config())['alerts.pause']);
    return {
      async write(tx, line) {
        const asked = { expression: targets.expression, hosts, until: end, ...(options.because !== undefined && { because: options.because }) };
        const { id, silenced, pages } = await pause(tx, ops, asked, line);
        const title = `${id}: alerts of ${targets.expression} ask nobody until ${options.until?.echo ?? sayMoment(end, line.at, actor.zone)}`;
        await ops.tell.news(tx, { key: `hold:${id}`, news: 'hold', what: { card: { title: `${title}, by ${actor.name}`.slice(0, 300) } }, at: line.at });
        return {
          card: {
            title,
            tone: 'attention',
            body: [
              ...(silenced.length > 0 ? [`burns now and is silenced (${silenced.length}): ${sayAlerts(silenced)}`] : []),
              ...(pages.length > 0 ? [`${pages.join(', ')} ${pages.length === 1 ? 'asks' : 'ask'} nobody any more`] : []),
              'Then it ends by itself, says what it silenced, and whatever still burns asks for somebody.',
            ],
            actions: [{ label: 'Hear them again', command: `resume alerts ${id}` }],
          },
          json: {
            id,
            kind: 'alerts',
            target: targets.expression,
            until: new Date(end).toISOString(),
            hosts,
            silenced: silenced.map(({ integration, summary, hosts: on }) => ({ integration, summary, hosts: on })),
            pages,
          },
        };
      },
    };
  },
});
