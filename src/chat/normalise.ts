import { Refusal } from '../lib/refusal.ts';
import type { Place } from './command.ts';

/** Longer lines are refused before anything looks at them. */
const LONGEST_LINE = 4000;

/**
 * One line in two forms of equal length, so that a place in one is the same place in the other.
 * `typed` is what the person wrote: texts that others will read are cut from it. `plain` is what the grammar reads:
 * straight quotes, plain spaces, hyphens where a phone made dashes.
 */
export interface Line {
  typed: string;
  plain: string;
}

/** Makes a line typed on any keyboard readable. Refuses, with the place, what nobody can see or what is no single line of reasonable length. */
export function normalise(line: string, platform: Place['platform']): Line {
  const counted = line.trim();
  if (counted.length > LONGEST_LINE) {
    throw new Refusal(
      `This line has ${counted.length} characters; at most ${LONGEST_LINE} are read. Nothing was done. Shorten it, or name a group instead of many hosts.`,
    );
  }
  const decoded = platform === 'slack' ? decodeSlack(counted) : counted;
  const typed = unwrapCode(decoded.replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n').trim());
  refuseUnseen(typed);
  return { typed, plain: plainForm(typed) };
}

/** Refuses control characters and marks that hide or reorder what is read, by name and place (counted from 1). */
function refuseUnseen(text: string): void {
  const found = UNSEEN.exec(text);
  if (!found) return;
  const place = [...text.slice(0, found.index)].length + 1;
  throw new Refusal(
    `Character ${place} is ${nameOf(found[0])}; it cannot be seen and is not accepted. Nothing was done. Type the line again instead of pasting it.`,
  );
}

/** Joiners and direction marks: part of the writing in texts (emoji, Persian), a disguise in names. */
export function refuseJoiners(text: string): void {
  const found = JOINERS.exec(text);
  if (found) throw new Refusal(`"${text.slice(0, 60).replace(found[0], '·')}" holds ${nameOf(found[0])}, which cannot be seen; type the word again`);
}

// Parts of emoji and of writing from right to left; refuseJoiners looks for them where they are none.
const JOINERS = /\u200c|\u200d|\u200e|\u200f|\u061c|\ufe0e|\ufe0f/;

// Control characters but tab and line feed, lone surrogates, and all that Unicode says is drawn as nothing.
const UNSEEN = new RegExp(`(?!\\t|\\n|${JOINERS.source})[\\p{Cc}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb]`, 'u');

function nameOf(character: string): string {
  const code = character.codePointAt(0) as number;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return `a control character (${hex})`;
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return `a direction override (${hex})`;
  if (code >= 0xd800 && code <= 0xdfff) return `half a character (${hex})`;
  return `an invisible character (${hex})`;
}

/**
 * Slack writes `& < >` as entities and wraps what it recognised in `<…>`. One pass, so that what somebody typed as
 * `&lt;!channel&gt;` never becomes markup; other `<…>` stay as they are.
 */
function decodeSlack(line: string): string {
  return line.replace(
    /<(https?:\/\/|mailto:|@|#|!)([^<>|\n]*)(?:\|([^<>\n]*))?>|&(lt|gt|amp);/g,
    (_whole, form: string | undefined, rest: string, label: string | undefined, entity: 'lt' | 'gt' | 'amp') => {
      if (!form) return ENTITIES[entity];
      return unwrapLink(form, entities(rest), label ? entities(label) : undefined);
    },
  );
}

const ENTITIES = { lt: '<', gt: '>', amp: '&' };

const entities = (text: string): string => text.replace(/&(lt|gt|amp);/g, (_, name: 'lt' | 'gt' | 'amp') => ENTITIES[name]);

function unwrapLink(form: string, rest: string, label: string | undefined): string {
  if (form === '@' || form === '#') return label === undefined || label === '' ? form + rest : withSign(form, label);
  // <!here>, <!channel>, <!everyone>, <!subteam^S1|@web>, <!date^…|fallback>: words, never a ping.
  if (form === '!') return label || `@${rest.split('^')[0]}`;
  if (form === 'mailto:') return label || rest;
  return label || form + rest;
}

const withSign = (sign: string, label: string): string => (label.startsWith(sign) ? label : sign + label);

/** A line copied as code: `` `check @web` ``. */
function unwrapCode(line: string): string {
  const inside = /^(`{1,3})([^`]+)\1$/.exec(line)?.[2];
  return inside === undefined ? line : inside.trim();
}

function plainForm(typed: string): string {
  return (
    typed
      .replace(/[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, ' ')
      .replace(/[\u201c-\u201f\u00ab\u00bb\u2033\u301d\u301e\uff02]/g, '"')
      .replace(/[\u2018-\u201b\u2032\uff07]/g, "'")
      .replace(/[\u2010\u2011\u2212\uff0d]/g, '-')
      // iPhone: `--json` → `—json`. Only at the beginning of a word: everywhere else a dash is a dash.
      .replace(/(?<=^|\s)[\u2012-\u2015]{1,2}(?=\p{L})/gu, (dashes) => '-'.repeat(dashes.length))
      .replace(/(?<=\[[^\]\s]{0,200}\d)[\u2012-\u2015](?=\d)/g, '-')
  );
}
