import { z } from 'zod';
import { resumeUpdates as job, type ResumeParams } from '../jobs/resume-updates.ts';
import { defineCommand } from '../src/chat/command.ts';
import { because, flag, thing, until } from '../src/chat/options.ts';
import { toResume } from '../src/holds/resume.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { planRun } from '../src/runs/plan.ts';

export const resumeUpdates = defineCommand({
  name: 'resume updates',
  summary: 'Gives hosts back the updates a hold paused, exactly as they were, a tenth every half hour',
  examples: ['resume updates H1', 'resume updates @web because the patch is withdrawn'],
  role: 'operator',
  options: z.object({
    what: thing({ ids: ['hold'] }, { words: 'a hold, or hosts' }),
    at: until({ keyword: 'at', words: 'when to begin' }).optional(),
    byRings: flag({ words: 'ring after ring' }),
    plan: flag({ words: 'only show what would be done' }),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    const { what } = options;
    if (what.is === 'list') throw new Refusal('Name a hold (H1) or hosts.');
    const only = what.is === 'id' ? what.id : undefined;
    const holds = await toResume(ops.records, only);
    const targets = await ops.targets(only === undefined && what.is === 'target' ? what.target : `@${only}`, actor);
    const memories = await holds.memories(targets.hosts.map(({ name }) => name));
    const hosts = targets.hosts.filter(({ name }) => memories.has(name));
    if (hosts.length === 0) throw new Refusal(`No hold pauses updates on ${targets.expression}. "show holds" lists what is paused.`);
    const ids = [...new Set([...memories.values()].flatMap((memory) => memory.holds))].sort();
    const params: ResumeParams = { holds: ids, keys: Object.fromEntries(ids.map((id) => [id, holds.keys.get(id) as string])) };
    return planRun(ops, {
      job,
      params,
      targets: { ...targets, hosts },
      actor,
      place,
      memories,
      byRings: options.byRings,
      planOnly: options.plan,
      ...(options.at && { at: options.at.at }),
      ...(options.because !== undefined && { because: options.because }),
    });
  },
});
