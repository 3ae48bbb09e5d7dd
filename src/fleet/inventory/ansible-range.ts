import { Refusal } from '../../lib/refusal.ts';

const MOST = 20_000;
/** A host name has 253 characters; the rest is brackets. */
const LONGEST = 1000;

/**
 * Ansible's host ranges: `web[01:20].example.org`, `db-[a:f]`, `n[1:10:2]`, also several in one name; both ends belong to
 * it. Names of `[…]` that is no range come back as they are. Throws `Refusal`.
 */
export function expandAnsibleRange(pattern: string): string[] {
  if (pattern.length > LONGEST) throw new Refusal(`${pattern.slice(0, 40)}… is longer than any host name`);
  let names = [''];
  let at = 0;
  for (const found of pattern.matchAll(/\[([^\]]*)\]/g)) {
    const items = rangeItems(found[1] as string, found[0]);
    if (items.length * names.length > MOST) throw new Refusal(`${pattern} stands for more than ${MOST} hosts`);
    const literal = pattern.slice(at, found.index);
    names = names.flatMap((name) => items.map((item) => name + literal + item));
    at = found.index + found[0].length;
  }
  const rest = pattern.slice(at);
  if (/[[\]]/.test(rest)) throw new Refusal(`the bracket in ${pattern} is not closed`);
  return rest ? names.map((name) => name + rest) : names;
}

function rangeItems(text: string, shown: string): string[] {
  const found = /^([0-9]+|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?$/.exec(text);
  if (!found) throw new Refusal(`the range ${shown} cannot be read: write [01:20], [a:f] or [1:10:2]`);
  const [, begin = '', end = '', stepText] = found;
  const step = Number(stepText ?? 1);
  if (step < 1) throw new Refusal(`the step of ${shown} must be 1 or more`);
  const isNumber = /^[0-9]+$/.test(begin);
  if (isNumber !== /^[0-9]+$/.test(end)) throw new Refusal(`the range ${shown} mixes letters and numbers`);
  const from = isNumber ? Number(begin) : begin.charCodeAt(0);
  const to = isNumber ? Number(end) : end.charCodeAt(0);
  if (from > to) throw new Refusal(`the range ${shown} runs backwards`);
  if (!isNumber && begin >= 'a' !== end >= 'a') throw new Refusal(`the range ${shown} mixes small and capital letters`);
  const padded = begin.length > 1 && begin.startsWith('0');
  if (padded && begin.length !== end.length) throw new Refusal(`both ends of ${shown} need the same number of digits`);
  if ((to - from) / step > MOST) throw new Refusal(`${shown} stands for more than ${MOST} hosts`);
  const items: string[] = [];
  for (let value = from; value <= to; value += step) {
    items.push(isNumber ? String(value).padStart(padded ? begin.length : 0, '0') : String.fromCharCode(value));
  }
  return items;
}
