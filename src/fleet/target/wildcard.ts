/** `*` = any text, `?` = one character, over the whole name. Never backtracks further than the last `*`. */
export function matchesWildcard(mask: string, name: string): boolean {
  let at = 0;
  let inMask = 0;
  let star = -1;
  let resume = 0;
  while (at < name.length) {
    if (mask[inMask] === '*') {
      star = inMask++;
      resume = at;
    } else if (mask[inMask] === '?' || mask[inMask] === name[at]) {
      inMask++;
      at++;
    } else if (star >= 0) {
      inMask = star + 1;
      at = ++resume;
    } else return false;
  }
  while (mask[inMask] === '*') inMask++;
  return inMask === mask.length;
}
