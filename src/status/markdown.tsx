import type { Child } from 'hono/jsx';

/**
 * A part of Markdown, as what people write after an incident needs it: headings, paragraphs, lists (with boxes to tick), tables, code, bold,
 * italic and links to http(s). Everything else stands as the text it is; there is no HTML, no image and no other scheme. Takes time in
 * proportion to the text. `top`: the level of the page's own heading, under which those of the text go.
 */
export function Markdown({ text, top = 1 }: { text: string; top?: number }) {
  return <>{blocksOf(text).map((block) => renderBlock(block, top))}</>;
}

/** Characters; of a longer text the rest is left out, and that is said. */
const MOST = 200_000;

type Block =
  | { is: 'heading'; level: number; text: string }
  | { is: 'code'; text: string }
  | { is: 'list'; ordered: boolean; items: { ticked?: boolean; text: string }[] }
  | { is: 'table'; head: string[]; rows: string[][] }
  | { is: 'quote' | 'paragraph'; text: string }
  | { is: 'rule' };

const FENCE = /^\s{0,3}(?:```|~~~)/;
const HEADING = /^\s{0,3}(#{1,6})[ \t]+(.*)$/;
const ITEM = /^\s{0,12}(?:[-*+]|\d{1,9}[.)])[ \t]+(.*)$/;
const NUMBERED = /^\s{0,12}\d/;
const ROW = /^\s{0,3}\|/;
const DIVIDER = /^\s{0,3}\|[ \t:|-]+$/;
const RULE = /^\s{0,3}(?:---+|\*\*\*+|___+)[ \t]*$/;
const QUOTE = /^\s{0,3}> ?/;

function blocksOf(text: string): Block[] {
  const lines = text.slice(0, MOST).replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  const take = (fits: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && fits(lines[at] as string)) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] as string;
    const heading = HEADING.exec(line);
    if (line.trim() === '') at += 1;
    else if (FENCE.test(line)) {
      at += 1;
      blocks.push({ is: 'code', text: take((one) => !FENCE.test(one)).join('\n') });
      at += 1;
    } else if (heading) {
      at += 1;
      blocks.push({ is: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' });
    } else if (RULE.test(line)) {
      at += 1;
      blocks.push({ is: 'rule' });
    } else if (ROW.test(line) && DIVIDER.test(lines[at + 1] ?? '')) {
      const [head = '', , ...rows] = take((one) => ROW.test(one));
      blocks.push({ is: 'table', head: cellsOf(head), rows: rows.map(cellsOf) });
    } else if (QUOTE.test(line))
      blocks.push({
        is: 'quote',
        text: take((one) => QUOTE.test(one))
          .map((one) => one.replace(QUOTE, ''))
          .join('\n'),
      });
    else if (ITEM.test(line)) blocks.push({ is: 'list', ordered: NUMBERED.test(line), items: itemsOf(take((one) => one.trim() !== '' && !endsList(one))) });
    else blocks.push({ is: 'paragraph', text: take((one) => one.trim() !== '' && !begins(one)).join('\n') || lines[at++] || '' });
  }
  if (text.length > MOST) blocks.push({ is: 'paragraph', text: '(The rest is too long to be shown.)' });
  return blocks;
}

const endsList = (line: string): boolean => FENCE.test(line) || HEADING.test(line) || ROW.test(line);
const begins = (line: string): boolean => endsList(line) || ITEM.test(line) || QUOTE.test(line) || RULE.test(line);

/** A line that is no item goes on with the one before it. */
function itemsOf(lines: readonly string[]): { ticked?: boolean; text: string }[] {
  const items: { ticked?: boolean; text: string }[] = [];
  for (const line of lines) {
    const said = ITEM.exec(line)?.[1];
    const last = items.at(-1);
    if (said === undefined && last) last.text += `\n${line.trim()}`;
    else {
      const [, box, rest] = /^\[([ xX])\][ \t]+(.*)$/.exec(said ?? line) ?? [];
      items.push(box === undefined ? { text: said ?? line } : { ticked: box !== ' ', text: rest ?? '' });
    }
  }
  return items;
}

/** `\|` is no border. */
function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner
    .split(/(?<!\\)\|/)
    .slice(0, 20)
    .map((cell) => cell.replaceAll('\\|', '|').trim());
}

function renderBlock(block: Block, top: number): Child {
  if (block.is === 'rule') return <hr />;
  if (block.is === 'code')
    return (
      <pre>
        <code>{block.text}</code>
      </pre>
    );
  if (block.is === 'heading') {
    const Level = `h${Math.min(6, top + block.level)}` as 'h2';
    return <Level>{inline(block.text)}</Level>;
  }
  if (block.is === 'list') {
    const List = block.ordered ? 'ol' : 'ul';
    return (
      <List>
        {block.items.map(({ ticked, text }) => (
          <li>
            {ticked === undefined ? '' : ticked ? '☑ ' : '☐ '}
            {inline(text)}
          </li>
        ))}
      </List>
    );
  }
  if (block.is === 'table')
    return (
      <table>
        <thead>
          <tr>
            {block.head.map((cell) => (
              <th scope="col">{inline(cell)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row) => (
            <tr>
              {block.head.map((_, n) => (
                <td>{inline(row[n] ?? '')}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    );
  return block.is === 'quote' ? <blockquote>{inline(block.text)}</blockquote> : <p>{inline(block.text)}</p>;
}

/** Code, links and emphasis; each is bounded, so that no text makes the search for its end long. */
const INLINE =
  /`([^`\n]{1,500})`|\[([^[\]\n]{1,300})\]\((https?:\/\/[^\s()<>"']{1,1000})\)|\*\*([^*\n]{1,500})\*\*|(?<![\w*])[*_]([^*_\n]{1,500})[*_](?![\w*])|(https?:\/\/[^\s<>()"'`*]{1,1000})/g;

function inline(text: string): Child[] {
  const parts: Child[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, words, link, bold, italic, bare] = match;
    if (match.index > from) parts.push(text.slice(from, match.index));
    from = match.index + whole.length;
    if (code !== undefined) parts.push(<code>{code}</code>);
    else if (bold !== undefined) parts.push(<strong>{bold}</strong>);
    else if (italic !== undefined) parts.push(<em>{italic}</em>);
    else parts.push(<Outside to={link ?? bare ?? ''}>{words ?? bare}</Outside>);
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** An address somebody wrote: followed without a word of where it stood. One that is none stands as text. */
function Outside({ to, children }: { to: string; children: Child }) {
  const url = URL.canParse(to) ? new URL(to) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return <>{children}</>;
  return (
    <a href={url.href} rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
