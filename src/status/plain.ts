/**
 * What people typed, as any surface can show it: no control characters, no signs that turn the direction of what stands around them, no halves of
 * characters, nothing XML has no place for. Escaping is each surface's own. Of a longer text the rest is cut off, visibly.
 */
export function oneLine(text: string, most = 300): string {
  return cut(clean(text.replace(/\s+/g, ' ').trim()), most);
}

/** The same for what has lines. */
export function someLines(text: string, most = 20_000): string {
  return cut(
    clean(
      text
        .replace(/\r\n?/g, '\n')
        .replace(/[ \t]+\n/g, '\n')
        .replace(/\n{3,}/g, '\n\n')
        .trim(),
    ),
    most,
  );
}

const clean = (text: string): string =>
  wellFormed(text).replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g, '');

/** Characters, not halves of them. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${wellFormed(text.slice(0, most - 1)).replace(/\ufffd$/, '')}…`;
}

/** Half of a pair becomes U+FFFD. */
const wellFormed = (text: string): string => text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
