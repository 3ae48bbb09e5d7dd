import type { Card, CardAction } from './card.ts';

const SIGN = { good: '✓ ', bad: '✗ ', attention: '! ', quiet: '' };
/** A cell with more lines than this is cut, visibly. */
const LINES_PER_CELL = 40;
const GAP = '  ';

/**
 * A card for a terminal or a log: title, body, fields, table, the lines that stand for its buttons, and its whole output
 * after it. Only tables keep to `width` (columns; 100 unsaid): cells are broken, never dropped. Nothing in a card can move the
 * cursor, colour the screen or reorder what is read.
 */
export function renderText(card: Card, { width = 100 }: { width?: number } = {}): string {
  const parts = [
    SIGN[card.tone ?? 'quiet'] + hanging(card.title),
    ...(card.body ?? []).map(hanging),
    ...renderFields(card.fields ?? []),
    ...(card.table ? renderTable(card.table, width) : []),
    ...(card.actions ?? []).map(renderAction),
  ];
  if (card.attachment) {
    parts.push(`--- ${oneLine(card.attachment.name)} ---`, neutral(card.attachment.text.replace(/\r?\n$/, '')));
  }
  // An object at the start of a line is a `--json` document, and this is none, whatever a host or a person said.
  return parts.join('\n').replace(/^(?=\{)/gm, ' ');
}

/**
 * Text from outside made harmless and visible: escape sequences and control characters become pictures (␛), direction
 * overrides and other invisible marks their number. Line feeds and tabs stay.
 */
export function neutral(text: string): string {
  return (
    text
      .replace(/\r\n/g, '\n')
      .replace(/[\u0000-\u0008\u000b-\u001f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
      .replace(/\u007f/g, '␡')
      .replace(/\p{Cs}/gu, '\ufffd')
      // Zero-width joiners and emoji selectors stay: they are part of 👩‍🚒 and ❤️.
      .replace(/(?!\u200c|\u200d|\ufe0e|\ufe0f)[\u0080-\u009f\u2028\u2029\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu, numbered)
  );
}

const numbered = (character: string): string => `<U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}>`;

const oneLine = (text: string): string => neutral(text).replace(/[\n\t]+/g, ' ');

/** What comes after a line feed stands in: a text from outside cannot pass for a line of ours. */
const hanging = (text: string): string => neutral(text).replaceAll('\n', `\n${GAP}`);

/** Names in one column, values in the next; a value of several lines stays in its column. */
function renderFields(fields: NonNullable<Card['fields']>): string[] {
  const names = fields.map(({ name }) => `${oneLine(name)}:`);
  const indent = Math.max(0, ...names.map(lengthOf)) + GAP.length;
  return fields.map(({ value }, index) => pad(names[index] as string, indent) + neutral(value).replaceAll('\n', `\n${' '.repeat(indent)}`));
}

/** One line per line of the table, in columns that fit `width`. */
export function renderTable({ columns, rows }: NonNullable<Card['table']>, width: number): string[] {
  const count = Math.max(columns.length, ...rows.map(({ length }) => length));
  const cells = [columns.map((name) => name.toUpperCase()), ...rows].map((row) =>
    Array.from({ length: count }, (_, index) => neutral(row[index] ?? '').replaceAll('\t', ' ')),
  );
  const widths = fitWidths(cells, width - GAP.length * (count - 1));
  return cells.flatMap((row) => {
    const broken = row.map((cell, index) => breakCell(cell, widths[index] as number));
    const height = Math.max(1, ...broken.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) =>
      broken
        .map((lines, index) => pad(lines[line] ?? '', widths[index] as number))
        .join(GAP)
        .trimEnd(),
    );
  });
}

/** What each column wants; while that is too much, the widest gives way. */
function fitWidths(cells: readonly string[][], room: number): number[] {
  const widths = (cells[0] ?? []).map((_, index) => cells.reduce((most, row) => Math.max(most, ...(row[index] as string).split('\n').map(lengthOf)), 1));
  const narrowest = 8;
  for (let over = sum(widths) - room; over > 0; over = sum(widths) - room) {
    const [widest = 0, second = 0] = [...widths].sort((a, b) => b - a);
    if (widest <= narrowest) break;
    const by = Math.min(over, Math.max(1, widest - Math.max(second, narrowest)));
    widths[widths.indexOf(widest)] = widest - by;
  }
  return widths;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** At spaces where there are any; a longer word is cut. */
function breakCell(cell: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of cell.split('\n')) {
    let rest = [...paragraph];
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      const end = space > 0 ? space : width;
      lines.push(rest.slice(0, end).join('').trimEnd());
      rest = rest.slice(space > 0 ? end + 1 : end);
      if (lines.length >= LINES_PER_CELL) return [...lines, '…'];
    }
    lines.push(rest.join(''));
  }
  return lines.length > LINES_PER_CELL ? [...lines.slice(0, LINES_PER_CELL), '…'] : lines;
}

/** `  /ops approve R1   Approve` */
function renderAction({ label, command }: CardAction): string {
  const line = oneLine(command);
  return `${GAP}${line.startsWith('/') ? line : `/ops ${line}`}   [${oneLine(label)}]`;
}

const lengthOf = (text: string): number => [...text].length;
const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - lengthOf(text)));
