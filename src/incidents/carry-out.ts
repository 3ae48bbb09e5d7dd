import type { Card } from '../chat/card.ts';
import { defaultsOf } from '../config/defaults.ts';
import type { Duty } from '../incident/duties.ts';
import type { Incident } from '../incident/shapes.ts';
import { sayDuration } from '../lib/duration.ts';
import { when } from '../rollout/words.ts';
import type { Tx } from '../store/db.ts';
import { askForPerson } from '../store/events.ts';
import { moveIncident } from './move.ts';
import type { IncidentsWorld } from './world.ts';

/** What the button offers for words when nobody has better ones. */
const OVER = 'Nothing more was lost. We believe that this is over.';

/** Tells or asks whoever a duty is for; each once for its moment, whatever is tried again. */
export async function carryOut(tx: Tx, world: IncidentsWorld, incident: Incident, duty: Duty, now: number): Promise<void> {
  const { id } = incident;
  if (duty.what === 'second writer') return askSecondWriter(tx, world, incident, duty, now);
  if (duty.what === 'ask resolve') {
    const quiet = sayDuration(defaultsOf(world.config())['incident.ask_resolve']);
    return tell(tx, world, incident, `resolve? ${duty.for}`, now, () => ({
      title: `${id}: ${quiet} without a loss. Is it resolved?`,
      tone: 'attention',
      body: [incident.title],
      actions: [
        { label: 'Resolved', command: `incident resolve ${id} "${OVER}"`, style: 'primary' },
        { label: 'In other words', command: `incident resolve ${id} …` },
        look(id),
      ],
    }));
  }
  const late = duty.what === 'overdue';
  return tell(tx, world, incident, `${duty.what} ${duty.for}`, now, (zone) => ({
    title: late
      ? `${id}: the update promised for ${when(duty.for, now, zone)} is missing`
      : `${id}: the next update is promised for ${when(duty.for, now, zone)}, in ${sayDuration(duty.for - now)}`,
    tone: late ? 'bad' : 'attention',
    body: [
      incident.title,
      ...(late && incident.secondAsked === undefined
        ? [`In ${sayDuration(defaultsOf(world.config())['incident.second_writer'])} somebody else is asked to write it.`]
        : []),
    ],
    actions: [{ label: 'Write it', command: `incident update ${id} …`, style: 'primary' }, look(id)],
  }));
}

const look = (id: string) => ({ label: 'Look', command: `show ${id}` });

/** Its lead; else whoever opened it; else the channels where it stands. */
async function tell(tx: Tx, world: IncidentsWorld, incident: Incident, key: string, at: number, card: (zone: string) => Card): Promise<void> {
  const person = writerOf(world, incident);
  const said = `incident:${incident.id} ${key}`;
  if (person === undefined) return world.tell.news(tx, { key: said, news: 'incident', what: { card: card(incident.zone) }, at });
  const zone = world.people().find(({ name }) => name === person)?.zone ?? incident.zone;
  return world.tell.tell(tx, { key: said, to: { person }, card: card(zone), at });
}

/** Who is to write the next update. */
function writerOf({ people }: Pick<IncidentsWorld, 'people'>, { lead, by }: Incident): string | undefined {
  if (lead !== undefined) return lead;
  return people().some(({ name, machine }) => name === by && !machine) ? by : undefined;
}

/** Somebody else by name: whoever answers for its hosts and did not promise, else the next who may write. A page of their own, until somebody has it. */
async function askSecondWriter(tx: Tx, world: IncidentsWorld, incident: Incident, { for: promised }: Duty, now: number): Promise<void> {
  const { id, title, severity } = incident;
  const person = await secondWriter(tx, world, incident, now);
  const urgency = defaultsOf(world.config())[`incident.page_${severity}`] as 'critical' | 'high' | 'low';
  const zone = world.people().find(({ name }) => name === person)?.zone ?? incident.zone;
  const page = await askForPerson(tx, {
    text: `${id}: the public waits for the update promised for ${when(promised, now, zone)}${incident.lead === undefined ? '' : `; ${incident.lead} has not written it`}. ${title}`,
    urgency,
    about: id,
    ...(person !== undefined && { to: `person:${person}` }),
    more: { actions: [{ label: 'Write it', command: `incident update ${id} …` }] },
    by: 'holdfast',
    at: now,
  });
  await moveIncident(tx, id, { type: 'second writer asked', data: { person: person ?? null, page }, by: 'holdfast', at: now });
}

async function secondWriter(tx: Tx, world: IncidentsWorld, incident: Incident, now: number): Promise<string | undefined> {
  const roster = await world.roster(tx);
  const service = roster.serviceOf([...new Set(incident.hosts.map(({ host }) => host))]);
  const recipient = service === undefined ? { role: 'operator' as const } : { service };
  const first = writerOf(world, incident);
  const asked = roster.steps(recipient).flatMap(({ who }) => who.flatMap((one) => roster.named(one, recipient, now)));
  return [...asked, ...roster.everyone()].find((name) => name !== first && roster.away(name, now) === undefined);
}
