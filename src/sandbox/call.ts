/** What came over stdin: a named script and its arguments. Its text is not looked at, and nothing of it is ever run. */
export interface Call {
  script: string;
  version: number;
  args: string[];
}

/**
 * Reads the first line `# holdfast:<name> v<n>` and the positionals from `set -- 'a' 'b'` right after it. `undefined`
 * when the first line names no script, or the arguments are anything but single-quoted words.
 */
export function readCall(stdin: string): Call | undefined {
  const [first, script, version] = /^# holdfast:([a-z][a-z0-9-]*) v(\d+)\r?\n/.exec(stdin) ?? [];
  if (first === undefined || script === undefined) return undefined;
  const rest = stdin.slice(first.length);
  const args = rest.startsWith('set --') ? quotedWords(rest.slice('set --'.length)) : [];
  return args && { script, version: Number(version), args };
}

/** ` 'a' 'it'\''s'` up to the end of the line → words; a quoted word may hold line ends. */
function quotedWords(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    const word = WORD.exec(text.slice(at))?.[0];
    if (word === undefined) break;
    words.push(word.trimStart().slice(1, -1).replaceAll(`'\\''`, `'`));
    at += word.length;
  }
  return /^[ \t]*(\n|$)/.test(text.slice(at)) ? words : undefined;
}

const WORD = /^[ \t]+'[^']*'(?:\\''[^']*')*/;
