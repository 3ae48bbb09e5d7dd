/** An item of a list that is to be done, as somebody wrote it: `- [ ] write the run book @ada`. Without an owner it says none. */
export interface ReadAction {
  text: string;
  owner?: string;
  done: boolean;
}

const ITEM = /^\s*[-*+][ \t]+\[([ xX])\][ \t]+(.+)$/;
const OWNER = /(?:^|\s)@([\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?)[.,;]?\s*$/u;

/** Every box of a text outside of code, in its order; the same text twice is one. */
export function actionsIn(markdown: string): ReadAction[] {
  const found = new Map<string, ReadAction>();
  let code = false;
  for (const line of markdown.split(/\r\n?|\n/)) {
    if (/^\s{0,3}(?:```|~~~)/.test(line)) code = !code;
    const [, box, rest = ''] = (!code && ITEM.exec(line)) || [];
    if (box === undefined) continue;
    const owner = OWNER.exec(rest)?.[1];
    const text = rest.replace(OWNER, '').trim();
    if (text !== '' && !found.has(sameAction(text))) found.set(sameAction(text), { text, ...(owner !== undefined && { owner }), done: box !== ' ' });
  }
  return [...found.values()];
}

/** Two texts that mean the same action: whoever edits changes spaces and full stops. */
export const sameAction = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\s.,;]+/g, ' ')
    .trim();
