import { z } from 'zod';
import { clock, day, daysIn, daysOf, minutesOf } from './days.ts';
import { groupName, oneOrMore, text, zone } from './fields.ts';

/** Whole days: turns begin and end at a time of day, whatever the clocks do. */
const every = () => {
  const says = 'must be whole days: `day`, `week`, `3 days`, `2 weeks`';
  return z
    .string({ error: says })
    .refine((words) => daysEach(words) !== undefined, says)
    .transform((words) => daysEach(words) as number);
};

function daysEach(words: string): number | undefined {
  const [, count = '1', unit] = /^(?:(\d{1,2}) ?)?(d|days?|w|weeks?|daily|weekly)$/.exec(words.trim().toLowerCase()) ?? [];
  const days = unit === undefined ? 0 : Number(count) * (/^w/.test(unit) ? 7 : 1);
  return days > 0 && days <= 366 ? days : undefined;
}

/** `"09:00"`, or with its weekday `mon 09:00`. */
const handover = () => {
  const says = 'must be a time of day, or a weekday and a time: `"09:00"`, `mon 09:00`';
  return z
    .string({ error: says })
    .refine((words) => readHandover(words) !== undefined, says)
    .transform((words) => readHandover(words) as { minutes: number; weekday?: number });
};

function readHandover(words: string): { minutes: number; weekday?: number } | undefined {
  const [, named, time = ''] = /^(?:([a-z]+) +)?(\S+)$/i.exec(words.trim()) ?? [];
  if (!clock().safeParse(time).success) return undefined;
  const days = named === undefined ? [] : daysOf(named);
  if (!days || days.length > 1) return undefined;
  return { minutes: minutesOf(time), ...(days[0] !== undefined && { weekday: days[0] }) };
}

export interface WrittenDay {
  year: number;
  month: number;
  day: number;
}

const date = () => {
  const says = 'must be a day: `2026-01-05`';
  return z
    .string({ error: says })
    .refine((words) => readDate(words) !== undefined, says)
    .transform((words) => readDate(words) as WrittenDay);
};

function readDate(words: string): WrittenDay | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(words.trim()) ?? [];
  if (year === undefined) return undefined;
  const read = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return read.getUTCMonth() + 1 === Number(month) && read.getUTCDate() === Number(day)
    ? { year: Number(year), month: Number(month), day: Number(day) }
    : undefined;
}

const dateTime = () => {
  const says = 'must be a day and a time there: `2026-12-24 18:00`';
  const read = (words: string) => {
    const [, first = '', time = ''] = /^(\S+)[ T](\S+)$/.exec(words.trim()) ?? [];
    const on = readDate(first);
    return on && clock().safeParse(time).success ? { ...on, minutes: minutesOf(time) } : undefined;
  };
  return z
    .string({ error: says })
    .refine((words) => read(words) !== undefined, says)
    .transform((words) => read(words) as WrittenDay & { minutes: number });
};

const HoursEntry = z
  .strictObject({
    days: oneOrMore(day()).default(['daily']).describe('`[mon, tue-thu]`, `weekdays`, `weekend`, `daily`'),
    from: clock().default('00:00'),
    until: clock().default('00:00').describe('At or before `from` = on the day after'),
  })
  .transform(({ days, from, until }) => ({ days: daysIn(days), from: minutesOf(from), until: minutesOf(until) }));

const layer = {
  people: z.array(text()).optional().describe('In the order of their turns'),
  every: every().optional().describe('How long a turn is: `day`, `week`, `3 days`, `2 weeks`; `week` if unsaid'),
  handover: handover().optional().describe('When turns change, by the clock there: `"09:00"`, `mon 09:00`; `"09:00"` if unsaid'),
  start: date().optional().describe('The day on which the first of them begins'),
  only: z
    .union([HoursEntry, z.array(HoursEntry)])
    .transform((value) => (Array.isArray(value) ? value : [value]))
    .optional()
    .describe('When they are on call at all; always if unsaid'),
};

const OverrideEntry = z.strictObject({
  person: text(),
  from: dateTime(),
  until: dateTime(),
  because: text().optional(),
});

/** Leaves what is missing to check-paging.ts, which says it where it stands. */
const RosterEntry = z
  .strictObject({
    zone: zone().optional().describe('Whose clock and calendar turns go by; that of the installation if unsaid'),
    ...layer,
    layers: z.array(z.strictObject(layer)).optional().describe('Several rotations: where one has nobody, the next one counts'),
    overrides: z.array(OverrideEntry).default([]).describe('Somebody else for a while; goes before all layers'),
  })
  .transform(({ zone, overrides, layers, ...own }) => ({
    ...(zone !== undefined && { zone }),
    overrides,
    /** Where its only rotation stands at the roster itself. */
    flat: layers === undefined,
    both: layers !== undefined && Object.values(own).some((value) => value !== undefined),
    layers: (layers ?? [own]).map(({ people = [], every = 7, handover: { minutes, weekday } = { minutes: 9 * 60 }, start, only }) => ({
      people,
      /** Length of a turn, days. */
      every,
      /** Minutes after midnight. */
      handover: minutes,
      ...(weekday !== undefined && { weekday }),
      ...(start && { start }),
      ...(only && { only }),
    })),
  }));

/** Everything under `rosters:`, by name. */
export const RosterEntries = z.record(
  groupName(),
  RosterEntry.nullable().transform((value) => value ?? RosterEntry.parse({})),
);

export type RosterSaid = z.output<typeof RosterEntry>;
