import { z } from 'zod';
import { defineCommand, type Line } from '../src/chat/command.ts';
import { sayMoment } from '../src/chat/moments.ts';
import { because, duration, person, until } from '../src/chat/options.ts';
import { reachedBy } from '../src/deliver/reaches.ts';
import { troublesOf } from '../src/escalation/troubles.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { goAway } from '../src/oncall/rows.ts';
import { othersOf, sayInstead, withAway } from '../src/oncall/say-away.ts';
import { loadStanding } from '../src/oncall/standing.ts';
import { adminsOf, tellTroubles } from '../src/oncall/tell-troubles.ts';
import type { Ops } from '../src/ops.ts';
import { type Person, rank, strongestRole } from '../src/people.ts';
import type { Tx } from '../src/store/db.ts';

export const away = defineCommand({
  name: 'away',
  summary: 'Nobody asks you for a while: whoever stands behind you is asked, and is told',
  examples: ['away for 3d', 'away until mon 09:00 because I am on a boat', 'away kim until fri'],
  role: 'known',
  root: 'oncall',
  peopleOnly: true,
  unscoped: true,
  options: z.object({
    whom: person({ words: 'an operator may say it of somebody else' }).optional(),
    for: duration({ words: 'how long; until you say back if unsaid' }).optional(),
    until: until().optional(),
    because: because().optional(),
  }),
  async run({ options, actor }, ops) {
    const who = whoIsMeant(options.whom, actor, ops);
    const now = ops.clock.now();
    const end = options.until?.at ?? (options.for === undefined ? undefined : now + options.for);
    const before = await loadStanding(ops.records, ops);
    const reason = options.because !== undefined && { because: options.because };
    const after = withAway(before, { person: who.name, from: now, ...(end !== undefined && { until: end }), kind: 'said', ...reason });
    const reaches = reachedBy(ops.config(), ops.sandbox !== undefined);
    const known = new Set(troublesOf({ standing: before, reaches, now }).map(({ key }) => key));
    const troubles = troublesOf({ standing: after, reaches, now }).filter(({ key }) => !known.has(key));
    const says = end === undefined ? 'until they say back' : `until ${options.until?.echo ?? sayMoment(end, now, actor.zone)}`;
    const title = `${who.name} is away ${says}${options.because === undefined ? '' : ` because ${options.because}`}`;
    const instead = sayInstead(after, who.name, now);
    // Who is told that too few are left is told enough.
    const warned = new Set(troubles.length > 0 ? [...adminsOf(ops.people()), ...troubles.flatMap(({ tell }) => tell)] : []);
    const others = othersOf(before, who.name, now).filter((name) => name !== actor.name && !warned.has(name));
    return {
      card: {
        title,
        tone: troubles.length > 0 ? 'attention' : 'good',
        body: [
          ...instead,
          ...troubles.map((trouble) => trouble.says),
          ...(troubles.length > 0 ? ['It is written down all the same.'] : []),
          ...sayTold([...others, ...warned].filter((name) => name !== actor.name)),
        ],
        actions: [{ label: 'Back', command: who.name === actor.name ? 'back' : `back ${who.name}` }],
      },
      json: {
        away: who.name,
        until: end === undefined ? null : new Date(end).toISOString(),
        because: options.because ?? null,
        troubles: troubles.map(({ says: said }) => said),
      },
      async write(tx: Tx, line: Line) {
        await goAway(tx, { person: who.name, ...(end !== undefined && { until: end }), ...reason }, { by: actor.name, at: line.at });
        for (const person of others)
          await ops.tell.tell(tx, {
            key: `away:${line.inboxId} ${person}`,
            to: { person },
            card: { title, body: instead, tone: 'quiet' },
            asked: line.place,
            at: line.at,
          });
        await tellTroubles(
          tx,
          { tell: ops.tell, people: ops.people() },
          { troubles, at: line.at, except: actor.name, title: `${who.name} is away, and that leaves too few` },
        );
        return undefined;
      },
    };
  },
});

function whoIsMeant(named: string | undefined, actor: Person, ops: Ops): Person {
  const name = named === undefined || named === 'me' ? actor.name : named;
  const found = ops.people().find((person) => person.name === name);
  if (!found)
    throw new Refusal(
      name === actor.name
        ? `${name} does not stand under \`people\` in holdfast.yaml, so nobody asks ${name} anyway.`
        : `There is nobody called "${name}" under \`people\`.`,
    );
  if (name !== actor.name && rank(strongestRole(actor)) < rank('operator'))
    throw new Refusal(`To say that ${name} is away takes an operator; you can say it of yourself.`);
  return found;
}

const sayTold = (names: readonly string[]): string[] => (names.length > 0 ? [`told: ${names.join(', ')}`] : []);
