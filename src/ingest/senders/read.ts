import { createHash } from 'node:crypto';

/** Reads what other systems send, of which nothing is sure: what is not of the form is as if it were not there, and nothing is without bounds. */

type Fields = Readonly<Record<string, unknown>>;

const DETAILS = 40;
const NAME = 100;
const VALUE = 1_000;
const LINE = 300;
const LINK = 2_000;
const HOSTS = 200;
/** Characters that would hide what a line says, or turn it round. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]+/gu;

export const fieldsIn = (value: unknown): Fields => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {});

export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A field of its own, never one of every object. */
export const fieldOf = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

/** A text, a number or a yes as text; of anything else, and of an empty one, `undefined`. */
export function textIn(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** What is a text, or can be one, in a list. */
export const textsIn = (value: unknown): string[] => listIn(value).flatMap((one) => textIn(one) ?? []);

/** One line for a person, of what may be a page. */
export function lineIn(value: unknown, most = LINE): string | undefined {
  const line = cut(textIn(value), most * 4)
    ?.replace(UNSEEN, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line ? cut(line, most) : undefined;
}

/** Strings only, of which so many that a person may want to read them; what stands in objects is written as JSON. */
export function detailsIn(...from: readonly unknown[]): Record<string, string> {
  const found: [string, string][] = [];
  for (const [name, value] of from.flatMap((one) => Object.entries(fieldsIn(one)))) {
    if (found.length >= DETAILS) break;
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : textIn(value);
    const key = lineIn(name, NAME);
    if (key !== undefined && text !== undefined)
      found.push([
        key,
        cut(
          text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : ' ')),
          VALUE,
        ) as string,
      ]);
  }
  return Object.fromEntries(found);
}

/** An address a browser may be sent to. */
export function linkIn(...values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const text = textIn(value)?.trim();
    if (text === undefined || text.length > LINK || !/^https?:\/\/[^\s<>"|\\^`]+$/i.test(text) || !URL.canParse(text)) continue;
    return new URL(text).href.slice(0, LINK);
  }
  return undefined;
}

/** Names of hosts, each once; `https://web01.example.org/x` names its host. */
export function hostsIn(...values: readonly unknown[]): string[] {
  const names = values.flatMap((value) => (Array.isArray(value) ? value : [value])).flatMap((value) => lineIn(value, 253) ?? []);
  const hosts = names
    .map((name) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(name) && URL.canParse(name) ? new URL(name).hostname : name))
    .filter((name) => name !== '');
  return [...new Set(hosts)].slice(0, HOSTS);
}

/** ISO, or seconds (or milliseconds) since 1970; ms. Go's zero time is none. */
export function momentIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{9,13}$/.test(value) ? Number(value) : value;
  const ms = typeof number === 'number' ? (number > 1e11 ? number : number * 1000) : typeof number === 'string' ? Date.parse(number.slice(0, 60)) : Number.NaN;
  return ms > 0 && ms < YEAR_10000 ? Math.round(ms) : undefined;
}

const YEAR_10000 = 253_402_300_800_000;

/** A short name for what may be long: the same for the same. */
export const digestOf = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);

/** What is sent again under the same is the same alert: as it is, or where that would be too long to keep, a digest. */
export const dedupOf = (key: string): string => (key.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(key) ? key : digestOf(key));

function cut<Text extends string | undefined>(text: Text, most: number): Text {
  // Never through the middle of a character.
  return (text !== undefined && text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : text) as Text;
}
