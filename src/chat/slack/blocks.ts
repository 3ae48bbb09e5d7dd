import type { types } from '@slack/bolt';
import type { Shown } from '../../deliver/shown.ts';
import type { Card, Moment } from '../card.ts';
import { renderTable, renderText } from '../text.ts';
import { buttonRows, plain } from './buttons.ts';
import { escapeTo, fenced, harmless, linked, withMoments } from './escape.ts';

/** What is sent to Slack for one card. */
export interface SlackMessage {
  /** What notifications and screen readers say. */
  text: string;
  blocks: types.KnownBlock[];
  /** The whole, where it did not fit: for the thread. */
  file?: { name: string; text: string };
}

// @slack/types and bolt-js#2509: 13,200 characters in all blocks. Some room is left below each, for what they count and nobody says.
const ROOM = { all: 12_000, buttons: 2400, header: 150, section: 2900, text: 1000, field: 600, fields: 20, blocks: 42, inline: 2500, columns: 76 };

const SIGN = { good: '✓ ', bad: '✗ ', attention: '! ', quiet: '' };

/**
 * A card as Block Kit: every limit kept, what is cut said, and the whole beside it as a file. Nothing from outside becomes a
 * mention; `mentions` are those that are meant (ids of people or user groups).
 */
export function renderSlack(shown: Partial<Shown>, mentions: readonly string[] = []): SlackMessage {
  if (shown.document !== undefined) return documentMessage(JSON.stringify(shown.document), mentions);
  return cardMessage(shown.card ?? { title: 'Done.' }, mentions);
}

function cardMessage(card: Card, mentions: readonly string[]): SlackMessage {
  const { rows, typed } = buttonRows(card.actions ?? []);
  const page = openPage(ROOM.all - (rows.length > 0 ? ROOM.buttons : 0), ROOM.blocks - rows.length);
  const title = SIGN[card.tone ?? 'quiet'] + card.title;
  if (mentions.length > 0) page.put(mentionBlock(mentions));
  page.put(titleBlock(title));
  const cut = [
    ...(harmless(title).length > ROOM.section ? ['the title'] : []),
    ...putLines(page, card.body ?? [], card.moments ?? []),
    ...putFields(page, card.fields ?? [], card.moments ?? []),
    ...putTable(page, card.table),
    ...putLines(page, typed, []),
  ];
  const whole = wholeOf(card, cut.length > 0);
  const file = whole && (cut.length > 0 || !putInline(page, whole)) ? whole : undefined;
  // Outside the page, so that there is always room to say that something is missing.
  const missing = file && note(`${cut.length > 0 ? `… cut here: ${cut.join(', ')}. ` : ''}The whole is attached as ${file.name}.`);
  return {
    text: escapeTo([title, ...(card.body ?? [])].join('\n'), ROOM.text),
    blocks: [...page.blocks, ...(missing ? [missing] : []), ...rows],
    ...(file && { file }),
  };
}

function documentMessage(json: string, mentions: readonly string[]): SlackMessage {
  const before = mentions.length > 0 ? [mentionBlock(mentions)] : [];
  const escaped = harmless(json);
  if (escaped.length <= ROOM.section - 10)
    return { text: escapeTo(json, ROOM.text), blocks: [...before, { type: 'section', text: { type: 'mrkdwn', text: fenced(escaped), verbatim: true } }] };
  const says = `The document has ${json.length} characters; it is attached as answer.json.`;
  return { text: says, blocks: [...before, { type: 'section', text: plain(says, ROOM.section) }], file: { name: 'answer.json', text: json } };
}

/** Blocks with what room is left. */
interface Page {
  blocks: types.KnownBlock[];
  room(): number;
  /** False where it does not fit. */
  put(block: types.KnownBlock): boolean;
}

function openPage(characters: number, most: number): Page {
  const blocks: types.KnownBlock[] = [];
  let left = characters;
  return {
    blocks,
    room: () => (blocks.length < most ? left : 0),
    put(block) {
      const size = JSON.stringify(block).length;
      if (blocks.length >= most || size > left) return false;
      blocks.push(block);
      left -= size;
      return true;
    },
  };
}

/** A header is bold and one short line; a refusal with its reasons is longer. */
const titleBlock = (title: string): types.KnownBlock =>
  title.includes('\n') || harmless(title).length > ROOM.header
    ? { type: 'section', text: plain(title, ROOM.section) }
    : { type: 'header', text: plain(title, ROOM.header) };

const note = (text: string): types.KnownBlock => ({ type: 'context', elements: [plain(text, 500)] });

function mentionBlock(mentions: readonly string[]): types.KnownBlock {
  const marks = mentions.flatMap((id) => (/^[UW][A-Z0-9]+$/.test(id) ? [`<@${id}>`] : /^S[A-Z0-9]+$/.test(id) ? [`<!subteam^${id}>`] : []));
  return { type: 'section', text: { type: 'mrkdwn', text: marks.slice(0, 50).join(' ') || ' ', verbatim: true } };
}

/** Lines word for word; only those with a moment or an address in them are read by Slack, which has no way to show it otherwise. */
function putLines(page: Page, lines: readonly string[], moments: readonly Moment[]): string[] {
  const read = (line: string): boolean => /https?:\/\//.test(line) || moments.some(({ says }) => line.includes(says));
  for (let from = 0; from < lines.length; ) {
    const kind = read(lines[from] as string);
    let to = from;
    let text = '';
    for (; to < lines.length && read(lines[to] as string) === kind; to += 1) {
      const line = escapeTo(lines[to] as string, ROOM.section - 200);
      const shown = kind ? linked(withMoments(line, moments)) : line;
      if (to > from && text.length + shown.length + 1 > ROOM.section) break;
      text += `${to > from ? '\n' : ''}${shown.length > ROOM.section ? line : shown}`;
    }
    if (
      !page.put({
        type: 'section',
        text: kind ? { type: 'mrkdwn', text: text || ' ', verbatim: true } : { type: 'plain_text', text: text || ' ', emoji: false },
      })
    )
      return [`${lines.length - from} lines`];
    from = to;
  }
  return lines.some((line) => harmless(line).length > ROOM.section - 200) ? ['a long line'] : [];
}

function putFields(page: Page, fields: NonNullable<Card['fields']>, moments: readonly Moment[]): string[] {
  const texts = fields.slice(0, ROOM.fields).map(({ name, value }): types.MrkdwnElement | types.PlainTextElement => {
    const text = escapeTo(`${name}: ${value}`, ROOM.field);
    const shown = withMoments(text, moments);
    return shown === text ? { type: 'plain_text', text: text || ' ', emoji: false } : { type: 'mrkdwn', text: shown, verbatim: true };
  });
  let put = 0;
  while (put < texts.length && page.put({ type: 'section', fields: texts.slice(put, put + 10) })) put += 10;
  const cut = fields.length - Math.min(put, texts.length);
  const long = fields.slice(0, put).some(({ name, value }) => harmless(`${name}: ${value}`).length > ROOM.field);
  return [...(cut > 0 ? [`${cut} fields`] : []), ...(long ? ['a long field'] : [])];
}

function putTable(page: Page, table: Card['table']): string[] {
  if (!table) return [];
  const lines = renderTable(table, ROOM.columns).map((line) => escapeTo(line, ROOM.section - 20));
  for (let from = 0; from < lines.length; ) {
    const room = Math.min(ROOM.section, page.room() - 200) - 10;
    let to = from;
    for (let size = 0; to < lines.length; to += 1) {
      // A line feed is two characters on the wire, and what is counted is the wire.
      size += JSON.stringify(lines[to]).length;
      if (size > room) break;
    }
    if (to === from || !page.put({ type: 'section', text: { type: 'mrkdwn', text: fenced(lines.slice(from, to).join('\n')), verbatim: true } }))
      return [`${lines.length - from} lines of the table`];
    from = to;
  }
  return [];
}

/** Short output stands in the message itself. */
const putInline = (page: Page, { name, text }: { name: string; text: string }): boolean =>
  harmless(text).length <= ROOM.inline &&
  page.put({ type: 'section', text: { type: 'mrkdwn', text: `${escapeTo(name, 100)}\n${fenced(harmless(text))}`, verbatim: true } });

/** The attachment is the whole output where there is one; where something of the card was cut, it is all of the card as text. */
function wholeOf(card: Card, cut: boolean): { name: string; text: string } | undefined {
  const name = card.attachment?.name ?? 'answer.txt';
  if (cut) return { name, text: renderText(card) };
  return card.attachment && card.attachment.text !== '' ? card.attachment : undefined;
}
