/**
 * Every fact a check can bring, its type and what it means. `where` offers these names, docs/facts.md lists them, the
 * script contract test and the sandbox's host model are held against them. Inventory variables are facts too, under
 * their own names. A fact that was not seen has no key; `root` marks those that need the sudoers line.
 */
export interface FactKind {
  type: 'text' | 'number' | 'version' | 'yesno' | 'time' | 'list' | 'table';
  summary: string;
  root?: true;
}

export const FACTS: Record<string, FactKind> = {
  // identity and boot
  machine_id: { type: 'text', summary: '/etc/machine-id' },
  boot_id: { type: 'text', summary: '/proc/sys/kernel/random/boot_id; changes with each boot' },
  hostname: { type: 'text', summary: 'what the host calls itself' },
  uptime: { type: 'number', summary: 'seconds since boot; `where uptime > 200d`' },
  booted: { type: 'time', summary: 'when it booted, ISO' },
  unclean_boot: { type: 'yesno', summary: 'no shutdown record before the last boot' },
  // kernel
  kernel: { type: 'version', summary: 'uname -r' },
  kernel_newest: { type: 'version', summary: 'newest kernel installed' },
  kernel_modules: { type: 'yesno', summary: '/lib/modules of the running kernel exists' },
  kernel_tainted: { type: 'number', summary: '/proc/sys/kernel/tainted' },
  livepatch: { type: 'text', summary: 'tool and level of the live patch: `kernelcare K20230908_02`' },
  livepatch_kernel: { type: 'version', summary: 'the effective kernel with the live patch' },
  livepatch_pulled: { type: 'time', summary: 'when the live patch was last pulled' },
  os: { type: 'text', summary: 'ID of os-release: debian, ubuntu, rocky …' },
  os_version: { type: 'version', summary: 'VERSION_ID of os-release' },
  arch: { type: 'text', summary: 'uname -m' },
  // hypervisor and hardware
  hypervisor: { type: 'text', summary: '/sys/hypervisor/type; absent on KVM, Nitro and bare metal' },
  xen: { type: 'version', summary: '/sys/hypervisor/version as major.minor.extra' },
  virt: { type: 'text', summary: 'systemd-detect-virt' },
  vendor: { type: 'text', summary: 'DMI sys_vendor' },
  product: { type: 'text', summary: 'DMI product_name' },
  cpus: { type: 'number', summary: 'processors online' },
  guests: { type: 'list', summary: 'guests running here (virsh, qm, ps)', root: true },
  edac_ce: { type: 'number', summary: 'corrected memory errors since boot' },
  edac_ue: { type: 'number', summary: 'uncorrected memory errors since boot' },
  raid_degraded: { type: 'list', summary: 'md arrays with a missing member' },
  smart_failing: { type: 'list', summary: 'disks whose SMART health fails', root: true },
  // reboot required, units, packages
  reboot_required: { type: 'yesno', summary: 'a tool on the host says so; absent = no tool to ask' },
  reboot_packages: { type: 'list', summary: 'packages that want the reboot' },
  system_state: { type: 'text', summary: 'systemd: running, degraded …' },
  failed_units: { type: 'list', summary: 'systemd units that failed' },
  jobs_queued: { type: 'number', summary: 'systemd jobs waiting' },
  package_lock: { type: 'text', summary: 'who holds the dpkg or rpm lock', root: true },
  package_broken: { type: 'list', summary: 'half-configured packages (dpkg --audit)' },
  package_holds: { type: 'list', summary: 'packages held back' },
  update_agents: { type: 'table', summary: 'who updates this host: [{ name, state, version, next }]' },
  reboot_scheduled: { type: 'time', summary: '/run/systemd/shutdown/scheduled' },
  // resources
  disk_used: { type: 'table', summary: 'local file systems: [{ mount, used_percent, free_mb }]' },
  disk_worst: { type: 'number', summary: 'percent used of the fullest local file system' },
  inodes_worst: { type: 'number', summary: 'percent of inodes used, worst file system' },
  readonly_mounts: { type: 'list', summary: 'mounted ro though fstab says rw' },
  mem_total_mb: { type: 'number', summary: 'MemTotal' },
  mem_available_mb: { type: 'number', summary: 'MemAvailable' },
  load1: { type: 'number', summary: '1-minute load' },
  psi_memory: { type: 'number', summary: 'memory pressure, some avg60, percent' },
  psi_io: { type: 'number', summary: 'io pressure, some avg60, percent' },
  stuck_tasks: { type: 'number', summary: 'tasks in state D' },
  // time
  time_synced: { type: 'yesno', summary: 'the clock is synchronised' },
  clock_offset_ms: { type: 'number', summary: 'host clock less ours, ± half the round trip' },
  // kernel log and crash evidence
  kernel_errors: { type: 'list', summary: 'last kernel lines of weight: panic, oops, lockup, I/O error …', root: true },
  last_words: { type: 'list', summary: 'last kernel lines of the boot before, or from the log server', root: true },
  crash_files: { type: 'list', summary: 'pstore and /var/crash' },
  kdump_armed: { type: 'yesno', summary: 'a crash kernel is loaded' },
  // what to compare before and after a change
  firewall_hash: { type: 'text', summary: 'sha256 of the rule set without counters', root: true },
  routes_hash: { type: 'text', summary: 'sha256 of routes and rules' },
  mounts_hash: { type: 'text', summary: 'sha256 of mounts' },
  listeners_hash: { type: 'text', summary: 'sha256 of listening sockets' },
  listeners: { type: 'list', summary: 'listening TCP ports' },
  // service probes from config, cloud attributes
  probes: { type: 'table', summary: 'service probes of its groups: [{ name, ok, ms, detail }]' },
  cloud: { type: 'text', summary: 'aws, gcp, azure … from DMI' },
  instance_type: { type: 'text', summary: 'm4.large …, from the metadata file or the inventory' },
  instance_family: { type: 'text', summary: 'm4, from instance_type' },
  // about the check itself
  unseen: { type: 'list', summary: 'facts that were not obtained and why: `smart_failing: root`' },
};
