import type { Facts } from '../fleet/host.ts';
import { memoryOf } from './kinds.ts';
import type { HostModel } from './model.ts';
import { HOSTS, type RosterHost } from './roster.ts';
import { seededInt } from './seeded.ts';

/** Domain milliseconds until the guests of a hypervisor are moved away, all of them. */
export const DRAIN_TAKES = 180_000;

type Models = ReadonlyMap<string, HostModel>;

/** Roster hosts that run on this hypervisor now: its own while they are not away, and those of others that were moved here. */
export function guestsOn(hosts: readonly RosterHost[], models: Models, hypervisor: string): RosterHost[] {
  return hosts.filter(({ parent }) => parent !== undefined && (models.get(parent)?.guestsOn ?? parent) === hypervisor);
}

/** Names of everything that runs here at `now`, and what memory (MB) it has. While they are being moved away they become fewer. */
export function guestsHere(host: RosterHost, model: HostModel, now: number, fleet: Models): { names: string[]; mb: number } {
  const taken = HOSTS.filter(({ name, kind }) => kind === 'kvm' && fleet.get(name)?.guestsOn === host.name).flatMap(guestsOf);
  const all = [...(model.guestsOn ? [] : guestsOf(host)), ...taken];
  const left = model.drain ? Math.ceil((all.length * (model.drain.ends - now)) / (model.drain.ends - model.drain.begun)) : all.length;
  const here = all.slice(0, Math.max(0, left));
  return { names: here.map(({ name }) => name), mb: sum(here.map(({ mb }) => mb)) };
}

/** The facts of a hypervisor with the guests it has now, and the memory they take. */
export function withGuests(facts: Facts, host: RosterHost, model: HostModel, now: number, fleet: Models): Facts {
  if (host.kind !== 'kvm') return facts;
  const { names, mb } = guestsHere(host, model, now, fleet);
  const own = sum(guestsOf(host).map((guest) => guest.mb));
  const available = Number(facts.mem_available_mb) + own - mb;
  return { ...facts, guests: names, guests_mem_mb: mb, mem_available_mb: Math.max(0, available) };
}

/** Guests whose home this hypervisor is: those of the roster, and tenants nobody else knows of. */
function guestsOf({ name }: RosterHost): { name: string; mb: number }[] {
  const ours = HOSTS.filter(({ parent }) => parent === name).map((guest) => ({ name: guest.name, mb: memoryOf(guest) }));
  const tenants = Array.from({ length: seededInt(`${name} tenants`, 5, 14) }, (_, i) => ({
    name: `vm-${seededInt(`${name} tenant`, 2000, 8000) + i * 7}`,
    mb: 1024 * seededInt(`${name} tenant ${i} memory`, 2, 6),
  }));
  return [...ours, ...tenants];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
