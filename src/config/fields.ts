import { z } from 'zod';
import { parseDuration } from '../lib/duration.ts';
import { isZone } from '../zone.ts';
import { secret as hide } from './secret.ts';

/** The kinds of value a configuration is made of, each with its form and what it says when the form is wrong. */

/** `90s`, `2h30m`, `7d` → milliseconds. */
export const duration = () =>
  z
    .string({ error: 'must be a duration with its unit: `90s`, `5m`, `2h30m`, `7d`' })
    .refine((text) => parseDuration(text) !== undefined, {
      error: (issue) => `${JSON.stringify(issue.input)} is no duration; write a number with its unit: \`90s\`, \`5m\`, \`2h30m\`, \`7d\``,
    })
    .transform((text) => parseDuration(text) as number);

/** IANA zone. */
export const zone = () =>
  z.string().refine(isZone, {
    error: (issue) => `${JSON.stringify(issue.input)} is no time zone; write its IANA name: \`Europe/Berlin\`, \`Australia/Brisbane\`, \`UTC\``,
  });

export const port = () =>
  z
    .int({ error: 'must be a port: a whole number from 1 to 65535' })
    .min(1, 'must be a port: a whole number from 1 to 65535')
    .max(65535, 'must be a port: a whole number from 1 to 65535');

export const text = () => z.string().min(1, 'is empty: give a value or take the line out');

/** Words people type after `@`: groups, sites, rings. */
export const groupName = () =>
  z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/, 'is no name for a group: letters, digits, `_`, `-` and `.`, the first no sign');

/** Words people are called by, as typed after `@` and before `/ops` in the sandbox. */
export const personName = () =>
  z
    .string()
    .regex(/^[a-z][a-z0-9_.-]{0,31}$/, 'is no name for a person: small letters, digits, `_`, `-` and `.`, a letter first, 32 at most')
    .refine((name) => !TAKEN.has(name), { error: (issue) => `\`${String(issue.input)}\` means something else to Holdfast; call the person by another word` });

/** Program and arguments; never a shell line. */
export const argv = () =>
  z
    .array(text(), { error: 'must be a list: the program, then each argument by itself: `[ansible-inventory, --list]`' })
    .min(1, 'is empty: give the program to run');

/** `2` → so many hosts, `10%` → such a share of a group, percent. */
export const atOnce = () => {
  const says = 'must be a number of hosts from 1, or a share in quotes: `"10%"`';
  return z
    .union([z.int({ error: says }).min(1, says), z.string().regex(/^([1-9]\d?|100) ?%$/, says)], { error: says })
    .transform((value): { hosts: number } | { share: number } => (typeof value === 'number' ? { hosts: value } : { share: Number.parseInt(value, 10) }));
};

/** One value or a list of them → a list. */
export const oneOrMore = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z.union([item, z.array(item)]).transform((value): z.output<Item>[] => (Array.isArray(value) ? value : [value]) as z.output<Item>[]);

/** A text that may hold `${env:X}` or `${file:…}`; load.ts fills them in, until then it reveals them as written. */
export const secret = () => text().transform(hide);

const TAKEN = new Set(['console', 'me', 'all', 'everyone', 'here', 'channel', 'anyone', 'nobody', 'sandbox']);
