import type { ExecResult } from '../fleet/ssh/transport.ts';

/** What pause-, look- and resume-updates.sh said, read with distrust: what is not in the contract is left out. */
export interface HoldAnswer {
  /** The script came to its end. */
  whole: boolean;
  /** `key=value` lines: fence, lease, until, owner, run. */
  said: Readonly<Record<string, string>>;
  /** `key[]=item` lines. */
  sources: string[];
  record: string[];
  held: string[];
  drift: string[];
  running: string[];
  failed: string[];
  restored: string[];
  kept: string[];
  note: string[];
  set: string[];
}

const LISTS = ['sources', 'record', 'held', 'drift', 'running', 'failed', 'restored', 'kept', 'note', 'set'] as const;
const MOST_LINES = 1000;
const LONGEST = 1000;

/** @param end the last line of a whole answer: `look-updates v1` */
export function readHoldAnswer(stdout: string, end: string): HoldAnswer {
  const said: Record<string, string> = {};
  const lists = Object.fromEntries(LISTS.map((name): [string, string[]] => [name, []]));
  let whole = false;
  for (const line of stdout.split('\n', MOST_LINES)) {
    if (line === `end=${end}`) {
      whole = true;
      break;
    }
    const [, key, list, value] = /^([a-z_]+)(\[\])?=(.*)$/.exec(line.slice(0, LONGEST)) ?? [];
    if (key === undefined || value === undefined) continue;
    const text = printable(value);
    if (list === undefined) said[key] ??= text;
    else if (Object.hasOwn(lists, key)) lists[key]?.push(text);
  }
  return { whole, said, ...lists } as unknown as HoldAnswer;
}

/** jsonb and terminals refuse control characters and halves of surrogate pairs. */
const printable = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .trim();

/** What came of sending a script, in words: why it did not answer, or did not come to its end. */
export function sayUnanswered(answer: ExecResult): string {
  if (answer.reach !== 'ok') return `${answer.reach}: ${answer.detail}`;
  const said = printable((answer.stderr.trim() || answer.stdout.trim()).split('\n')[0] ?? '').slice(0, 200);
  return `the script did not come to its end (exit code ${answer.code}${said ? `: ${said}` : ''})`;
}
