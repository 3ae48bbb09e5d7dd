import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { sayMoment } from '../src/chat/moments.ts';
import { didYouMean } from '../src/chat/nearest.ts';
import { duration, flag, person, until } from '../src/chat/options.ts';
import { absenceOf, type Cover, type Standing } from '../src/escalation/standing.ts';
import { peopleOf } from '../src/escalation/troubles.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { endCover, takeCover } from '../src/oncall/rows.ts';
import { loadStanding } from '../src/oncall/standing.ts';
import type { Person } from '../src/people.ts';

export const cover = defineCommand({
  name: 'cover',
  summary: 'You stand in for a person, or take a service or a roster, until a time: you are asked instead',
  examples: ['cover ada until 18:00', 'cover web for 8h', 'cover ada from sat 09:00 until mon 09:00', 'cover ada end'],
  role: 'operator',
  root: 'oncall',
  peopleOnly: true,
  unscoped: true,
  options: z.object({
    whom: person({ words: 'a person, a service or a roster' }),
    from: until({ keyword: 'from', words: 'from when; from now on if unsaid' }).optional(),
    for: duration().optional(),
    until: until().optional(),
    end: flag({ words: 'you cover no longer' }),
  }),
  async run({ options, actor }, ops) {
    const standing = await loadStanding(ops.records, ops);
    const of = whatIsCovered(options.whom, actor, standing);
    const [kind, name] = Object.entries(of)[0] as [string, string];
    const called = kind === 'person' ? name : `the ${kind} ${name}`;
    if (options.end)
      return {
        async write(tx, line) {
          const ended = await endCover(tx, { by: actor.name, for: of }, { by: actor.name, at: line.at });
          if (!ended) return { card: { title: `You did not cover ${called}.`, tone: 'quiet' }, json: { ended: false } };
          for (const one of toldOf(of, standing, actor.name))
            await ops.tell.tell(tx, {
              key: `cover:${line.inboxId} ${one}`,
              to: { person: one },
              card: { title: `${actor.name} covers ${called} no longer`, tone: 'attention' },
              asked: line.place,
              at: line.at,
            });
          return { card: { title: `You cover ${called} no longer.`, tone: 'good' }, json: { ended: true } };
        },
      };
    const now = ops.clock.now();
    const from = options.from?.at ?? now;
    const end = options.until?.at ?? (options.for === undefined ? undefined : from + options.for);
    if (end === undefined) throw new Refusal(`Until when? For example: cover ${options.whom} until 18:00, or for 8h.`);
    if (end <= from) throw new Refusal('It would end before it begins.');
    const away = absenceOf(standing, actor.name, Math.max(from, now));
    if (away) throw new Refusal(`You are away${away.until === undefined ? '' : ` until ${sayMoment(away.until, now, actor.zone)}`}: say back first.`);
    const says = `${options.from ? `from ${options.from.echo} ` : ''}until ${options.until?.echo ?? sayMoment(end, now, actor.zone)}`;
    return {
      card: {
        title: `${actor.name} covers ${called} ${says}`,
        tone: 'good',
        body: [
          `Who would ask ${called} asks you.${kind === 'person' ? ` ${name} is asked only when nobody answers and everyone is.` : ` Who answered for it until now comes after you.`}`,
        ],
        actions: [{ label: 'No longer', command: `cover ${options.whom} end` }],
      },
      json: { cover: actor.name, of: name, kind, from: new Date(from).toISOString(), until: new Date(end).toISOString() },
      async write(tx, line) {
        await takeCover(tx, { by: actor.name, for: of, from, until: end }, { by: actor.name, at: line.at });
        for (const one of toldOf(of, standing, actor.name))
          await ops.tell.tell(tx, {
            key: `cover:${line.inboxId} ${one}`,
            to: { person: one },
            card: { title: `${actor.name} covers ${called} ${says}`, tone: 'quiet' },
            asked: line.place,
            at: line.at,
          });
        return undefined;
      },
    };
  },
});

function whatIsCovered(typed: string, actor: Person, standing: Standing): Cover['for'] {
  if (!standing.people.some(({ name }) => name === actor.name))
    throw new Refusal(`${actor.name} does not stand under \`people\` in holdfast.yaml and cannot be asked.`);
  if (typed === actor.name || typed === 'me') throw new Refusal('You are yourself: cover somebody else, a service or a roster.');
  if (standing.people.some(({ name }) => name === typed)) return { person: typed };
  if (standing.services.has(typed)) return { service: typed };
  if (standing.rosters.has(typed)) return { roster: typed };
  const known = [...standing.people.map(({ name }) => name), ...standing.services.keys(), ...standing.rosters.keys()];
  throw new Refusal(`There is no person, service or roster "${typed}".${didYouMean(typed, known)}`);
}

/** Whoever is covered; of a service its people, of a roster those who take turns. */
function toldOf(of: Cover['for'], standing: Standing, actor: string): string[] {
  const service = 'service' in of ? standing.services.get(of.service) : undefined;
  const roster = 'roster' in of ? standing.rosters.get(of.roster) : undefined;
  const people = 'person' in of ? [of.person] : service ? peopleOf(service, standing) : (roster?.layers ?? []).flatMap((layer) => layer.people);
  return [...new Set(people)].filter((name) => name !== actor);
}
