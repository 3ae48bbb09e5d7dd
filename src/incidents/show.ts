import type { Card } from '../chat/card.ts';
import type { Renderer } from '../deliver/shown.ts';
import { type Contradiction, contradictions, minutesOf, type Words } from '../incident/contradictions.ts';
import type { Incident } from '../incident/shapes.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Ops } from '../ops.ts';
import { when } from '../rollout/words.ts';
import { eventsOf, type RecordedEvent } from '../store/events.ts';
import { incidentCard } from './card.ts';
import { incidentJson, storyJson } from './json.ts';
import { incidentNamed } from './rows.ts';
import { storyOf } from './story.ts';

export type ShowWorld = Pick<Ops, 'fleet' | 'clock'>;

/** Lines of the story on a card, the latest; all of it is in the attachment. */
const MOST_LINES = 12;
const MOST_ROWS = 20;

/** The summary card of an incident, in every channel where it stands. */
export const incidentRenderer =
  (world: ShowWorld): Renderer =>
  async (db, id, { place, json }) => {
    const { incident } = await incidentNamed(db, id);
    const card = incidentCard(incident, contradictionsOf(incident, await eventsOf(db, id), world), { now: world.clock.now(), zone: place.zone });
    // Where nothing can be edited it is said once: whoever moves it there has the answer to what they typed.
    return { card, ...(json && { document: incidentJson(incident) }), progress: { line: card.title, turn: id, state: id } };
  };

/** `show INC-1`: the card with its outage table and its story. Throws Refusal where there is none. */
export async function incidentShown(world: ShowWorld & Pick<Ops, 'records'>, id: string, zone: string): Promise<{ card: Card; json: Record<string, unknown> }> {
  const stored = await incidentNamed(world.records, id);
  const { incident } = stored;
  const story = await storyOf(world.records, stored);
  const now = world.clock.now();
  const said = contradictionsOf(incident, story.events, world);
  const card = incidentCard(incident, said, { now, zone });
  const lines = story.timeline.map(({ at, by, says }) => `${when(at, now, incident.zone)} ${by}: ${says}`);
  const elsewhere = zone !== incident.zone && when(now, now, zone) !== when(now, now, incident.zone);
  const table = outageTable(incident, now);
  return {
    card: {
      ...card,
      body: [
        ...(card.body ?? []),
        `— story, ${incident.zone}${elsewhere ? ` (it is ${when(now, now, incident.zone)} there, ${when(now, now, zone)} for you)` : ''}:`,
        ...(lines.length > MOST_LINES ? [`${lines.length - MOST_LINES} earlier lines: the attachment, or --json`] : []),
        ...lines.slice(-MOST_LINES).map((line) => (line.length > 300 ? `${line.slice(0, 299)}…` : line)),
      ],
      ...(table.length > 0 && { table: { columns: ['host', 'down', 'up', 'lasted', 'cause', 'seen by'], rows: table.slice(0, MOST_ROWS) } }),
      ...((lines.length > MOST_LINES || table.length > MOST_ROWS) && {
        attachment: { name: `${id}.txt`, text: wholeStory(incident, table, story.timeline, { now, zone }) },
      }),
    },
    json: storyJson(incident, said, story),
  };
}

/** What does not fit: of what people wrote for the public and noted, against the outage table. */
export function contradictionsOf(incident: Incident, events: readonly RecordedEvent[], { fleet, clock }: ShowWorld): Contradiction[] {
  const updates: Words[] = incident.updates.map(({ text, at, by, status }) => ({ text, at, by, ...(status === 'resolved' && { resolved: true }) }));
  const notes = events
    .filter(({ type, by, data }) => type === 'noted' && by !== 'holdfast' && typeof data['text'] === 'string')
    .map(({ data, at, by }): Words => ({ text: String(data['text']), at: at.getTime(), by }));
  const words = [...updates, ...notes].sort((a, b) => a.at - b.at);
  return contradictions(incident, words, fleet().hosts, (at) => when(at, clock.now(), incident.zone));
}

/** One row an outage, the first first. */
function outageTable(incident: Incident, now: number): string[][] {
  const time = (at: number | undefined): string => (at === undefined ? '' : when(at, incident.resolved ?? now, incident.zone));
  return [...incident.hosts]
    .sort((a, b) => (a.down ?? Infinity) - (b.down ?? Infinity) || (a.host < b.host ? -1 : 1))
    .map((row) => [
      row.host,
      time(row.down) || 'not seen down',
      time(row.up),
      minutesOf(row)[0] === undefined ? (row.down === undefined ? '' : `${sayDuration(now - row.down)} so far`) : `${minutesOf(row)[0]} min`,
      row.cause ?? '',
      row.correctedBy === undefined ? row.source : `${row.source}, put right by ${row.correctedBy}`,
    ]);
}

function wholeStory(
  incident: Incident,
  table: readonly string[][],
  timeline: readonly { at: number; by: string; says: string }[],
  { now, zone }: { now: number; zone: string },
): string {
  const both = zone !== incident.zone;
  return [
    `${incident.id} ${incident.severity}: ${incident.title}`,
    '',
    ...(table.length > 0 ? [['host', 'down', 'up', 'lasted', 'cause', 'seen by'].join('\t'), ...table.map((row) => row.join('\t')), ''] : []),
    `times: ${incident.zone}${both ? `, then ${zone}` : ''}`,
    ...timeline.map(({ at, by, says }) => `${when(at, now, incident.zone)}${both ? ` ${when(at, now, zone)}` : ''} ${by}: ${says}`),
    '',
  ].join('\n');
}
