import { foldNames } from './fold.ts';

/** Folded names that fit a line: `web[01-20]`, or as much of it as `room` characters hold, and how many there are. */
export function foldSome(names: readonly string[], room = 120): string {
  const text = foldNames(names);
  if (text.length <= room) return text;
  const cut = Math.max(0, cutAt(text, room));
  return cut === 0 ? `${names.length} hosts` : `${text.slice(0, cut)} … (${names.length} hosts)`;
}

/** The last comma outside brackets within `room`. */
function cutAt(text: string, room: number): number {
  let depth = 0;
  let last = 0;
  for (let at = 0; at < room; at++) {
    if (text[at] === '[') depth++;
    else if (text[at] === ']') depth--;
    else if (text[at] === ',' && depth === 0) last = at;
  }
  return last;
}
