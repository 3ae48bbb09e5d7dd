import type { Place, Reply } from '../chat/command.ts';
import { type Incident, isOpen } from '../incident/shapes.ts';
import { sayDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { componentsOf } from '../status/components.ts';
import type { Tx } from '../store/db.ts';
import { announce } from './announce.ts';
import { openIncident } from './begin.ts';
import { incidentJson } from './json.ts';
import { moveIncident } from './move.ts';
import { incidentNamed } from './rows.ts';
import { healthIn } from './speak-maintenance.ts';
import { wordsCard } from './words-card.ts';
import type { IncidentsWorld } from './world.ts';

interface Said {
  title: string;
  affects?: string | undefined;
  at: { at: number; echo: string };
  for?: number | undefined;
  actor: Person;
  place: Place;
}

const HOUR = 3_600_000;

/** Work that was decided on beforehand: public at once. */
export async function announceMaintenance(ops: Ops, { title, affects, at: { at: from, echo }, for: length = HOUR, actor, place }: Said): Promise<Reply> {
  const hosts = affects === undefined ? [] : (await ops.targets(affects, actor)).hosts.map(({ name }) => name);
  const config = ops.config();
  const names = componentsOf(config, ops.fleet(), hosts);
  return {
    write: async (tx, line) => {
      const window = { from: new Date(from).toISOString(), until: new Date(from + length).toISOString() };
      const text = `From ${echo.replace(/ \(.*/, '')} for ${sayDuration(length)}.`;
      const components = Object.fromEntries(names.map((name) => [name, 'operational' as const]));
      const said = { kind: 'maintenance' as const, title, severity: 'minor' as const, hosts, components, window, text, public: true, lead: actor.name };
      return { kind: 'incident', id: await openIncident(tx, { ...said, zone: config.timezone, place, by: actor.name, at: line.at }), waits: true };
    },
  };
}

/** Another window for one that was announced: the public reads from when, and why. */
export async function putOff(ops: Ops, id: string, { title: text, affects, at: { at: from, echo }, for: length, actor }: Said): Promise<Reply> {
  if (affects !== undefined) throw new Refusal(`What ${id} touches is said with "incident affects ${id} …"; here it gets another window.`);
  return {
    write: async (tx, line) => {
      const { incident } = await incidentNamed(tx, id, 'for update');
      if (incident.kind !== 'maintenance' || !incident.window) throw new Refusal(`${id} is no maintenance: "incident update ${id} …" says more of it.`);
      if (incident.state === 'completed') throw new Refusal(`${id} is completed. Another one is another "incident maintenance".`);
      const until = from + (length ?? incident.window.until - incident.window.from);
      const window = { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
      const says = `${text.replace(/[.\s]*$/, '.')} Now from ${echo.replace(/ \(.*/, '')} for ${sayDuration(until - from)}.`;
      const data = { status: 'scheduled' as const, text: says, ...window, components: healthIn('scheduled', Object.keys(incident.components)) };
      const { after, rev } = await moveIncident(tx, id, { type: 'maintenance moved', data, by: actor.name, at: line.at });
      await announce(tx, ops, { id, rev, card: wordsCard(after, says, { now: line.at, zone: after.zone }), moves: true, place: line.place, at: line.at });
      return { card: wordsCard(after, says, { now: line.at, zone: line.place.zone }), json: incidentJson(after) };
    },
  };
}

/** When its window opens it has begun; when the window closes and nobody said that it is done, whoever leads it is asked. Answers when to look again. */
export async function maintenanceDue(tx: Tx, world: IncidentsWorld, incident: Incident, now: number): Promise<number | undefined> {
  const { id, window, state, lead } = incident;
  if (!window || isOpen(incident) || state === 'completed') return undefined;
  if (state === 'scheduled') {
    if (now < window.from) return window.from;
    const text = 'This maintenance has begun.';
    const components = healthIn('in_progress', Object.keys(incident.components));
    const { after, rev } = await moveIncident(tx, id, {
      type: 'maintenance moved',
      data: { status: 'in_progress', text, components },
      by: 'holdfast',
      at: now,
    });
    await announce(tx, world, { id, rev, card: wordsCard(after, text, { now, zone: after.zone }), moves: true, at: now });
  }
  if (now < window.until) return window.until;
  if (lead !== undefined)
    await world.tell.tell(tx, {
      key: `incident:${id} over ${window.until}`,
      to: { person: lead },
      card: {
        title: `The window of ${id} is over. Is it done? ${incident.title}`.slice(0, 300),
        tone: 'attention',
        actions: [
          { label: 'It is done', command: `incident resolve ${id} "The maintenance is done."`, style: 'primary' },
          { label: 'It takes longer', command: `incident update ${id} …` },
        ],
      },
      at: now,
    });
  return undefined;
}
