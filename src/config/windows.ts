import { z } from 'zod';
import type { Fleet } from '../fleet/fleet.ts';
import { parseTarget } from '../fleet/target/parse.ts';
import { selectHosts } from '../fleet/target/select.ts';
import { Refusal } from '../lib/refusal.ts';
import { clock, day, daysIn, minutesOf } from './days.ts';
import type { Path } from './document.ts';
import { oneOrMore, text, zone } from './fields.ts';

/** Over midnight a window this long is far likelier two times the wrong way round. */
const LONGEST_NIGHT = 12 * 60;

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
    days: daysIn(days),
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

const lengthOf = (from: number, until: number): number => (until - from + 1440) % 1440;
