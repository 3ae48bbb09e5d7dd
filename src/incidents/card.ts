import type { Card, CardAction } from '../chat/card.ts';
import { foldSome } from '../fleet/target/fold-some.ts';
import type { Contradiction } from '../incident/contradictions.ts';
import { type Incident, isOpen } from '../incident/shapes.ts';
import { sayHealth } from '../incident/timeline.ts';
import { sayDuration } from '../lib/duration.ts';
import { type Reader, sayState, sayWhen } from './words.ts';

/** Characters of the last update on the card; all of it stands in the thread. */
const UPDATE = 600;
const CONTRADICTIONS = 4;

/** An incident as it is now, on one screen of a phone: how far, since when, what the public read last, what is promised, and who has it. */
export function incidentCard(incident: Incident, said: readonly Contradiction[], reader: Reader): Card {
  const { id, title, severity, state, updates, lead } = incident;
  const last = updates.at(-1);
  return {
    title: `${id} ${severity}, ${state.replaceAll('_', ' ')}: ${title}`.slice(0, 300),
    tone: isOpen(incident) ? (state === 'monitoring' ? 'attention' : 'bad') : incident.kind === 'maintenance' && state !== 'completed' ? 'attention' : 'good',
    body: [
      sinceLine(incident, reader),
      ...(last
        ? [`${sayState(last.status)} ${sayWhen(last.at, incident, reader)}, ${last.by}: ${clip(last.text, UPDATE)}`]
        : ['The public does not read it: it opened by itself, and nobody has written an update.']),
      ...touchedLines(incident),
      ...promiseLine(incident, reader),
      lead === undefined ? (isOpen(incident) ? 'nobody leads it yet' : '') : `led by ${lead}`,
      ...said.slice(0, CONTRADICTIONS).map(({ says }) => `does not fit: ${says}`),
      ...(said.length > CONTRADICTIONS ? [`${said.length - CONTRADICTIONS} more things do not fit: show ${id}`] : []),
    ].filter((line) => line !== ''),
    actions: actionsOf(incident),
  };
}

function sinceLine(incident: Incident, reader: Reader): string {
  const { began, opened, resolved, by, window, mergedInto } = incident;
  if (mergedInto !== undefined) return `goes on as ${mergedInto}`;
  if (window) return `maintenance ${sayWhen(window.from, incident, reader)} to ${sayWhen(window.until, incident, reader)}, by ${by}`;
  const early = began < opened ? `, began ${sayWhen(began, incident, reader)}` : '';
  const length = sayDuration((resolved ?? reader.now) - began);
  return `opened ${sayWhen(opened, incident, reader)} by ${by}${early}; ${resolved === undefined ? `${length} so far` : `it took ${length}`}`;
}

function touchedLines({ components, hosts }: Incident): string[] {
  const ill = Object.entries(components).filter(([, { health }]) => health !== 'operational');
  const down = hosts.filter(({ down: at, up }) => at !== undefined && up === undefined).map(({ host }) => host);
  const back = new Set(hosts.filter(({ up }) => up !== undefined).map(({ host }) => host)).size;
  const named = [...new Set(hosts.map(({ host }) => host))];
  return [
    ...(ill.length > 0 ? [ill.map(([name, { health }]) => `${name}: ${sayHealth(health)}`).join(', ')] : []),
    ...(named.length > 0 ? [`${named.length === 1 ? '1 host' : `${named.length} hosts`}: ${foldSome(named, 120)}`] : []),
    ...(down.length > 0 || back > 0
      ? [`${down.length === 0 ? 'none is down' : `down now: ${foldSome(down, 120)}`}${back > 0 ? `; ${back} came back` : ''}`]
      : []),
  ];
}

function promiseLine(incident: Incident, reader: Reader): string[] {
  const { updateDue: due } = incident;
  if (due === undefined || !isOpen(incident)) return [];
  return [
    due > reader.now ? `next update promised for ${sayWhen(due, incident, reader)}` : `the update promised for ${sayWhen(due, incident, reader)} is missing`,
  ];
}

function actionsOf({ id, state, kind }: Incident): CardAction[] {
  const look = { label: 'Story', command: `show ${id}` };
  if (kind === 'maintenance') return [look];
  if (state === 'resolved')
    return [{ label: 'Postmortem', command: `incident postmortem ${id}` }, { label: 'Reopen', command: `incident reopen ${id} …` }, look];
  if (state === 'merged' || state === 'postmortem') return [look];
  return [
    { label: 'Update', command: `incident update ${id} …`, style: 'primary' },
    ...(state === 'investigating' ? [{ label: 'Identified', command: `incident identify ${id} …` }] : []),
    ...(state === 'monitoring' ? [] : [{ label: 'Monitoring', command: `incident monitor ${id} …` }]),
    { label: 'Resolved', command: `incident resolve ${id} …` },
    { label: 'Mine now', command: `take ${id}` },
    look,
  ];
}

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
