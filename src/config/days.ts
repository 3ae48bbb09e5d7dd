import { z } from 'zod';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const SEVERAL: Record<string, number[]> = { daily: [0, 1, 2, 3, 4, 5, 6], weekdays: [1, 2, 3, 4, 5], weekend: [0, 6] };

/** `mon`, `mon-fri`, `weekdays`, `weekend`, `daily`; read by `daysOf`. */
export const day = () =>
  z.string().refine((word) => daysOf(word) !== undefined, {
    error: (issue) => `${JSON.stringify(issue.input)} is no day; write \`mon\` … \`sun\`, \`mon-fri\`, \`weekdays\`, \`weekend\` or \`daily\``,
  });

/** `"02:00"`; read by `minutesOf`. */
export const clock = () => {
  const says = 'must be a time of day in quotes: `"02:00"`';
  return z.string({ error: says }).regex(/^([01]\d|2[0-3]):[0-5]\d$/, says);
};

/** Minutes after midnight. */
export const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** The days that words name, 0 = Sunday, in order. */
export const daysIn = (words: readonly string[]): number[] => [...new Set(words.flatMap((word) => daysOf(word) ?? []))].sort((a, b) => a - b);

/** 0 = Sunday; `undefined` for what names no day. */
export function daysOf(word: string): number[] | undefined {
  const lower = word.toLowerCase();
  if (SEVERAL[lower]) return SEVERAL[lower];
  const [first, last, ...more] = lower.split('-').map((name) => DAYS.findIndex((one) => one === name || (name.length > 3 && LONG[one]?.startsWith(name))));
  if (first === undefined || first < 0 || more.length > 0 || (last !== undefined && last < 0)) return undefined;
  if (last === undefined) return [first];
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, at) => (first + at) % 7);
}

const LONG: Record<string, string> = { sun: 'sunday', mon: 'monday', tue: 'tuesday', wed: 'wednesday', thu: 'thursday', fri: 'friday', sat: 'saturday' };
