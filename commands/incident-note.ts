import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { id, target, text } from '../src/chat/options.ts';
import { foldNames } from '../src/fleet/target/fold.ts';
import { noteIn, openHere } from '../src/incidents/note.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { MOST_WATCHED, nextMorning, tellNote } from '../src/notes/tell.ts';
import { when } from '../src/rollout/words.ts';

export const incidentNote = defineCommand({
  name: 'incident note',
  summary: 'Into the story of the open incident; hosts changed by hand are also compared the next morning',
  examples: ['incident note "set the MTU of eth1 to 9000" on web01', 'incident note INC-1 "the vendor replaces a disk tonight"'],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    incident: id(['incident']).optional(),
    text: text({ words: 'what was seen, or changed by hand' }),
    on: target({ keyword: 'on', words: 'the hosts it was changed on' }).optional(),
  }),
  async run({ options, actor, place }, ops) {
    const hosts = options.on === undefined ? [] : (await ops.targets(options.on, actor)).hosts.map(({ name }) => name);
    if (hosts.length > MOST_WATCHED) throw new Refusal(`These are ${hosts.length} hosts; at most ${MOST_WATCHED} are watched for one note. Name fewer.`);
    const known = await ops.known(hosts);
    const never = hosts.filter((name) => known.get(name)?.answeredAt === undefined);
    const now = ops.clock.now();
    const incident = await openHere(ops.records, options.incident);
    const morning = nextMorning(now, place.zone);
    return {
      card: {
        title: incident === undefined ? 'Noted.' : `Noted in ${incident}.`,
        tone: 'good',
        body: [
          hosts.length > 0
            ? `${foldNames(hosts)}: compared with what is known now, and said here, ${when(morning, now, place.zone)} ${place.zone}.`
            : incident === undefined
              ? 'No host was named, so nothing is watched.'
              : options.text.slice(0, 300),
          ...(never.length > 0
            ? [`Nothing is known of ${foldNames(never)} yet: check ${foldNames(never)} and note it again, or there is nothing to compare.`]
            : []),
        ],
      },
      json: { noted: options.text, incident: incident ?? null, hosts, watched_until: hosts.length > 0 ? new Date(morning).toISOString() : null },
      write: async (tx, line) => {
        if (incident !== undefined) await noteIn(tx, incident, { text: options.text, hosts }, line);
        await tellNote(tx, line, { text: options.text, hosts, known });
        return undefined;
      },
    };
  },
});
