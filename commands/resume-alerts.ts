import { z } from 'zod';
import { endCard, tellEnd } from '../src/alerts/pause-ends.ts';
import { hearAgain, toHearAgain } from '../src/alerts/resume.ts';
import { defineCommand } from '../src/chat/command.ts';
import { thing } from '../src/chat/options.ts';
import { foldNames } from '../src/fleet/target/fold.ts';
import { Refusal } from '../src/lib/refusal.ts';

export const resumeAlerts = defineCommand({
  name: 'resume alerts',
  summary: 'Alerts that were paused are heard again before their time; what still burns asks now',
  examples: ['resume alerts H1', 'resume alerts web03'],
  role: 'operator',
  options: z.object({ what: thing({ ids: ['hold'] }, { words: 'a hold, or hosts' }) }),
  async run({ options: { what }, actor }, ops) {
    if (what.is === 'list') throw new Refusal('Name a hold (H1) or hosts.');
    const targets = await ops.targets(what.is === 'id' ? `@${what.id}` : what.target, actor);
    const which = what.is === 'id' ? { hold: what.id } : { hosts: targets.hosts.map(({ name }) => name), expression: targets.expression };
    const resuming = await toHearAgain(ops.records, which);
    const hosts = [...new Set(resuming.flatMap((one) => one.hosts))].sort();
    return {
      async write(tx, line) {
        const over = await hearAgain(tx, ops, resuming, { by: actor.name, at: line.at });
        for (const ended of over) await tellEnd(tx, ops.tell, ended, line.at, actor.name);
        return {
          card: {
            title: `Alerts of ${foldNames(hosts)} are heard again`,
            tone: 'good',
            body: over.flatMap((ended) => {
              const { title, body = [] } = endCard(ended);
              return [title, ...body];
            }),
          },
          json: { hosts, ended: over.map(({ id, silenced, burning, pages }) => ({ id, silenced, burning: burning.length, pages })) },
        };
      },
    };
  },
});
