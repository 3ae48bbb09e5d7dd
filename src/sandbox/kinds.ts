import type { Facts, FactValue } from '../fleet/host.ts';
import { LEAVES } from './certificates/laid.ts';
import type { RosterHost } from './roster.ts';
import { seededHex, seededInt } from './seeded.ts';

/** What hosts of one kind have in common. */
interface Kind {
  os: string;
  osVersion: string;
  kernel: string;
  cpus: number;
  memory: number;
  /** Mount and size in MB. */
  disks: [string, number][];
  listeners: string[];
  /** Tasks the load comes from, per processor, in percent. */
  busy: [number, number];
}

const DEBIAN = { os: 'debian', osVersion: '12', kernel: '6.1.0-40-amd64' };

/** MB of memory of one host of the kind. */
export const memoryOf = (host: RosterHost): number => KINDS[host.kind].memory;

const KINDS: Record<RosterHost['kind'], Kind> = {
  web: { ...DEBIAN, cpus: 4, memory: 7_936, disks: [['/', 39_000]], listeners: ['22', '80', '443'], busy: [5, 45] },
  db: {
    ...DEBIAN,
    cpus: 8,
    memory: 32_096,
    disks: [
      ['/', 39_000],
      ['/var/lib/postgresql', 402_000],
    ],
    listeners: ['22', '5432'],
    busy: [10, 60],
  },
  kvm: {
    os: 'almalinux',
    osVersion: '8.10',
    kernel: '4.18.0-553.80.1.el8_10.x86_64',
    cpus: 64,
    memory: 515_416,
    disks: [
      ['/', 98_000],
      ['/boot', 975],
      ['/var/lib/libvirt/images', 7_200_000],
    ],
    listeners: ['22', '16509', '49152'],
    busy: [20, 65],
  },
  lab: { os: 'debian', osVersion: '13', kernel: '6.12.48+deb13-amd64', cpus: 2, memory: 3_912, disks: [['/', 19_000]], listeners: ['22'], busy: [0, 10] },
  mon: {
    ...DEBIAN,
    cpus: 8,
    memory: 15_984,
    disks: [
      ['/', 39_000],
      ['/srv', 880_000],
    ],
    listeners: ['22', '3000', '9090', '9093'],
    busy: [10, 35],
  },
  lb: {
    os: 'ubuntu',
    osVersion: '24.04',
    kernel: '6.8.0-85-generic',
    cpus: 4,
    memory: 7_936,
    disks: [['/', 39_000]],
    listeners: ['22', '80', '443'],
    busy: [3, 20],
  },
  kaza: { ...DEBIAN, cpus: 8, memory: 15_984, disks: [['/', 118_000]], listeners: ['22'], busy: [5, 40] },
};

/** Everything of a healthy host that does not follow from its last boot. Domain time `now` moves what breathes: load and timers. */
export function factsOfKind(host: RosterHost, now: number): Facts {
  const kind = KINDS[host.kind];
  const int = (what: string, from: number, to: number): number => seededInt(`${host.name} ${what}`, from, to);
  const moment = Math.floor(now / 60_000);
  const disks = kind.disks.map(([mount, size]) => {
    const used = mount === '/boot' ? int(mount, 31, 44) : int(mount, 18, 69);
    return { mount, used_percent: used, free_mb: Math.round(size * (1 - used / 100)), inodes_percent: int(`${mount} inodes`, 2, 24) };
  });
  return {
    kernel: kind.kernel,
    kernel_newest: kind.kernel,
    kernel_modules: true,
    kernel_tainted: 0,
    os: kind.os,
    os_version: kind.osVersion,
    arch: 'x86_64',
    ...(host.parent ? GUEST : metal(host)),
    ...(host.kind === 'db' ? { database: `postgres ${host.name === 'db01' ? 'primary' : 'standby'}` } : {}),
    ...(host.kind === 'kvm' ? hypervisor(host, now) : {}),
    ...(host.name === 'mio' ? { database: 'postgres primary' } : {}),
    cpus: kind.cpus,
    cpu: host.parent || host.kind === 'kvm' ? 'AMD EPYC 7543P 32-Core Processor' : 'Intel(R) Xeon(R) E-2278G CPU @ 3.40GHz',
    reboot_required: false,
    reboot_packages: [],
    system_state: 'running',
    failed_units: [],
    jobs_queued: 0,
    package_broken: [],
    package_holds: [],
    cron_updaters: [],
    update_agents: updateAgents(host, now),
    disk_used: disks,
    readonly_mounts: [],
    mem_total_mb: kind.memory,
    mem_available_mb: Math.round((kind.memory * int('memory', 28, 71)) / 100),
    load1: (kind.cpus * int(`load ${moment}`, ...kind.busy)) / 100,
    psi_memory: int(`psi memory ${moment}`, 0, 40) / 100,
    psi_io: int(`psi io ${moment}`, 0, 180) / 100,
    stuck_tasks: 0,
    time_synced: true,
    kernel_errors: [],
    crash_files: [],
    firewall_hash: seededHex(`${host.kind} firewall`, 64),
    routes_hash: seededHex(`${host.name} routes`, 64),
    mounts_hash: seededHex(`${host.kind} mounts`, 64),
    mounts: kind.disks.map(([mount]) => mount),
    listeners_hash: seededHex(`${host.kind === 'kaza' ? host.name : host.kind} listeners`, 64),
    listeners: [...kind.listeners, ...servedPorts(host.name)],
    check_ms: int(`check ${moment}`, 140, 420),
    check_cpu_ms: int(`check cpu ${moment}`, 90, 160),
    ...(host.name === 'lab02' ? NEW_KERNEL_WAITS : {}),
  };
}

/** Something small to find at the start. */
const NEW_KERNEL_WAITS: Facts = {
  kernel_newest: '6.12.57+deb13-amd64',
  reboot_required: true,
  reboot_packages: ['linux-image-6.12.57+deb13-amd64'],
};

/** Ports on which it shows a certificate of its own, low ones first. */
const servedPorts = (name: string): string[] =>
  LEAVES.flatMap(({ host, serves }) => (host === name && serves ? [serves.port] : []))
    .sort((a, b) => a - b)
    .map(String);

const GUEST: Facts = { virt: 'kvm', vendor: 'QEMU', product: 'Standard PC (Q35 + ICH9, 2009)' };

function metal(host: RosterHost): Facts {
  return {
    virt: 'none',
    vendor: 'Supermicro',
    product: host.kind === 'kvm' ? 'AS -1114S-WN10RT' : 'SYS-5019P-MT',
    edac_ce: 0,
    edac_ue: 0,
    raid_degraded: [],
    smart_failing: [],
  };
}

function hypervisor(host: RosterHost, now: number): Facts {
  return {
    livepatch: 'kernelcare K20261104_01',
    livepatch_kernel: '4.18.0-553.84.1.el8_10.x86_64',
    kdump_armed: true,
    livepatch_pulled: lastTick(host, now) / 1000,
  };
}

const HOUR = 3_600_000;

/** KernelCare's cron looks every four hours, each host at a minute of its own. */
export function lastTick(host: RosterHost, now: number): number {
  const shift = seededInt(`${host.name} cron`, 0, 239) * 60_000;
  return Math.floor((now - shift) / (4 * HOUR)) * 4 * HOUR + shift;
}

function updateAgents(host: RosterHost, now: number): FactValue[] {
  if (host.kind === 'kvm')
    return [
      {
        name: 'kernelcare',
        state: 'on',
        version: '2.94-1.el8',
        next: lastTick(host, now) / 1000 + 4 * 3600,
        schedule: 'every 4 h',
        path: '/etc/cron.d/kcare-cron',
      },
      { name: 'dnf-automatic.timer', state: 'off' },
    ];
  const timer = (name: string, hour: number): FactValue => ({
    name,
    state: 'on',
    next: nextDaily(now, hour * 60 + seededInt(`${host.name} ${name}`, 0, 59)) / 1000,
  });
  return [timer('apt-daily.timer', 18), timer('apt-daily-upgrade.timer', 6), { name: 'unattended-upgrades', state: 'on', version: '2.9.1+nmu3' }];
}

/** Domain time of the next such minute of the day, UTC. */
function nextDaily(now: number, minute: number): number {
  const midnight = Math.floor(now / (24 * HOUR)) * 24 * HOUR;
  const today = midnight + minute * 60_000;
  return today > now ? today : today + 24 * HOUR;
}
