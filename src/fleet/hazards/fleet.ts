import type { Fleet } from '../fleet.ts';
import type { Finding, Host, HostState } from '../host.ts';
import { foldNames } from '../target/fold.ts';
import { gravestFirst } from './judge.ts';

/**
 * What no host shows by itself: one machine under several names, members of a redundancy group on one parent, what the
 * alert path stands on. By host; hosts without such a finding have no entry. Pure, one pass over the inventory.
 */
export function judgeFleet(fleet: Fleet, states: ReadonlyMap<string, HostState> = new Map()): Map<string, Finding[]> {
  const findings = new Map<string, Finding[]>();
  const say = (host: string, finding: Finding): void => {
    const own = findings.get(host);
    if (own) own.push(finding);
    else findings.set(host, [finding]);
  };
  sharedMachines(fleet, states, say);
  sharedParents(fleet, say);
  alertPath(fleet, say);
  for (const [host, own] of findings) findings.set(host, gravestFirst(own));
  return findings;
}

type Say = (host: string, finding: Finding) => void;

/** Several names for one machine, or machines cloned with their id: both mislead whoever counts hosts. */
function sharedMachines(fleet: Fleet, states: ReadonlyMap<string, HostState>, say: Say): void {
  const byMachine = new Map<string, string[]>();
  for (const [name, state] of states) {
    const id = state.facts.machine_id;
    if (typeof id !== 'string' || !fleet.hosts.has(name)) continue;
    const names = byMachine.get(id);
    if (names) names.push(name);
    else byMachine.set(id, [name]);
  }
  for (const [id, names] of byMachine) {
    if (names.length < 2) continue;
    const boots = new Set(names.map((name) => states.get(name)?.facts.boot_id));
    const folded = foldNames(names);
    // Two names for one machine may well be meant; a machine-id that was copied never is.
    const finding: Finding =
      boots.size === 1
        ? { hazard: 'machine-shared', severity: 'info', text: `one machine under ${names.length} names: ${folded}` }
        : { hazard: 'machine-cloned', severity: 'warning', text: `machines that share the machine-id ${id.slice(0, 8)}… (cloned?): ${folded}` };
    for (const name of names) say(name, finding);
  }
}

function sharedParents(fleet: Fleet, say: Say): void {
  const together = new Map<string, { group: string; parent: string; members: string[] }>();
  for (const host of fleet.hosts.values()) {
    if (!host.parent) continue;
    for (const group of host.redundancy) {
      const key = JSON.stringify([group, host.parent]);
      const entry = together.get(key);
      if (entry) entry.members.push(host.name);
      else together.set(key, { group, parent: host.parent, members: [host.name] });
    }
  }
  for (const { group, parent, members } of together.values()) {
    if (members.length < 2) continue;
    const finding: Finding = {
      hazard: 'redundancy-together',
      severity: 'warning',
      text: `${foldNames(members)} of redundancy group ${group} all stand on ${parent}: they go down together`,
    };
    for (const name of members) say(name, finding);
    if (fleet.hosts.has(parent)) say(parent, finding);
  }
}

function alertPath(fleet: Fleet, say: Say): void {
  const carried = new Map<string, Host[]>();
  for (const host of fleet.hosts.values()) {
    if (!host.alertPath) continue;
    for (const parent of ancestors(fleet, host)) {
      const guests = carried.get(parent);
      if (guests) guests.push(host);
      else carried.set(parent, [host]);
    }
  }
  for (const [parent, guests] of carried) {
    const names = foldNames(guests.map((guest) => guest.name));
    say(parent, { hazard: 'carries-alert-path', severity: 'info', text: `carries the alert path (${names}): when it goes down, nobody is told from there` });
  }
}

/** What a host stands on, nearest first; a circle in the inventory ends it. */
function ancestors(fleet: Fleet, host: Host): string[] {
  const found: string[] = [];
  for (let parent = host.parent; parent && !found.includes(parent) && parent !== host.name; parent = fleet.hosts.get(parent)?.parent) found.push(parent);
  return found;
}
