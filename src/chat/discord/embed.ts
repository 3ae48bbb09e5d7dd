import { type APIActionRowComponent, type APIButtonComponentWithCustomId, type APIEmbed, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import type { Shown } from '../../deliver/shown.ts';
import type { Card, CardAction } from '../card.ts';
import { renderText } from '../text.ts';
import { idOf } from './custom-id.ts';
import { codeBlock, cut, inCode, plain } from './markdown.ts';

/** A message as Discord takes it, and what goes with it. */
export interface Drawn {
  content: string;
  embeds: APIEmbed[];
  components: APIActionRowComponent<APIButtonComponentWithCustomId>[];
  files: { name: string; text: string }[];
  /** Lines behind buttons that have to be kept before the message is sent. */
  keep: { key: string; line: string }[];
}

// https://discord.com/developers/docs/resources/message: all in UTF-16 units, which is never less than Discord counts.
const LIMITS = { content: 2000, description: 4096, whole: 6000, fields: 25, fieldName: 256, fieldValue: 1024, rows: 5, inRow: 5, label: 80, file: 1_000_000 };

const SIGN = { good: '✓ ', bad: '✗ ', attention: '! ', quiet: '' };
/** Beside the sign, never instead of it. */
const COLOUR = { good: 0x2e7d32, bad: 0xc62828, attention: 0xef6c00, quiet: 0x607d8b };

/**
 * A card as one message: its title is the content, which is what a phone shows; the rest is an embed with the marker at its foot, and buttons.
 * What does not fit is cut where it can be seen, and the whole goes along as a file.
 */
export function draw({ card, document }: Partial<Shown>, marker: string, mentions: readonly string[] = []): Drawn {
  if (document !== undefined) return drawDocument(document, marker);
  return drawCard(card ?? { title: 'Done.' }, marker, mentions);
}

function drawCard(card: Card, marker: string, mentions: readonly string[]): Drawn {
  const cuts = noCuts();
  const names = mentions.map((id) => `<@${id}> `).join('');
  const say = (text: string): string => withMoments(plain(text), card);
  const content = names + cuts.at(SIGN[card.tone ?? 'quiet'] + say(card.title), LIMITS.content - names.length, '… (the whole is in the file)');
  const { rows, keep, left } = buttons(card.actions ?? []);
  const footer = marker;
  let room = LIMITS.whole - footer.length;
  const fields = (card.fields ?? []).slice(0, LIMITS.fields).flatMap(({ name, value }) => {
    const field = {
      name: cuts.at(plain(name).replace(/\n/g, ' ') || '-', LIMITS.fieldName),
      value: cuts.at(say(value) || '-', LIMITS.fieldValue),
      inline: value.length < 40,
    };
    room -= field.name.length + field.value.length;
    // Half of what there is stays for the body.
    if (room < LIMITS.whole / 3) {
      room += field.name.length + field.value.length;
      cuts.happened = true;
      return [];
    }
    return [field];
  });
  const lost = (card.fields ?? []).length - fields.length;
  if (lost > 0) cuts.happened = true;
  const more = [...(lost > 0 ? [`… ${lost} more in the file`] : []), ...left.map(({ label, command }) => `${plain(label)}: ${codeLine(command)}`)].join('\n');
  const body = (card.body ?? []).map(say).join('\n');
  const description = describe(body, card.table, cut(more, 1000), Math.min(LIMITS.description, room), cuts);
  const files = [
    ...(card.attachment ? [{ name: fileName(card.attachment.name), text: card.attachment.text.slice(0, LIMITS.file) }] : []),
    ...(cuts.happened
      ? [{ name: `${fileName(marker)}.txt`, text: renderText({ ...card, attachment: undefined } as Card, { width: 160 }).slice(0, LIMITS.file) }]
      : []),
  ];
  const embed: APIEmbed = {
    ...(description && { description }),
    ...(fields.length > 0 && { fields }),
    color: COLOUR[card.tone ?? 'quiet'],
    footer: { text: footer },
  };
  return { content, embeds: [embed], components: rows, files, keep };
}

interface Cuts {
  /** Something was cut anywhere. */
  happened: boolean;
  at(text: string, limit: number, mark?: string): string;
}

function noCuts(): Cuts {
  const cuts: Cuts = {
    happened: false,
    at(text, limit, mark = '…') {
      if (text.length > limit) cuts.happened = true;
      return cut(text, limit, mark);
    },
  };
  return cuts;
}

/** Body, table and a last line in so many characters; of a table as many rows as fit, and how many are left. */
function describe(body: string, table: Card['table'], more: string, room: number, cuts: Cuts): string {
  const tail = more ? `\n${more}` : '';
  if (!table) return cuts.at(body, room - tail.length, '\n… (the rest is in the file)') + tail;
  const text = cuts.at(body, Math.max(200, room - tail.length - 1200), '\n… (the rest is in the file)');
  const left = room - tail.length - text.length - 60;
  const lines = inCode(renderText({ title: '', table }, { width: 100 }))
    .split('\n')
    .slice(1);
  const shown: string[] = [];
  let used = 0;
  for (const line of lines) {
    used += line.length + 1;
    if (used > left) break;
    shown.push(line);
  }
  const rest = lines.length - shown.length;
  if (rest > 0) cuts.happened = true;
  return [text, codeBlock(shown.join('\n')), ...(rest > 0 ? [`… ${rest} more lines in the file`] : [])].filter(Boolean).join('\n') + tail;
}

/** Five rows of five; what is left is said as the lines that can be typed. The same line twice is one button. */
function buttons(actions: readonly CardAction[]): { rows: Drawn['components']; keep: Drawn['keep']; left: CardAction[] } {
  const keep: Drawn['keep'] = [];
  const made = new Map<string, APIButtonComponentWithCustomId>();
  const left: CardAction[] = [];
  for (const action of actions) {
    const { id, keep: line } = idOf(action);
    if (made.has(id)) continue;
    if (made.size === LIMITS.rows * LIMITS.inRow) left.push(action);
    else {
      if (line) keep.push(line);
      made.set(id, {
        type: ComponentType.Button,
        style: action.style === 'danger' ? ButtonStyle.Danger : action.style === 'primary' ? ButtonStyle.Primary : ButtonStyle.Secondary,
        label: cut(action.label.replace(/\s+/g, ' ').trim() || action.command, LIMITS.label),
        custom_id: id,
      });
    }
  }
  const all = [...made.values()];
  const rows = Array.from({ length: Math.ceil(all.length / LIMITS.inRow) }, (_, n) => ({
    type: ComponentType.ActionRow as const,
    components: all.slice(n * LIMITS.inRow, (n + 1) * LIMITS.inRow),
  }));
  return { rows, keep, left };
}

/** Moments in the reader's own time, where the card says which words are one. */
const withMoments = (text: string, { moments = [] }: Card): string =>
  moments.reduce((said, { says, at }) => said.replaceAll(plain(says), `<t:${Math.floor(at / 1000)}:f>`), text);

function drawDocument(document: unknown, marker: string): Drawn {
  const json = JSON.stringify(document);
  const fits = json.length <= 1800 && !json.includes('```');
  return {
    content: fits ? codeBlock(json, 'json') : 'The document is in the file.',
    embeds: [{ color: COLOUR.quiet, footer: { text: marker } }],
    components: [],
    files: fits ? [] : [{ name: 'answer.json', text: json }],
    keep: [],
  };
}

const codeLine = (command: string): string => `\`/ops ${command.replaceAll('`', "'")}\``;
const fileName = (name: string): string => name.replace(/[^\w.-]+/g, '-').slice(0, 80) || 'output.txt';
