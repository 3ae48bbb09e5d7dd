import { sayDuration } from '../lib/duration.ts';
import { when } from '../rollout/words.ts';
import { minutesOf } from './contradictions.ts';
import type { PublicEntry } from './public-story.ts';
import { publicTitle } from './public-title.ts';
import type { Incident } from './shapes.ts';

/** What only people can write; each can be written by itself, from a phone. */
export const SECTIONS = ['summary', 'helped', 'hurt'] as const;
export type Section = (typeof SECTIONS)[number];

/** Something that is to be done after an incident, as it stands in its postmortem. */
export interface WrittenAction {
  text: string;
  owner: string;
  done: boolean;
}

export interface PostmortemFacts {
  incident: Incident;
  /** What the public may read of it. */
  story: readonly PublicEntry[];
  written: Partial<Record<Section, string>>;
  actions: readonly WrittenAction[];
}

/**
 * The postmortem as Markdown, from what was recorded and what people wrote: summary, impact with the outage table, timeline, what helped, what hurt,
 * actions with owners. Times are those of the incident's zone. Nothing that was typed or noted among ourselves is in it: its timeline is the story
 * as the public may read it (src/incident/public-story.ts). `draft`: for people who write it, with what nobody has written yet.
 */
export function postmortemText(facts: PostmortemFacts, draft?: { missing(section: Section): string; doesNotFit: readonly string[] }): string {
  const { incident, written, actions } = facts;
  const section = (title: string, name: Section): string[] => {
    const text = written[name] ?? (draft ? `_${draft.missing(name)}_` : undefined);
    return text === undefined ? [] : [`## ${title}`, text];
  };
  return `${[
    `# ${titleOf(incident)}`,
    '## Summary',
    ...(written.summary === undefined ? [sayWhole(incident), ...(draft ? [`_${draft.missing('summary')}_`] : [])] : [written.summary]),
    '## Impact',
    ...impact(incident),
    '## Timeline',
    sayStory(facts),
    ...section('What helped', 'helped'),
    ...section('What hurt', 'hurt'),
    ...(draft && draft.doesNotFit.length > 0 ? ['## What does not fit', draft.doesNotFit.map((line) => `- ${line}`).join('\n')] : []),
    ...(actions.length > 0 || draft ? ['## Actions', actions.map(sayAction).join('\n') || '_None yet: one a line, - [ ] what is to be done @who_'] : []),
  ].join('\n\n')}\n`;
}

export const sayAction = ({ text, owner, done }: WrittenAction): string => `- [${done ? 'x' : ' '}] ${oneLine(text)} @${owner}`;

/** What can be said without anybody: how long, how bad, how many hosts. */
function sayWhole(incident: Incident): string {
  const { severity, began, resolved, hosts, components, zone } = incident;
  const down = new Set(hosts.filter((row) => row.down !== undefined).map(({ host }) => host)).size;
  const touched = Object.keys(components);
  const length = resolved === undefined ? 'It is not resolved' : `It took ${sayDuration(resolved - began)}`;
  const whom = [...(touched.length > 0 ? [touched.join(', ')] : []), ...(down > 0 ? [`${down} ${down === 1 ? 'host' : 'hosts'} down`] : [])];
  return `${titleOf(incident)}: a ${severity} incident that began ${when(began, resolved ?? began, zone)} ${zone}. ${length}${whom.length > 0 ? `, with ${whom.join(' and ')}` : ''}.`;
}

function impact(incident: Incident): string[] {
  const { hosts, zone, began } = incident;
  const rows = hosts.filter(({ down }) => down !== undefined).sort((a, b) => (a.down ?? 0) - (b.down ?? 0) || (a.host < b.host ? -1 : 1));
  if (rows.length === 0) return ['No host was seen down.'];
  const minutes = rows.flatMap((row) => minutesOf(row));
  const span = minutes.length > 0 ? ` Outages lasted ${Math.min(...minutes)} to ${Math.max(...minutes)} minutes.` : '';
  const time = (at: number | undefined): string => (at === undefined ? 'still down' : when(at, began, zone));
  return [
    `${new Set(rows.map(({ host }) => host)).size} hosts went down.${span} Times are ${zone}.`,
    [
      '| host | down | up | lasted | cause |',
      '|---|---|---|---|---|',
      ...rows.map((row) => {
        const [lasted] = minutesOf(row);
        return `| ${[row.host, time(row.down), time(row.up), lasted === undefined ? '' : `${lasted} min`, row.cause ?? ''].map(cell).join(' | ')} |`;
      }),
    ].join('\n'),
  ];
}

const MOST_LINES = 200;

function sayStory({ incident, story }: PostmortemFacts): string {
  const lines = story.slice(0, MOST_LINES).map(({ at, says }) => `- ${when(at, incident.began, incident.zone)} ${oneLine(says)}`);
  return [...lines, ...(story.length > MOST_LINES ? [`- … and ${story.length - MOST_LINES} more`] : [])].join('\n') || 'Nothing was recorded.';
}

const titleOf = (incident: Incident): string => oneLine(publicTitle({ ...incident, components: Object.keys(incident.components) }));
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
const cell = (text: string): string => oneLine(text).replaceAll('|', '\\|');
