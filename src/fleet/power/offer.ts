import type { CardAction } from '../../chat/card.ts';
import type { PowerClasses } from '../../config/power.ts';
import type { Fleet } from '../fleet.ts';
import { classOf } from './class-of.ts';

/** Buttons for a host that does not answer; none where its power is out of reach. */
export function powerOffer(host: string, around: { config: { power: PowerClasses }; fleet: Fleet }): CardAction[] {
  const found = classOf({ name: host }, around);
  if (!found) return [];
  const { entry } = found;
  const shows = !('command' in entry) || entry.command.console !== undefined;
  const cycles = !('command' in entry) || entry.command.cycle !== undefined;
  return [
    shows ? { label: 'What its console says', command: `power console ${host}` } : { label: 'Is its power on?', command: `power status ${host}` },
    ...(cycles ? [{ label: 'Power cycle', command: `power cycle ${host}` }] : []),
  ];
}
