/** So many of them fit on one screen of a phone. */
const MOST = 5;
const LONGEST = 160;

/**
 * The first steps of a run book: the items of its first numbered list, else of its first list, else its first lines of text. Plain text:
 * what Markdown makes of words is taken off, code blocks are left out.
 */
export function runbookSteps(markdown: string): string[] {
  const lines = withoutBlocks(markdown.split(/\r?\n/));
  const numbered = itemsFrom(lines, /^\s{0,3}\d{1,3}[.)]\s+(.*)$/);
  const items = numbered.length > 0 ? numbered : itemsFrom(lines, /^\s{0,3}[-*+]\s+(.*)$/);
  const said = items.length > 0 ? items : lines.filter((line) => /\S/.test(line) && !/^\s*(#|>|\||---|===|<!--)/.test(line));
  return said.slice(0, MOST).map(plain).filter(Boolean);
}

function withoutBlocks(lines: readonly string[]): string[] {
  let inside = false;
  return lines.filter((line) => {
    const fence = /^\s*(```|~~~)/.test(line);
    if (fence) inside = !inside;
    return !fence && !inside;
  });
}

/** The items of the first list of that kind, each with the lines that go on with it. */
function itemsFrom(lines: readonly string[], item: RegExp): string[] {
  const found: string[] = [];
  for (const line of lines) {
    const [, text] = item.exec(line) ?? [];
    if (text !== undefined) found.push(text);
    else if (found.length > 0 && /^\s{2,}\S/.test(line)) found[found.length - 1] += ` ${line.trim()}`;
    else if (found.length > 0 && /^\S/.test(line)) break;
  }
  return found;
}

function plain(text: string): string {
  const words = text
    .replace(/!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)/g, (_, label: string, to: string) => (label === to || !/^https?:/.test(to) ? label : `${label} (${to})`))
    .replace(/(\*\*|__|`)(.+?)\1/g, '$2')
    .replace(/^\[[ x]\]\s+/i, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}…` : words;
}
