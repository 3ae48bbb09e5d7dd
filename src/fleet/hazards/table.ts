import type { Facts } from '../host.ts';
import { bandHazards } from './bands.ts';
import { type Hazard, listFact, numberFact, type Said, sayList, tableFact, textFact } from './hazard.ts';
import { kernelHazards, weightiest } from './kernel-lines.ts';

/** A list that should be empty. */
const none = (name: string, severity: Hazard['severity'], fact: string, text: (items: string) => string): Hazard => ({
  name,
  severity,
  about: `${fact} is not empty`,
  look: (facts) => {
    const items = listFact(facts, fact);
    return items.length > 0 ? text(sayList(items)) : undefined;
  },
});

/** A yes-or-no that should be the other way. */
const flag = (name: string, severity: Hazard['severity'], fact: string, bad: boolean, text: string | ((facts: Facts) => string | undefined)): Hazard => ({
  name,
  severity,
  about: `${fact} is ${bad ? 'yes' : 'no'}`,
  look: (facts) => (facts[fact] !== bad ? undefined : typeof text === 'string' ? text : text(facts)),
});

/** A number with a bound to warn at and one that is critical. */
const bound = (name: string, fact: string, warning: number, critical: number, text: (value: number) => string): Hazard => ({
  name,
  severity: 'warning',
  about: `${fact} from ${warning}, critical from ${critical}`,
  look: (facts) => {
    const value = numberFact(facts, fact);
    if (value === undefined || value < warning) return undefined;
    return { text: text(value), severity: value >= critical ? 'critical' : 'warning' };
  },
});

/** Percent; and only while less than this is free, MB: 10 % of a large disk is no trouble. */
const DISK = { warning: 85, critical: 95, freeBelow: 100_000 };
const INODES = { warning: 85, critical: 95 };
/** Percent of memory that programs could still have. */
const MEMORY = { warning: 5, critical: 2 };
/** Milliseconds. */
const CLOCK = { warning: 2_000, critical: 60_000 };

/** What is wrong with a host, by its facts; what the whole inventory says is in fleet.ts. */
export const HAZARDS: readonly Hazard[] = [
  ...bandHazards,
  ...kernelHazards,
  {
    name: 'disk-full',
    severity: 'warning',
    about: `a file system from ${DISK.warning} %, critical from ${DISK.critical} %, with less than ${DISK.freeBelow / 1000} GB free`,
    look: (facts) =>
      tableFact(facts, 'disk_used').flatMap(({ mount, used_percent: used, free_mb: free }): Said[] => {
        if (typeof used !== 'number' || typeof free !== 'number' || used < DISK.warning || free >= DISK.freeBelow) return [];
        return [{ text: `${mount} is ${used} % full, ${sayMb(free)} free`, severity: used >= DISK.critical ? 'critical' : 'warning' }];
      }),
  },
  {
    name: 'inodes-full',
    severity: 'warning',
    about: `a file system with ${INODES.warning} % of its inodes used`,
    look: (facts) =>
      tableFact(facts, 'disk_used').flatMap(({ mount, inodes_percent: used }): Said[] =>
        typeof used === 'number' && used >= INODES.warning
          ? [{ text: `${mount} has ${used} % of its inodes used`, severity: used >= INODES.critical ? 'critical' : 'warning' }]
          : [],
      ),
  },
  none('read-only', 'critical', 'readonly_mounts', (items) => `mounted read-only though fstab says otherwise: ${items}`),
  {
    name: 'memory-low',
    severity: 'warning',
    about: `less than ${MEMORY.warning} % of memory available`,
    look: (facts) => {
      const [total, available] = [numberFact(facts, 'mem_total_mb'), numberFact(facts, 'mem_available_mb')];
      if (!total || available === undefined) return undefined;
      const percent = (available / total) * 100;
      if (percent >= MEMORY.warning) return undefined;
      return { text: `${sayMb(available)} of ${sayMb(total)} memory left`, severity: percent < MEMORY.critical ? 'critical' : 'warning' };
    },
  },
  bound('memory-pressure', 'psi_memory', 10, 40, (value) => `programs wait for memory ${value} % of the time`),
  bound('io-pressure', 'psi_io', 40, 80, (value) => `programs wait for disks ${value} % of the time`),
  bound('stuck-tasks', 'stuck_tasks', 5, 20, (value) => `${value} tasks hang in the kernel (state D)`),
  none('failed-units', 'warning', 'failed_units', (items) => `failed: ${items}`),
  {
    name: 'probe-failed',
    severity: 'critical',
    about: 'a service probe of its groups fails',
    look: (facts) => tableFact(facts, 'probes').flatMap(({ name, ok, detail }) => (ok === false ? [`${name} fails${detail ? `: ${detail}` : ''}`] : [])),
  },
  none('raid-degraded', 'critical', 'raid_degraded', (items) => `array lacks a member: ${items}`),
  none('smart-failing', 'critical', 'smart_failing', (items) => `disk says it is failing: ${items}`),
  bound('memory-uncorrected', 'edac_ue', 1, 1, (value) => `${value} memory errors that could not be corrected`),
  bound('memory-errors', 'edac_ce', 100, 10_000, (value) => `${value} memory errors corrected since boot`),
  flag('reboot-required', 'info', 'reboot_required', true, (facts) => {
    const packages = listFact(facts, 'reboot_packages');
    return `wants a reboot${packages.length > 0 ? ` for ${sayList(packages, 3)}` : ''}`;
  }),
  flag(
    'modules-missing',
    'warning',
    'kernel_modules',
    false,
    (facts) => `the modules of the running kernel ${textFact(facts, 'kernel') ?? ''} are gone: updated under it, nothing new can be loaded until a reboot`,
  ),
  flag('clock-unsynced', 'warning', 'time_synced', false, 'the clock is not synchronised'),
  {
    name: 'clock-off',
    severity: 'warning',
    about: `the clock is off by ${CLOCK.warning / 1000} s, critical from ${CLOCK.critical / 1000} s`,
    look: (facts) => {
      const offset = numberFact(facts, 'clock_offset_ms');
      if (offset === undefined || Math.abs(offset) < CLOCK.warning) return undefined;
      const text = `the clock is ${(Math.abs(offset) / 1000).toFixed(1)} s ${offset > 0 ? 'ahead' : 'behind'}`;
      return { text, severity: Math.abs(offset) >= CLOCK.critical ? 'critical' : 'warning' };
    },
  },
  none('packages-broken', 'warning', 'package_broken', (items) => `packages left half-way: ${items} (dpkg --audit)`),
  {
    name: 'reboots-itself',
    severity: 'warning',
    about: 'an update agent may reboot the host by itself',
    look: (facts) =>
      tableFact(facts, 'update_agents').flatMap(({ name, state, detail }) =>
        (state === 'on' || state === 'running') && typeof detail === 'string' && detail.includes('reboots by itself')
          ? [`${name} may reboot this host by itself`]
          : [],
      ),
  },
  {
    name: 'updating-now',
    severity: 'info',
    about: 'an update agent is at work',
    look: (facts) => tableFact(facts, 'update_agents').flatMap(({ name, state }) => (state === 'running' ? [`${name} is at work now`] : [])),
  },
  {
    name: 'package-lock',
    severity: 'info',
    about: 'somebody holds the package lock',
    look: (facts) => (textFact(facts, 'package_lock') ? `${textFact(facts, 'package_lock')} holds the package lock` : undefined),
  },
  {
    name: 'reboot-scheduled',
    severity: 'warning',
    about: 'a shutdown is scheduled',
    look: (facts) => {
      const at = textFact(facts, 'reboot_scheduled');
      return at ? { text: `goes down by itself at ${at.slice(0, 16).replace('T', ' ')} UTC (shutdown -c calls it off)`, due: at } : undefined;
    },
  },
  none('crash-files', 'warning', 'crash_files', (items) => `the kernel left evidence of a crash: ${items}`),
  flag('kdump-unarmed', 'warning', 'kdump_armed', false, 'kdump is installed and not armed: the next crash leaves no dump'),
  {
    name: 'unclean-boot',
    severity: 'warning',
    about: 'the last boot had no shutdown before it, within the last 7 days',
    look: (facts) => {
      const uptime = numberFact(facts, 'uptime');
      if (facts.unclean_boot !== true || (uptime !== undefined && uptime > 7 * 86_400)) return undefined;
      const words = weightiest(listFact(facts, 'last_words'));
      return `booted without having been shut down${words ? `; its last words: ${words.slice(0, 200)}` : ''}`;
    },
  },
];

const sayMb = (mb: number): string => (mb >= 10_000 ? `${Math.round(mb / 1000)} GB` : mb >= 1000 ? `${(mb / 1000).toFixed(1)} GB` : `${Math.round(mb)} MB`);
