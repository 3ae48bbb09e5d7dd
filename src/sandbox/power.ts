import type { PowerAction, PowerSwitch } from '../fleet/power/power.ts';
import { REBOOT_TAKES } from './boots.ts';
import { guestsOn } from './guests.ts';
import type { HostModel } from './model.ts';
import type { RosterHost } from './roster.ts';

type Models = ReadonlyMap<string, HostModel>;

export const isOff = (model: HostModel): boolean => model.down?.off === true;

/**
 * What the fleet becomes when the power of one host is switched at domain time `now`: it goes down at once, with what stands
 * on it, and boots where it is switched on again. Whatever hung in it is gone by that. Pure.
 */
export function switched(hosts: readonly RosterHost[], models: Models, name: string, action: PowerSwitch, now: number): Map<string, HostModel> {
  const model = models.get(name);
  if (!model || (action === 'on' && !isOff(model)) || (action === 'off' && isOff(model))) return new Map();
  const { rebootAt: _, rebootSays: __, drain: ___, ...rest } = model;
  const since = model.down?.since ?? now;
  const down: NonNullable<HostModel['down']> = action === 'off' ? { since, off: true } : { since, until: now + REBOOT_TAKES, unclean: true };
  const became = new Map([[name, { ...rest, mode: HUNG.has(model.mode) ? 'ok' : model.mode, down } satisfies HostModel]]);
  if (action === 'on') return became;
  for (const guest of guestsOn(hosts, models, name)) {
    const { rebootAt: ____, rebootSays: _____, ...was } = models.get(guest.name) as HostModel;
    if (!was.down?.off) became.set(guest.name, { ...was, down: { since: was.down?.since ?? now, with: name } });
  }
  return became;
}

/** What somebody sees who looks at the host from outside. */
export function seenFromOutside(host: RosterHost, model: HostModel, action: Exclude<PowerAction, PowerSwitch>, now: number): string[] {
  const hung =
    model.mode === 'dead' || model.mode === 'half-dead' || (model.down !== undefined && model.down.until === undefined && !model.down.with && !isOff(model));
  if (action === 'status') return [isOff(model) ? 'off' : 'on'];
  if (action === 'log') return hung ? [`${stamp(model.down?.since ?? now)} | OS Critical Stop #0x01 | Run-time critical stop | Asserted`] : [];
  if (isOff(model)) return [];
  if (hung) return PANIC;
  if (model.down) return ['Loading Linux ...', 'Loading initial ramdisk ...', '[    0.000000] Linux version booting'];
  return ['', `${host.name} login: `];
}

/** Modes that live in the memory of a machine; a network that swallows packets does not get well by its power. */
const HUNG = new Set<HostModel['mode']>(['dead', 'half-dead', 'no-return', 'slow']);

const PANIC = [
  '[    4.182071] BUG: unable to handle page fault for address: ffffa0f3c6d41020',
  '[    4.182077] CPU: 12 PID: 1 Comm: systemd Not tainted',
  '[    4.182101] Kernel panic - not syncing: Fatal exception',
  '[    4.182109] ---[ end Kernel panic - not syncing: Fatal exception ]---',
];

const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' | ');
