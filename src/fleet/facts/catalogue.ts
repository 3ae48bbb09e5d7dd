/**
 * Every fact a check can bring, its type and what it means. `where` offers these names, docs/facts.md lists them, the
 * script contract test and the sandbox's host model are held against them. Inventory variables are facts too, under
 * their own names. A fact that was not seen has no key; `root` marks those that need the sudoers line.
 */
export interface FactKind {
  type: 'text' | 'number' | 'version' | 'yesno' | 'time' | 'list' | 'table';
  summary: string;
  /** Of a number that counts time; `where` then takes durations (`uptime > 200d`). */
  unit?: 's' | 'ms';
  /** Seen whole only by root or with the sudoers line. */
  root?: true;
  /** Worked out by Holdfast from other facts: no script prints it. */
  derived?: true;
  /** Columns of a table. A `?` marks a column that may be missing from a row. */
  columns?: Record<string, Column>;
}

export type Column = 'text' | 'number' | 'yesno' | 'time' | 'text?' | 'number?' | 'yesno?' | 'time?';

export const FACTS: Record<string, FactKind> = {
  // identity and boot
  machine_id: { type: 'text', summary: '/etc/machine-id' },
  boot_id: { type: 'text', summary: '/proc/sys/kernel/random/boot_id; changes with each boot' },
  hostname: { type: 'text', summary: 'what the host calls itself' },
  uptime: { type: 'number', unit: 's', summary: 'seconds since boot (in a container: since it started); `where uptime > 200d`' },
  booted: { type: 'time', summary: 'when it booted, ISO', derived: true },
  unclean_boot: { type: 'yesno', summary: 'no shutdown record before the last boot' },
  container: { type: 'text', summary: 'kind of container this is: lxc, docker …; absent on a machine' },
  // kernel
  kernel: { type: 'version', summary: 'uname -r' },
  kernel_newest: { type: 'version', summary: 'newest kernel installed' },
  kernel_modules: { type: 'yesno', summary: '/lib/modules of the running kernel exists; absent for kernels without modules' },
  kernel_tainted: { type: 'number', summary: '/proc/sys/kernel/tainted' },
  livepatch: { type: 'text', summary: 'tool and level of the live patch: `kernelcare K20230908_02` (kcarectl needs root)', root: true },
  livepatch_kernel: { type: 'version', summary: 'the effective kernel with the live patch', root: true },
  livepatch_pulled: { type: 'time', summary: 'when the live patch was last pulled' },
  os: { type: 'text', summary: 'ID of os-release: debian, ubuntu, rocky …' },
  os_version: { type: 'version', summary: 'VERSION_ID of os-release' },
  arch: { type: 'text', summary: 'uname -m' },
  // hypervisor and hardware
  hypervisor: { type: 'text', summary: '/sys/hypervisor/type; absent on KVM, Nitro and bare metal' },
  xen: { type: 'version', summary: '/sys/hypervisor/version as major.minor.extra' },
  virt: { type: 'text', summary: 'systemd-detect-virt; `none` on bare metal' },
  vendor: { type: 'text', summary: 'DMI sys_vendor' },
  product: { type: 'text', summary: 'DMI product_name' },
  cpus: { type: 'number', summary: 'processors online' },
  cpu: { type: 'text', summary: 'model name of the processor' },
  guests: { type: 'list', summary: 'guests running here (KVM by its processes, Xen by xl, which needs root)', root: true },
  guests_mem_mb: { type: 'number', summary: 'memory its guests were given, together', root: true },
  database: { type: 'text', summary: 'a database server runs here, and as what: `postgres primary`, `postgres standby`, `mysql unknown`' },
  edac_ce: { type: 'number', summary: 'corrected memory errors since boot' },
  edac_ue: { type: 'number', summary: 'uncorrected memory errors since boot' },
  raid_degraded: { type: 'list', summary: 'md arrays with a missing member' },
  smart_failing: { type: 'list', summary: 'disks whose SMART health fails', root: true },
  // reboot required, units, packages
  reboot_required: { type: 'yesno', summary: 'something on the host says so; absent = nothing there to ask' },
  reboot_packages: { type: 'list', summary: 'packages that want the reboot' },
  system_state: { type: 'text', summary: 'systemd: running, degraded …' },
  failed_units: { type: 'list', summary: 'systemd units that failed, OpenRC services that crashed' },
  jobs_queued: { type: 'number', summary: 'systemd jobs waiting' },
  package_lock: { type: 'text', summary: 'who holds the dpkg or rpm lock: `apt-get (pid 4242)`' },
  package_broken: { type: 'list', summary: 'packages left half-way (what dpkg --audit looks for)' },
  updates_pending: { type: 'number', summary: 'packages an upgrade would change, from the last `patch … simulate`', derived: true },
  updates_restart: { type: 'list', summary: 'services that upgrade would restart', derived: true },
  updates_looked: { type: 'time', summary: 'when that was simulated', derived: true },
  package_holds: { type: 'list', summary: 'packages held back' },
  update_agents: {
    type: 'table',
    summary: 'who updates this host by itself; state is on, off, held, masked or running',
    columns: { name: 'text', state: 'text', version: 'text?', next: 'time?', schedule: 'text?', path: 'text?', detail: 'text?' },
  },
  cron_updaters: { type: 'list', summary: 'lines of root’s crontab that update, patch or reboot', root: true },
  reboot_scheduled: { type: 'time', summary: '/run/systemd/shutdown/scheduled' },
  // resources
  disk_used: {
    type: 'table',
    summary: 'local file systems',
    columns: { mount: 'text', used_percent: 'number', free_mb: 'number', inodes_percent: 'number?' },
  },
  disk_worst: { type: 'number', summary: 'percent used of the fullest local file system', derived: true },
  inodes_worst: { type: 'number', summary: 'percent of inodes used, worst file system', derived: true },
  readonly_mounts: { type: 'list', summary: 'mounted ro though fstab says rw' },
  mem_total_mb: { type: 'number', summary: 'MemTotal' },
  mem_available_mb: { type: 'number', summary: 'MemAvailable' },
  load1: { type: 'number', summary: '1-minute load' },
  psi_memory: { type: 'number', summary: 'memory pressure, some avg60, percent' },
  psi_io: { type: 'number', summary: 'io pressure, some avg60, percent' },
  stuck_tasks: { type: 'number', summary: 'tasks in state D' },
  // time
  time_synced: { type: 'yesno', summary: 'the clock is synchronised' },
  host_time: { type: 'time', summary: 'the host’s own clock as the check ended' },
  clock_offset_ms: { type: 'number', unit: 'ms', summary: 'host clock less ours; 0 when within what the round trip leaves unsure', derived: true },
  // kernel log and crash evidence
  kernel_errors: { type: 'list', summary: 'last kernel lines of weight: panic, oops, lockup, I/O error …', root: true },
  last_words: { type: 'list', summary: 'last kernel lines of the boot before', root: true },
  crash_files: { type: 'list', summary: 'pstore and /var/crash', root: true },
  kdump_armed: { type: 'yesno', summary: 'a crash kernel is loaded; absent where no kdump tool is installed' },
  // what to compare before and after a change
  firewall_hash: { type: 'text', summary: 'sha256 of the rule set without counters', root: true },
  routes_hash: { type: 'text', summary: 'sha256 of routes and rules' },
  mounts_hash: { type: 'text', summary: 'sha256 of mounts' },
  mounts: { type: 'list', summary: 'where file systems that last are mounted' },
  listeners_hash: { type: 'text', summary: 'sha256 of listening TCP sockets' },
  listeners: { type: 'list', summary: 'listening TCP ports' },
  // service probes from config, cloud attributes
  probes: {
    type: 'table',
    summary: 'service probes of its groups',
    columns: { name: 'text', ok: 'yesno', ms: 'number?', detail: 'text?' },
  },
  cloud: { type: 'text', summary: 'aws, gcp, azure … from DMI' },
  cloud_zone: { type: 'text', summary: 'availability zone, from the metadata file' },
  instance_id: { type: 'text', summary: 'i-0abc…, from the metadata file or DMI' },
  instance_type: { type: 'text', summary: 'm4.large …, from the metadata file, DMI or the inventory' },
  instance_family: { type: 'text', summary: 'm4, from instance_type', derived: true },
  // about the check itself
  check_ms: { type: 'number', summary: 'how long the check took on the host' },
  check_cpu_ms: { type: 'number', summary: 'processor time the check cost the host' },
  unseen: { type: 'list', summary: 'facts that were not obtained and why: `smart_failing: root`', derived: true },
};
