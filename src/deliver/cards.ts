import { crashPoint } from '../lib/crash.ts';
import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import { cannotShow, renderThing } from './render.ts';
import type { Progress, Renderer, Shown } from './shown.ts';
import { textOf } from './text.ts';
import { dueLine, dueWords, type Said } from './words.ts';

/** A device that cannot edit what it has shown. */
export interface Reader {
  print(text: string): Promise<void>;
  /** What was said of cards that are over soon, and when cards were looked at, by the card's id. */
  said: Map<string, Said>;
  looked: Map<string, number>;
  /** Times in a row that it could not be shown something. */
  failed: number;
}

export interface CardsWorld {
  db: Db;
  log: Log;
  renderers: Record<string, Renderer>;
}

/** An answer that could not be made so often in a row is given up. */
const TRIES = 4;
/** Wall ms between two looks at one card that goes on: hosts end faster than anybody reads. */
const BETWEEN_LOOKS = 1000;

/** Shows what changed of the cards in a place. Answers in how many wall ms it should be asked again. */
export async function showCards(world: CardsWorld, channel: string, reader: Reader): Promise<number | undefined> {
  const rows = await world.db.query<CardRow>(
    `select c.id, c.thing_kind, c.thing_id, c.wanted_rev, c.final, c.place, c.inbox_id, c.said, i.json,
            extract(epoch from now() - c.wall_made)::float8 * 1000 as age
     from cards c left join inbox i on i.id = c.inbox_id
     where c.platform = 'terminal' and c.channel = $1 and c.shown_rev < c.wanted_rev order by c.id`,
    [channel],
  );
  let again = Infinity;
  for (const row of rows) {
    if (row.final) await showEnd(world, row, reader);
    else again = Math.min(again, (await showOnTheWay(world, row, reader)) ?? Infinity);
  }
  return again === Infinity ? undefined : again;
}

interface CardRow {
  id: string;
  thing_kind: string;
  thing_id: string;
  wanted_rev: number;
  final: boolean;
  place: { zone: string };
  inbox_id: string | null;
  said: Said | null;
  json: boolean | null;
  age: number;
}

const saidTo = (row: CardRow, reader: Reader): Said | undefined =>
  [row.said, reader.said.get(row.id)].find((said) => said && said.line === row.inbox_id) ?? undefined;

async function showOnTheWay(world: CardsWorld, row: CardRow, reader: Reader): Promise<number | undefined> {
  const said = saidTo(row, reader);
  const due = dueWords(said, row.age);
  if (due.say === 'nothing') return due.again;
  const wait = (reader.looked.get(row.id) ?? 0) + BETWEEN_LOOKS - Date.now();
  if (due.say === 'line' && wait > 0) return wait;
  reader.looked.set(row.id, Date.now());
  const shown = row.json ? undefined : await renderThing(world, row);
  const line = said && shown?.progress && due.say === 'line' ? dueLine(said, shown.progress, Date.now()) : undefined;
  if (line?.say === 'nothing') return line.again;
  const now: Said = { line: row.inbox_id, words: line ? 0 : (said?.words ?? 0) + 1, at: Date.now(), ...kept(shown?.progress) };
  reader.said.set(row.id, now);
  // It may have ended while this was made: then its last words follow at once, and these would be the same twice.
  if (shown && !(await isFinal(world.db, row.id))) await reader.print(line && shown.progress ? shown.progress.line : textOf(shown));
  if (shown?.progress) await mark(world.db, row, now, false);
  return due.again;
}

async function showEnd(world: CardsWorld, row: CardRow, reader: Reader): Promise<void> {
  const shown = await renderThing(world, row).catch((error: unknown) => giveUp(world.log, row, reader, error));
  const said = saidTo(row, reader);
  // What waits for a person is touched now and then without having turned: its end was said.
  const repeats = said?.final === true && shown.progress !== undefined && said.turn === shown.progress.turn;
  const text = textOf(shown);
  crashPoint('answer.rendered');
  if (!repeats) await reader.print(text);
  crashPoint('answer.sent');
  reader.said.delete(row.id);
  reader.looked.delete(row.id);
  await mark(world.db, row, shown.progress ? { line: row.inbox_id, words: 0, at: Date.now(), final: true, ...kept(shown.progress) } : null, true);
  crashPoint('answer.marked');
}

async function mark(db: Db, row: CardRow, said: Said | null, tellLine: boolean): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query(`update cards set shown_rev = greatest(shown_rev, $2), said = coalesce($3, said) where id = $1`, [
      row.id,
      row.wanted_rev,
      said && toJsonb(said),
    ]);
    if (tellLine) await tx.notify('shown', `line:${row.inbox_id}`);
  });
}

const kept = (progress: Progress | undefined): Pick<Said, 'turn' | 'state'> => (progress ? { turn: progress.turn, state: progress.state } : {});

async function isFinal(db: Db, id: string): Promise<boolean> {
  const [card] = await db.query<{ final: boolean }>(`select final from cards where id = $1`, [id]);
  return card?.final === true;
}

/** An answer that cannot be made must not hold up those behind it, and whoever waits for it, for ever. */
function giveUp(log: Log, row: CardRow, reader: Reader, error: unknown): Shown {
  if (reader.failed < TRIES) throw error;
  return cannotShow(log, row, error);
}
