import type { Place, Told } from '../../chat/command.ts';
import type { Section } from '../../incident/postmortem.ts';
import { actionsIn } from '../../incident/postmortem-actions.ts';
import { isOpen } from '../../incident/shapes.ts';
import { Refusal } from '../../lib/refusal.ts';
import type { Ops } from '../../ops.ts';
import type { Tx } from '../../store/db.ts';
import { toJsonb, toText } from '../../store/json.ts';
import { addAction, followText } from '../actions/rows.ts';
import { announce } from '../announce.ts';
import { moveIncident } from '../move.ts';
import { incidentNamed } from '../rows.ts';
import { draftOf } from './draft.ts';

/** Characters of a postmortem; of the words the update has for those who do not read it. */
const LONGEST = 60_000;
const LEAD = 600;

interface Said {
  id: string;
  by: string;
  at: number;
}

/** One section, written by itself. Where the whole text was edited, that goes before: refused, so that nothing is written for nobody. */
export async function writeSection(tx: Tx, { id, by, at }: Said, section: Section, text: string): Promise<Told> {
  await incidentNamed(tx, id);
  const [row] = await tx.query<{ text: string | null }>(
    `insert into postmortems (incident, sections, by, changed) values ($1, $2, $3, $4)
     on conflict (incident) do update set sections = postmortems.sections || excluded.sections, by = excluded.by, changed = excluded.changed, rev = postmortems.rev + 1, waived = null
     returning text`,
    [id, toJsonb({ [section]: text }), by, new Date(at)],
  );
  if (row?.text) throw new Refusal(`The postmortem of ${id} was written as a whole: edit that text ("show postmortem ${id}"), and give it again.`);
  return told(id, `${section} of the postmortem of ${id} is written.`, { id, section });
}

/** The whole text, in place of what is made from the story. */
export async function writeText(tx: Tx, { id, by, at }: Said, text: string): Promise<Told> {
  await incidentNamed(tx, id);
  if (text.length > LONGEST) throw new Refusal(`A postmortem has at most ${LONGEST} characters; this one has ${text.length}.`);
  await tx.query(
    `insert into postmortems (incident, text, by, changed) values ($1, $2, $3, $4)
     on conflict (incident) do update set text = excluded.text, by = excluded.by, changed = excluded.changed, rev = postmortems.rev + 1, waived = null`,
    [id, toText(text), by, new Date(at)],
  );
  return told(id, `The postmortem of ${id} is the text you gave, ${text.split('\n').length} lines.`, { id, characters: text.length });
}

/** Something to be done, for whoever stands at its end as `@ada`; else for whoever leads, else for whoever says it. */
export async function writeAction(tx: Tx, ops: Pick<Ops, 'people'>, { id, by, at }: Said, text: string): Promise<Told> {
  const { incident } = await incidentNamed(tx, id);
  const [read] = actionsIn(`- [ ] ${text.replace(/\s+/g, ' ').replace(/^[-*+] (?:\[[ xX]\] )?/, '')}`);
  if (!read) throw new Refusal('Say what is to be done, and at the end by whom: @ada');
  const owner = ownerOf(ops, read.owner, incident.lead ?? by);
  const action = await addAction(tx, { incident: id, text: read.text, owner, by, at });
  return told(id, `${action} for ${owner}: ${read.text.slice(0, 200)}`, { id: action, incident: id, owner });
}

/** Nobody writes one, and why. */
export async function waive(tx: Tx, { id, by, at }: Said, because: string): Promise<Told> {
  const { incident } = await incidentNamed(tx, id);
  if (incident.state === 'postmortem') throw new Refusal(`The postmortem of ${id} is published already.`);
  await tx.query(
    `insert into postmortems (incident, waived, by, changed) values ($1, $2, $3, $4)
     on conflict (incident) do update set waived = excluded.waived, by = excluded.by, changed = excluded.changed, rev = postmortems.rev + 1`,
    [id, toText(because), by, new Date(at)],
  );
  await tx.query(`delete from timers where kind = 'postmortem' and ref = $1`, [id]);
  return told(id, `${id} has no postmortem: ${because}`, { id, waived: because });
}

/**
 * Publishes what stands there now: the incident's state moves, the public reads the text under it, its actions become rows, and the channels of
 * news are told once. Refuses an incident that is not resolved, and an owner nobody knows.
 */
export async function publish(tx: Tx, ops: Pick<Ops, 'people' | 'fleet' | 'clock' | 'tell'>, { id, by, at, place }: Said & { place: Place }): Promise<Told> {
  const { incident } = await incidentNamed(tx, id, 'for update');
  if (incident.kind === 'maintenance') throw new Refusal(`${id} is a maintenance: it has no postmortem.`);
  if (incident.mergedInto !== undefined) throw new Refusal(`${id} went into ${incident.mergedInto}: publish the postmortem of that one.`);
  if (isOpen(incident)) throw new Refusal(`${id} is ${incident.state}: resolve it first ("incident resolve ${id} …").`);
  const { text } = await draftOf(tx, ops, id);
  const read = actionsIn(text).map((action) => ({ ...action, owner: ownerOf(ops, action.owner, incident.lead ?? by) }));
  const again = incident.state === 'postmortem';
  const lead = `${again ? 'The postmortem of this incident was revised.' : 'The postmortem of this incident is published.'} ${leadOf(text)}`.trim();
  const { after, rev } = await moveIncident(tx, id, { type: 'postmortem', data: { text: lead }, by, at });
  await tx.query(`update incidents set postmortem = $2 where id = $1`, [id, text]);
  await tx.query(
    `insert into postmortems (incident, by, changed, published) values ($1, $2, $3, $3)
     on conflict (incident) do update set published = coalesce(postmortems.published, excluded.published), waived = null, rev = postmortems.rev + 1`,
    [id, by, new Date(at)],
  );
  const open = await followText(tx, id, read, { by, at });
  const says = open === 0 ? 'nothing is left to be done' : `${open === 1 ? '1 action is' : `${open} actions are`} to be done: show actions`;
  const card = { title: `${id}: the postmortem is ${again ? 'revised' : 'published'}`, tone: 'good' as const, body: [after.title, says] };
  await announce(tx, ops, { id, rev, card: { ...card, body: [lead] }, moves: true, place, at });
  return { card: { ...card, attachment: { name: `${id}.md`, text } }, json: { id, state: after.state, open_actions: open } };
}

function ownerOf({ people }: Pick<Ops, 'people'>, said: string | undefined, otherwise: string): string {
  if (said === undefined) return otherwise;
  const known = people().filter(({ machine }) => !machine);
  const found = known.find(({ name }) => name.toLowerCase() === said.toLowerCase());
  if (found) return found.name;
  throw new Refusal(
    `Nobody here is called "${said}": an action is for ${known
      .map(({ name }) => `@${name}`)
      .slice(0, 20)
      .join(', ')}. Nothing was published.`,
  );
}

/** The first words under "Summary", or of the whole. */
function leadOf(text: string): string {
  const body = /^#+[ \t]*summary[ \t]*$\s*([\s\S]*?)(?=^#|(?![\s\S]))/im.exec(text)?.[1] ?? text.replace(/^#.*$/gm, '');
  const [first = ''] = body.trim().split(/\n\s*\n/);
  const line = first.replace(/\s+/g, ' ');
  return line.length > LEAD ? `${line.slice(0, LEAD - 1)}…` : line;
}

const told = (id: string, title: string, json: Record<string, unknown>): Told => ({
  card: { title, tone: 'good', actions: [{ label: 'Look', command: `show postmortem ${id}` }] },
  json,
});
