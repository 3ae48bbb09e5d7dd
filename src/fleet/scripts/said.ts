import type { ExecResult } from '../ssh/transport.ts';
import { oneLine } from '../ssh/unreached.ts';

/** What a script said by the contract: `key=value` and `key[]=item` lines, and its end. What is something else is left out. */
export interface Said {
  values: Readonly<Record<string, string>>;
  /** Items in their order; `key[]=` alone is an empty list, a key that was never said is absent. */
  lists: Readonly<Record<string, readonly string[]>>;
}

/** `began` is false only where it is certain that nothing of the script ran on the host. */
export type Answer = { said: Said } | { wrong: string; began: boolean; lost: boolean };

const MOST_LINES = 500;
const LONGEST = 500;

/** @param end the last line of a whole answer: `reboot v1` */
export function answerOf(result: ExecResult, end: string): Answer {
  if (result.reach !== 'ok') return { wrong: `${result.reach}: ${result.detail}`, began: result.reach === 'exec-timeout', lost: true };
  if (result.needsRoot !== undefined) return { wrong: result.needsRoot, began: false, lost: false };
  const said = readSaid(result.stdout, end);
  if (said) return { said };
  const first = (result.stderr.trim() || result.stdout.trim()).split('\n')[0] ?? '';
  return { wrong: `the script did not come to its end (exit code ${result.code}${first ? `: ${oneLine(first)}` : ''})`, began: true, lost: false };
}

/** Absent when the end is missing. Bounded, and nothing but printable: hosts are not trusted. */
export function readSaid(stdout: string, end: string): Said | undefined {
  const values: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  for (const line of stdout.split('\n', MOST_LINES)) {
    if (line === `end=${end}`) return { values, lists };
    const [, key, list, value] = /^([a-z][a-z0-9_]*)(\[\])?=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    const text = oneLine(value.replace(/\p{Surrogate}/gu, '\ufffd'), LONGEST);
    // A name may be one that every object has.
    if (list === undefined) {
      if (!Object.hasOwn(values, key)) values[key] = text;
      continue;
    }
    if (!Object.hasOwn(lists, key)) lists[key] = [];
    if (text !== '') lists[key]?.push(text);
  }
  return undefined;
}
