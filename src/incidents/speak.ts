import type { Line, Reply, Told } from '../chat/command.ts';
import { defaultsOf } from '../config/defaults.ts';
import { forgottenIn } from '../incident/contradictions.ts';
import { promiseFor } from '../incident/duties.ts';
import { healthFor } from '../incident/health.ts';
import { type Happened, type Incident, type IncidentState, isOpen } from '../incident/shapes.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import { resolvePages } from '../paging/end.ts';
import type { Tx } from '../store/db.ts';
import { allOfIt } from './all-of-it.ts';
import { announce } from './announce.ts';
import { incidentJson } from './json.ts';
import { moveIncident } from './move.ts';
import { incidentNamed } from './rows.ts';
import { speakOfMaintenance } from './speak-maintenance.ts';
import { whichIncident } from './which.ts';
import { wordsCard } from './words-card.ts';

/** Words for the public, as one of the verbs has them. */
export interface Speech {
  type: 'updated' | 'identified' | 'monitoring' | 'resolved' | 'reopened';
  /** As typed: `update`. */
  verb: string;
  named?: string | undefined;
  text?: string | undefined;
  /** Domain ms until the next update; unsaid, as the severity has it. */
  next?: number | undefined;
  /** Sent although it forgets somebody. */
  anyway?: boolean;
  /** The line that says this text of that incident. */
  line(id: string, text: string): string;
}

/** What the public reads at once: written, announced, promised on. Text that forgets a host that was down is asked about first, and nothing is written. */
export async function speak(ops: Ops, speech: Speech): Promise<Reply> {
  const { text, verb } = speech;
  if (text === undefined)
    throw new Refusal(`Say it in words the public understands: incident ${verb}${speech.named ? ` ${speech.named}` : ''} "We believe it is the cable."`);
  const which = await whichIncident(ops.records, { named: speech.named, states: statesFor(speech), verb, line: (id) => speech.line(id, text) });
  if (!('id' in which)) return which;
  const { incident } = await incidentNamed(ops.records, which.id);
  if (incident.kind === 'maintenance') return speakOfMaintenance(ops, incident, { ...speech, text });
  refuseWrongState(incident, speech);
  const forgotten = speech.type === 'resolved' && !speech.anyway ? forgottenIn(incident, text) : [];
  if (forgotten.length > 0) return askAbout(incident, forgotten, { ...speech, text });
  return { write: (tx, line) => write(tx, ops, incident.id, { ...speech, text }, line) };
}

const statesFor = ({ type }: Speech): IncidentState[] =>
  type === 'reopened' ? ['resolved', 'postmortem'] : ['investigating', 'identified', 'monitoring', 'in_progress', 'verifying'];

function refuseWrongState(incident: Incident, { type, verb }: Speech): void {
  const { id, state, mergedInto } = incident;
  if (state === 'merged') throw new Refusal(`${id} goes on as ${mergedInto}. Say it there: incident ${verb} ${mergedInto} …`);
  if (type === 'reopened' && isOpen(incident)) throw new Refusal(`${id} is open (${state}); "incident update ${id} …" says more of it.`);
  if (type !== 'reopened' && !isOpen(incident)) throw new Refusal(`${id} is ${state}. "incident reopen ${id} …" opens it again.`);
}

/** The reply asks; nothing is written until it is said again, with them or without. */
function askAbout({ id }: Incident, forgotten: readonly string[], { text, line }: Speech & { text: string }): Reply {
  const many = forgotten.length === 1 ? 'was down too, and the text does not name it' : 'were down too, and the text does not name them';
  return {
    card: {
      title: `${forgotten.join(', ').slice(0, 200)} ${many}. Nothing was sent.`,
      tone: 'attention',
      body: [text],
      actions: [
        { label: 'Add', command: line(id, `${text.replace(/[.\s]*$/, '.')} Also affected: ${forgotten.join(', ')}.`), style: 'primary' },
        { label: 'Send as it is', command: `${line(id, text)} anyway` },
      ],
    },
    json: { id, sent: false, forgotten },
    outcome: 'refused',
  };
}

async function write(tx: Tx, ops: Ops, id: string, { type, text, verb, next }: Speech & { text: string }, line: Line): Promise<Told> {
  const { incident: before } = await incidentNamed(tx, id, 'for update');
  refuseWrongState(before, { type, verb } as Speech);
  const due = new Date(line.at + (next ?? promiseFor(before.severity, defaultsOf(ops.config())))).toISOString();
  const ill = type === 'reopened' || (!before.public && type !== 'resolved') ? healthFor(before.severity, Object.keys(before.components)) : undefined;
  const happened: Happened = { type, data: { text, ...(type !== 'resolved' && { due }), ...(ill && { components: ill }) }, by: line.actor.name, at: line.at };
  const { after, rev } = await moveIncident(tx, id, happened);
  await restPages(tx, after, line);
  const card = wordsCard(after, text, { now: line.at, zone: after.zone });
  await announce(tx, ops, { id, rev, card, moves: after.state !== before.state || !before.public, place: line.place, at: line.at });
  return { card: wordsCard(after, text, { now: line.at, zone: line.place.zone }), json: incidentJson(after) };
}

/** Whoever was asked to write need not any more; of what is resolved nobody is asked anything. */
async function restPages(tx: Tx, { id, state }: Incident, line: Line): Promise<void> {
  const said = { by: line.actor.name, at: line.at };
  if (state === 'resolved') await resolvePages(tx, { about: id }, { ...said, because: `${id} is resolved` });
  const asked = await tx.query<{ page: string }>(
    `select data ->> 'page' as page from events where thing = any ($1::text[]) and type = 'second writer asked' and data ? 'page'`,
    [await allOfIt(tx, id)],
  );
  if (asked.length > 0) await resolvePages(tx, { pages: asked.map(({ page }) => page) }, { ...said, because: `${line.actor.name} wrote the update` });
}
