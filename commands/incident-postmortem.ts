import { z } from 'zod';
import { defineCommand, type Reply } from '../src/chat/command.ts';
import { choice, id, text } from '../src/chat/options.ts';
import { quoted } from '../src/chat/words.ts';
import type { Section } from '../src/incident/postmortem.ts';
import { draftOf } from '../src/incidents/postmortem/draft.ts';
import { postmortemShown } from '../src/incidents/postmortem/show.ts';
import { publish, waive, writeAction, writeSection, writeText } from '../src/incidents/postmortem/write.ts';
import { whichIncident } from '../src/incidents/which.ts';
import { Refusal } from '../src/lib/refusal.ts';
import type { Ops } from '../src/ops.ts';

const WHAT = ['summary', 'helped', 'hurt', 'action', 'text', 'file', 'publish', 'none'] as const;

export const incidentPostmortem = defineCommand({
  name: 'incident postmortem',
  summary: 'The postmortem, made from the story: shown as a file, written by the section, published',
  examples: [
    'incident postmortem INC-1',
    'incident postmortem INC-1 summary A switch lost its power, and with it two of three paths.',
    'incident postmortem INC-1 helped The second path was tested in May.',
    'incident postmortem INC-1 action label the power cables @ada',
    'incident postmortem INC-1 file',
    'incident postmortem INC-1 publish',
    'incident postmortem INC-1 none because it was a drill',
  ],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    incident: id(['incident']).optional(),
    what: choice(WHAT, { words: 'a section, an action, the whole text, or what is to be done with it; shows it if unsaid' }).optional(),
    text: text({ words: 'what stands there then; at the end of an action @whose it is' }).optional(),
  }),
  async run({ options, actor, place }, ops) {
    const { what } = options;
    const said = options.text?.trim() ?? '';
    const line = (id: string): string => ['incident postmortem', id, what, said && quoted(said)].filter(Boolean).join(' ');
    const which = await whichIncident(ops.records, { named: options.incident, states: ['resolved', 'postmortem'], verb: 'write about', line });
    if (!('id' in which)) return which;
    const incident = which.id;
    if (what === undefined && said !== '') throw new Refusal(`What of it? incident postmortem ${incident} ${WHAT.slice(0, 5).join('|')} …`);
    if (what === undefined) return postmortemShown(ops, incident, place.zone);
    if (what === 'file') return fromFile(ops, incident, actor.name);
    const needs = (example: string): string => {
      if (said === '') throw new Refusal(`Say it behind the word: incident postmortem ${incident} ${what} ${example}`);
      return said;
    };
    if (what === 'publish') {
      if (said !== '') throw new Refusal(`"publish" publishes what is written; give the text first: incident postmortem ${incident} text …`);
      return { write: (tx, line) => publish(tx, ops, { id: incident, by: actor.name, at: line.at, place }) };
    }
    if (what === 'none') {
      const why = said.replace(/^because\s+/i, '');
      if (why === '') throw new Refusal(`Say why: incident postmortem ${incident} none because it was a drill`);
      return { write: (tx, line) => waive(tx, { id: incident, by: actor.name, at: line.at }, why) };
    }
    if (what === 'action') {
      const action = needs('label the power cables @ada');
      return { write: (tx, line) => writeAction(tx, ops, { id: incident, by: actor.name, at: line.at }, action) };
    }
    const written = needs('…');
    if (what === 'text') return { write: (tx, line) => writeText(tx, { id: incident, by: actor.name, at: line.at }, written) };
    return { write: (tx, line) => writeSection(tx, { id: incident, by: actor.name, at: line.at }, what satisfies Section, written) };
  },
});

/** The first time lays the draft there to be edited; once it is there, its text is taken. */
async function fromFile(ops: Ops, id: string, by: string): Promise<Reply> {
  const files = ops.postmortemFiles;
  if (!files) throw new Refusal('This process has no data directory to keep a file in. Ask the one that runs with `holdfast start`.');
  const { draft } = await draftOf(ops.records, ops, id);
  const text = await files.read(id);
  if (text === undefined) {
    await files.lay(id, draft);
    return {
      card: { title: `The draft lies in ${files.at(id)}`, body: [`Edit it there, and say it again: incident postmortem ${id} file`], tone: 'good' },
      json: { id, file: files.at(id), laid: true },
    };
  }
  if (text.trim() === '') throw new Refusal(`${files.at(id)} is empty.`);
  return { write: (tx, line) => writeText(tx, { id, by, at: line.at }, text) };
}
