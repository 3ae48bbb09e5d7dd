import type { Facts, FactValue } from '../fleet/host.ts';
import { withGuests } from './guests.ts';
import { factsOfKind } from './kinds.ts';
import type { RosterHost } from './roster.ts';
import { seededHex, seededInt, seededUuid } from './seeded.ts';
import { withUpdates } from './updates.ts';

/**
 * What can be wrong with a simulated host as a whole. `no-return` shows at its next reboot only; `rotate-trap` and `rotate-deaf` when
 * a certificate is renewed on it.
 */
export const MODES = ['ok', 'dead', 'mute', 'half-dead', 'slow', 'no-return', 'rotate-trap', 'rotate-deaf'] as const;
export type Mode = (typeof MODES)[number];

/**
 * What a simulated host has become: plain data, kept in fleet.json. What it is from the start is in roster.ts and
 * kinds.ts, so that a data directory of before goes on with facts that were thought of later.
 */
export interface HostModel {
  machineId: string;
  bootId: string;
  /** How often it has booted; the next boot id is made from it. */
  boots: number;
  /** Domain time, milliseconds. */
  bootedAt: number;
  mode: Mode;
  /** Facts a person set, times in seconds; `null` = taken away. */
  set: Record<string, FactValue | null>;
  /** Facts that scripts changed, in the same form; what a person set goes before them. */
  facts?: Record<string, FactValue | null>;
  /** What scripts left on it besides: update agents, packages, power, certificates. Each script room has a key of its own. */
  state?: Record<string, unknown>;
  /** Intents taken since it booted (/run/holdfast), the order of taking. */
  intents?: string[];
  /** What happened to it, the oldest first: the host's own word on what Holdfast did. Survives its boots. */
  journal?: { at: number; what: 'told' | 'refused' | 'called off' | 'down' | 'boot'; intent?: string }[];
  /** A reboot is scheduled: domain time, and the words it was scheduled with. */
  rebootAt?: number;
  rebootSays?: string;
  /**
   * It is down since; back at `until`, never by itself without one. `with` = the hypervisor it stood on went down under it;
   * `off` = its power is; `unclean` = nobody shut it down.
   */
  down?: { since: number; until?: number; with?: string; off?: true; unclean?: true };
  /** A hypervisor whose guests are being moved away, from when to when, and where to. */
  drain?: { begun: number; ends: number; to: string };
  /** Where its own guests are, while not here. */
  guestsOn?: string;
}

const DAY = 86_400_000;

/** A host as a fresh sandbox has it. */
export function freshModel(host: RosterHost, now: number): HostModel {
  const { name } = host;
  return {
    machineId: seededHex(`${name} machine`, 32),
    bootId: seededUuid(`${name} boot 1`),
    boots: 1,
    bootedAt: now - uptimeAtStart(host),
    mode: 'ok',
    set: {},
  };
}

/** What `check` finds on the host at domain time `now`, as the script prints it: times in seconds, nothing derived. `fleet` = where guests are. */
export function factsOf(host: RosterHost, model: HostModel, now: number, fleet: ReadonlyMap<string, HostModel> = new Map()): Facts {
  const { booted = model.bootedAt / 1000, clock_offset_ms: offset = 0 } = model.set;
  const facts: Facts = {
    machine_id: model.machineId,
    boot_id: model.bootId,
    hostname: host.name,
    uptime: Math.max(0, Math.floor(now / 1000 - Number(booted))),
    unclean_boot: false,
    ...withUpdates(withGuests(factsOfKind(host, now), host, model, now, fleet), host, model, now),
    host_time: (now + Number(offset)) / 1000,
  };
  for (const [name, value] of [...Object.entries(model.facts ?? {}), ...Object.entries(model.set)]) {
    if (value === null) delete facts[name];
    else if (!DERIVED_FROM[name]) facts[name] = value;
  }
  return agreeing(facts, model.set);
}

/** Facts that no script prints but that can be set all the same, and the printed fact that then follows. */
export const DERIVED_FROM: Record<string, string> = {
  booted: 'uptime',
  clock_offset_ms: 'host_time',
  disk_worst: 'disk_used',
  inodes_worst: 'disk_used',
};

/** Nobody near a day count at which old kernels fail; two hypervisors that have simply stayed up long, on a fine kernel. */
function uptimeAtStart({ name, kind }: RosterHost): number {
  const [from, to] = LONG_UP.has(name) ? [301, 340] : kind === 'kvm' ? [61, 160] : kind === 'lab' ? [3, 20] : [27, 46];
  return seededInt(`${name} days`, from, to) * DAY + seededInt(`${name} rest`, 0, DAY - 1);
}

const LONG_UP = new Set(['kvm04', 'kvm09']);

/** A fact that was set drags along the ones that say the same in other words, unless they were set too. */
function agreeing(facts: Facts, set: HostModel['set']): Facts {
  if (typeof set.xen === 'string' && !('hypervisor' in set)) facts.hypervisor = 'xen';
  if (Array.isArray(set.failed_units) && !('system_state' in set)) facts.system_state = set.failed_units.length > 0 ? 'degraded' : 'running';
  if (typeof set.disk_worst === 'number') facts.disk_used = withWorst(facts.disk_used, 'used_percent', set.disk_worst);
  if (typeof set.inodes_worst === 'number') facts.disk_used = withWorst(facts.disk_used, 'inodes_percent', set.inodes_worst);
  return facts;
}

type DiskRow = { mount: string; used_percent: number; free_mb: number; inodes_percent?: number };
type DiskColumn = 'used_percent' | 'inodes_percent';

/** The fullest file system becomes that full, and no other is fuller. */
function withWorst(table: FactValue | undefined, column: DiskColumn, percent: number): FactValue {
  const rows = (Array.isArray(table) ? table : []) as DiskRow[];
  const full = (row: DiskRow): number => row[column] ?? 0;
  const worst = rows.reduce<DiskRow | undefined>((a, b) => (a && full(a) >= full(b) ? a : b), undefined);
  return rows.map((row) => withPercent(row, column, row === worst ? percent : Math.min(full(row), percent))) as FactValue;
}

function withPercent(row: DiskRow, column: DiskColumn, percent: number): DiskRow {
  if (column === 'inodes_percent') return { ...row, inodes_percent: percent };
  const size = row.used_percent < 100 ? row.free_mb / (1 - row.used_percent / 100) : 0;
  return { ...row, used_percent: percent, free_mb: Math.round(size * (1 - percent / 100)) };
}
