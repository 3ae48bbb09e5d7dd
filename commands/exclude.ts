import { z } from 'zod';
import { jobs } from '../jobs/index.ts';
import { defineCommand } from '../src/chat/command.ts';
import { sayMoment } from '../src/chat/moments.ts';
import { didYouMean } from '../src/chat/nearest.ts';
import { because, duration, target, until, word } from '../src/chat/options.ts';
import { foldNames } from '../src/fleet/target/fold.ts';
import { parseTarget } from '../src/fleet/target/parse.ts';
import { groupsNotIn } from '../src/fleet/target/select.ts';
import { Refusal } from '../src/lib/refusal.ts';
import type { Ops } from '../src/ops.ts';
import type { Person } from '../src/people.ts';
import { matchNow, sayMatch } from '../src/rules/card.ts';
import { makeRule } from '../src/rules/make.ts';
import { namedBy } from '../src/rules/match.ts';
import { type Applies, sayApplies } from '../src/rules/rule.ts';

export const exclude = defineCommand({
  name: 'exclude',
  summary: 'Keeps hosts off a package or a job until somebody ends it; later plans obey and say so',
  examples: [
    'exclude @all where xen < 4.6 from package "linux-image*" because they do not boot it until mon 09:00',
    'exclude kvm05 from job reboot because its disk is being copied for 2d',
  ],
  role: 'operator',
  options: z.object({
    target: target({ words: 'the hosts; a condition is judged anew by each plan' }),
    package: word({ keyword: 'from package', words: 'packages, as a name or a pattern' }).optional(),
    job: word({ keyword: 'from job', words: 'a job, by its name' }).optional(),
    because: because(),
    until: until().optional(),
    for: duration().optional(),
  }),
  async run({ options, actor }, ops) {
    const applies = appliesTo(options.package, options.job);
    const expression = options.target.trim();
    await refuseFleeting(expression, actor, ops);
    const end = options.until?.at ?? (options.for === undefined ? undefined : ops.clock.now() + options.for);
    const match = await matchNow(ops, { expression });
    if (match.unreadable) throw new Refusal(match.unreadable);
    return {
      async write(tx, line) {
        const rule = { expression, applies, by: actor.name, because: options.because, ...(end !== undefined && { until: end }) };
        const { id, renewed } = await makeRule(tx, { ...rule, place: line.place, at: line.at });
        return {
          json: {
            id,
            target: expression,
            ...applies,
            because: rule.because,
            until: end === undefined ? null : new Date(end).toISOString(),
            hosts: [...match.hosts],
            absent: match.absent,
          },
          card: {
            title: `${id}${renewed ? ' (renewed)' : ''}: ${expression} stays off ${sayApplies(applies)}`,
            tone: 'good',
            body: [
              `because ${rule.because}`,
              ...sayMatch({ id, expression }, match),
              end === undefined
                ? `It stays in force until somebody says undo ${id}.`
                : `${options.until?.echo ?? sayMoment(end, line.at, actor.zone)}: then you are asked; only a person ends it.`,
            ],
            actions: [{ label: 'End it', command: `undo ${id}` }],
          },
        };
      },
    };
  },
});

function appliesTo(name: string | undefined, job: string | undefined): Applies {
  if ((name === undefined) === (job === undefined))
    throw new Refusal('Say what they stay off: from package "linux-image*", or from job reboot; one of the two.');
  if (name !== undefined) {
    if (!/^[A-Za-z0-9*?][A-Za-z0-9+._:*?~[\]-]{0,99}$/.test(name))
      throw new Refusal(`${JSON.stringify(name.slice(0, 60))} is no name of a package, nor a pattern such as linux-image*.`);
    return { package: name };
  }
  const changes = jobs.filter(({ risk }) => risk !== 'read');
  const found = changes.find((one) => one.name === job);
  const names = changes.map((one) => one.name);
  if (!found)
    throw new Refusal(
      `There is no job ${JSON.stringify(job?.slice(0, 60))} that changes hosts.${didYouMean(job as string, names)} There is ${names.join(', ')}.`,
    );
  if ('safe' in found && found.safe === true) throw new Refusal(`${found.name} is a step in the safe direction: no rule keeps a host from it.`);
  return { job: found.name };
}

/** A rule outlives what comes and goes; and nobody excludes hosts they may not touch. */
async function refuseFleeting(expression: string, actor: Person, ops: Ops): Promise<void> {
  const { steps } = parseTarget(expression);
  const fleet = ops.fleet();
  const [live] = groupsNotIn(fleet.groups, steps);
  if (live !== undefined && /^(down|[a-z]+-?\d+(:|$)|owner:)/i.test(live))
    throw new Refusal(`@${live} comes and goes, and a rule stays: name the hosts, a group, or a fact (where …).`);
  const named = namedBy(expression, fleet);
  if (named.length === 0) throw new Refusal(`"${expression}" names no host.`);
  await ops.targets(foldNames(named), actor);
}
