import type { Foreseen, Foresight } from '../../jobs.ts';
import { numberFact, textFact } from '../hazards/hazard.ts';
import type { Facts, Host } from '../host.ts';
import { hookedGroups } from './hooks.ts';
import { expectedKernel, keptOffKernel, stillCarried } from './kernel.ts';
import type { RebootParams } from './params.ts';
import { isMetal } from './verify.ts';

/** Domain milliseconds for one host, without history: the minute it is told before, and the way down and up. */
const TAKES = { vm: { p50: 150_000, p95: 300_000 }, metal: { p50: 300_000, p95: 900_000 } };
/** Megabytes of a guest's memory that are moved in a millisecond: half of what ten gigabits carry. */
const MB_A_MS = 0.5;
/** A guest whose memory is not known. */
const GUEST_MB = 4096;

/** What a reboot of one host would do, for the plan. */
export function foreseeReboot(host: Host, { params, known, config, keptOff }: Foresight<RebootParams>): Foreseen {
  const facts: Facts = { ...host.vars, ...known?.facts };
  const guests = Array.isArray(facts.guests) ? facts.guests.length : 0;
  const metal = isMetal(host, facts.virt);
  const kind = guests > 0 ? 'hypervisor' : metal ? 'metal' : 'vm';
  const drains = hookedGroups(host, params).filter((group) => group.drain);
  const moved = drains.length > 0 && guests > 0;
  const needsMb = numberFact(facts, 'guests_mem_mb') ?? guests * GUEST_MB;
  const drainTakes = drains.length === 0 ? 0 : 60_000 + (moved ? needsMb / MB_A_MS : 0);
  const takes = TAKES[metal ? 'metal' : 'vm'];
  const foreseen: Foreseen = {
    does: sayDoing({ drains: drains.map(({ group }) => group), guests, moved, kernel: newKernel(facts) }),
    class: drains.length > 0 ? `${kind}, drained` : kind,
    estimate: { p50: takes.p50 + drainTakes, p95: takes.p95 + 2 * drainTakes },
    ...(moved && { needsMb }),
  };
  const off = keptOffKernel(facts, keptOff);
  if (off) return { ...foreseen, skip: { rule: off.rule, because: `it would boot into ${off.kernel}, and ${off.rule} keeps that package off it` } };
  const notes = [...carriedNotes(host, facts, config), ...(guests > 0 && !moved ? [`${sayGuests(guests)} down with it: nothing drains it`] : [])];
  if (known === undefined) notes.push('never checked: whether it carries guests, and what it would boot into, is not known');
  return notes.length > 0 ? { ...foreseen, notes } : foreseen;
}

function sayDoing({ drains, guests, moved, kernel }: { drains: string[]; guests: number; moved: boolean; kernel?: string | undefined }): string {
  const drained = drains.length === 0 ? '' : moved ? `drain ${sayGuests(guests, '')}, ` : `drain it from ${drains.map((group) => `@${group}`).join(', ')}, `;
  return `${drained}reboot${kernel === undefined ? '' : ` into ${kernel}`}`;
}

const sayGuests = (guests: number, go = guests === 1 ? ' goes' : ' go'): string => `${guests} ${guests === 1 ? 'guest' : 'guests'}${go}`;

const newKernel = (facts: Facts): string | undefined => {
  const kernel = expectedKernel(facts);
  return kernel === textFact(facts, 'kernel') ? undefined : kernel;
};

function carriedNotes(host: Host, facts: Facts, config: Foresight<RebootParams>['config']): string[] {
  const carried = stillCarried(host, facts, config);
  return carried.length > 0 ? [`boots into ${expectedKernel(facts)}, which still carries ${carried.join(', ')}`] : [];
}
