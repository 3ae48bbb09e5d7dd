import { z } from 'zod';
import type { Fleet } from '../fleet/fleet.ts';
import { parseTarget } from '../fleet/target/parse.ts';
import { selectHosts } from '../fleet/target/select.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Path } from './document.ts';
import { oneOrMore, text, zone } from './fields.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const SEVERAL: Record<string, number[]> = { daily: [0, 1, 2, 3, 4, 5, 6], weekdays: [1, 2, 3, 4, 5], weekend: [0, 6] };
/** Over midnight a window this long is far likelier two times the wrong way round. */
const LONGEST_NIGHT = 12 * 60;

const day = () =>
  z.string().refine((word) => daysOf(word) !== undefined, {
    error: (issue) => `${JSON.stringify(issue.input)} is no day; write \`mon\` … \`sun\`, \`mon-fri\`, \`weekdays\`, \`weekend\` or \`daily\``,
  });

const clock = () => {
  const says = 'must be a time of day in quotes: `"02:00"`';
  return z.string({ error: says }).regex(/^([01]\d|2[0-3]):[0-5]\d$/, says);
};

const WindowEntry = z
  .strictObject({
    hosts: text().describe('A target expression: changes begin on these hosts only inside their windows'),
    days: oneOrMore(day()).default(['daily']).describe('On which it opens: `[mon, tue-thu]`, `weekdays`, `weekend`, `daily`'),
    from: clock(),
    until: clock().describe('Earlier than `from` = on the day after'),
    zone: zone().optional().describe('The time zone of these times; that of the installation if unsaid'),
  })
  .superRefine(({ from, until }, context) => {
    const length = lengthOf(minutesOf(from), minutesOf(until));
    if (from === until) context.addIssue({ code: 'custom', path: ['until'], message: 'is the time at which it opens: such a window is never open' });
    else if (minutesOf(until) < minutesOf(from) && length > LONGEST_NIGHT) {
      const says = `${Math.floor(length / 60)} h${length % 60 ? ` ${length % 60} m` : ''}`;
      context.addIssue({
        code: 'custom',
        path: ['until'],
        message: `makes it ${says} long, over midnight: are \`from\` and \`until\` the wrong way round? A longer one is two windows`,
      });
    }
  })
  .transform(({ days, from, until, ...rest }) => ({
    ...rest,
    /** 0 = Sunday, in order. */
    days: [...new Set(days.flatMap((word) => daysOf(word) as number[]))].sort((a, b) => a - b),
    /** Minutes after midnight. */
    from: minutesOf(from),
    until: minutesOf(until),
  }));

/** Everything under `windows:`. */
export const WindowEntries = z.array(WindowEntry);

/** When changes may begin on some hosts; `until` at or before `from` is on the day after. */
export type Window = z.output<typeof WindowEntry>;

/** Windows whose hosts cannot be read, or that name what comes and goes. */
export function checkWindows(windows: readonly Window[], { fleet, complete }: { fleet: Fleet; complete: boolean }): { path: Path; says: string }[] {
  return windows.flatMap(({ hosts }, at) => {
    try {
      hostsOfWindow(hosts, complete ? fleet : undefined);
      return [];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return [{ path: ['windows', at, 'hosts'], says: `the \`hosts\` of this window: ${error.message}` }];
    }
  });
}

/** Names of the hosts of a window's expression; nothing is looked up without a fleet. Throws `Refusal`. */
export function hostsOfWindow(expression: string, fleet?: Fleet): string[] {
  const { steps, where } = parseTarget(expression);
  if (where) throw new Refusal('it cannot be made with `where`: facts change, and a window would open on other hosts than people think. Name groups.');
  return fleet ? selectHosts(steps, { hosts: [...fleet.hosts.keys()], groups: fleet.groups, live: new Map(), liveNames: [] }) : [];
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

const lengthOf = (from: number, until: number): number => (until - from + 1440) % 1440;

function daysOf(word: string): number[] | undefined {
  const lower = word.toLowerCase();
  if (SEVERAL[lower]) return SEVERAL[lower];
  const [first, last, ...more] = lower.split('-').map((name) => DAYS.findIndex((one) => one === name || (name.length > 3 && LONG[one]?.startsWith(name))));
  if (first === undefined || first < 0 || more.length > 0 || (last !== undefined && last < 0)) return undefined;
  if (last === undefined) return [first];
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, at) => (first + at) % 7);
}

const LONG: Record<string, string> = { sun: 'sunday', mon: 'monday', tue: 'tuesday', wed: 'wednesday', thu: 'thursday', fri: 'friday', sat: 'saturday' };
