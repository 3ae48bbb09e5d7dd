import { neutral } from '../text.ts';

/** Text from outside as Discord shows it letter for letter: no formatting, no mention, no link with another name on it. */
export const plain = (text: string): string =>
  neutral(text)
    // An address and the name of a channel stay what can be followed; what could end them is in none of these.
    .replace(/(https?:\/\/[^\s\\`*~|<>[\]()"']+|<#\d{15,21}>)|[\\`*_~|<[]/g, (mark: string, address?: string) => address ?? `\\${mark}`)
    // What formats at the beginning of a line only.
    .replace(/^(\s*)([#+>-])/gm, '$1\\$2')
    .replace(/^(\s*\d+)\./gm, '$1\\.');

/** In a code block nothing is formatted; only its end has to be kept from the text. */
export const codeBlock = (text: string, language = ''): string => `\`\`\`${language}\n${inCode(text)}\n\`\`\``;

export const inCode = (text: string): string => neutral(text).replaceAll('```', "'''");

/** One line of code, for what somebody typed. */
export const code = (text: string): string => `\`${neutral(text).replace(/\n+/g, ' ').replaceAll('`', "'")}\``;

/** At most `limit` characters of escaped text, `mark` at the end where something was cut. Never half a character or half an escape. */
export function cut(text: string, limit: number, mark = '…'): string {
  if (text.length <= limit) return text;
  let end = Math.max(0, limit - mark.length);
  if (/[\ud800-\udbff]/.test(text[end - 1] ?? '')) end -= 1;
  const escapes = /\\*$/.exec(text.slice(0, end))?.[0].length ?? 0;
  if (escapes % 2 === 1) end -= 1;
  return text.slice(0, end) + mark;
}
