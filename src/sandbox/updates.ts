import type { Facts, FactValue } from '../fleet/host.ts';
import { factsOfKind, lastTick } from './kinds.ts';
import type { HostModel } from './model.ts';
import type { RosterHost } from './roster.ts';
import { seededHex } from './seeded.ts';
import type { Simulated, SimulatedAnswer } from './simulated.ts';

/** What scripts left of updates on a simulated host. */
interface Updates {
  /** By the name a hold has on hosts. */
  held: Record<string, { until: string; owner: string; run: string; sources: string[] }>;
  ended: string[];
  /** Policies that runs set: how many lines each recorded. */
  policies: Record<string, string[]>;
  /** Domain time at which the live patch was taken off. */
  unloaded?: number;
}

const updatesOf = ({ state }: HostModel): Updates => ({ held: {}, ended: [], policies: {}, ...(state?.updates as Partial<Updates> | undefined) });

/** What can be held on a host of this kind, by source: item as look-updates.sh names it → its line in the record. */
function itemsOf(host: RosterHost): Record<string, Record<string, string>> {
  const file = (how: string, n: number, path: string): Record<string, string> => ({
    [`${how} ${path}`]: `path ${how} ${n} ${seededHex(`${host.name} ${path}`, 64)} 644 0 0 1760000000 ${path}`,
  });
  const made = (path: string): Record<string, string> => ({ [`make ${path}`]: `path make - absent - - - - ${path}` });
  const unit = (name: string, enabled: string, active: string): Record<string, string> => ({ [`unit ${name}`]: `unit ${name} loaded ${enabled} ${active} -` });
  if (host.kind === 'kvm') {
    const wants = 'link kcare.service 1760000000 /usr/lib/systemd/system/kcare.service /etc/systemd/system/multi-user.target.wants/kcare.service';
    return {
      dnf: unit('dnf-automatic.timer', 'disabled', 'inactive'),
      kernelcare: {
        ...file('move', 1, '/etc/cron.d/kcare-cron'),
        ...file('conf:AUTO_UPDATE=False', 2, '/etc/sysconfig/kcare/kcare.conf'),
        'boot kcare.service': `boot kcare.service - - - -\n${wants}`,
      },
    };
  }
  return {
    apt: {
      ...unit('apt-daily.timer', 'enabled', 'active'),
      ...unit('apt-daily-upgrade.timer', 'enabled', 'active'),
      ...made('/etc/apt/apt.conf.d/zz-holdfast-hold'),
    },
    reboot: made('/etc/apt/apt.conf.d/zz-holdfast-hold-reboot'),
  };
}

/** Source → the names its agents have in a check. */
const AGENTS: Record<string, string[]> = {
  apt: ['apt-daily.timer', 'apt-daily-upgrade.timer', 'unattended-upgrades'],
  dnf: ['dnf-automatic.timer'],
  kernelcare: ['kernelcare'],
};

/** Lists of lines, then scalars: as the scripts print them, in no order that matters. */
function said(script: string, lists: Record<string, readonly string[]>, scalars: Record<string, string | undefined>): SimulatedAnswer {
  const lines = [
    ...Object.entries(scalars).flatMap(([key, value]) => (value ? [`${key}=${value}`] : [])),
    ...Object.entries(lists).flatMap(([key, items]) => items.map((item) => `${key}[]=${item}`)),
    `end=${script}`,
  ];
  return { code: 0, stdout: `${lines.join('\n')}\n`, stderr: '' };
}

const asked = (host: RosterHost, sources: readonly string[]): string[] =>
  Object.keys(itemsOf(host)).filter((source) => sources.length === 0 || sources.includes(source));
const recordOf = (host: RosterHost, sources: readonly string[]): string[] =>
  sources.flatMap((source) => Object.values(itemsOf(host)[source] ?? {}).flatMap((line) => line.split('\n')));

export const pauseUpdates: Simulated = ({ args, host, model }) => {
  const [, hold = '', until = '', owner = '', run = '', , , ...wanted] = args;
  const updates = updatesOf(model);
  if (updates.ended.includes(hold)) return said('pause-updates v1', {}, { fence: 'ended' });
  const sources = asked(host, wanted);
  const fence = updates.held[hold] ? 'again' : 'new';
  if (sources.length === 0) return said('pause-updates v1', {}, { fence });
  const held = { ...updates.held, [hold]: { until, owner, run, sources } };
  return {
    ...said('pause-updates v1', { sources, record: recordOf(host, sources) }, { fence }),
    becomes: { state: { updates: { ...updates, held } } },
  };
};

export const lookUpdates: Simulated = ({ args, host, model }) => {
  const [hold = '', , ...wanted] = args;
  const updates = updatesOf(model);
  const own = updates.held[hold];
  const sources = asked(host, wanted);
  const heldNow = new Set(Object.values(updates.held).flatMap((one) => one.sources));
  const free = (source: string): boolean => !heldNow.has(source) || setOn(model, source);
  const items = (of: readonly string[]): string[] => of.flatMap((source) => Object.keys(itemsOf(host)[source] ?? {}));
  return said(
    'look-updates v1',
    { sources, held: items(sources.filter((source) => !free(source))), drift: items(sources.filter(free)).map((item) => `${item}: ${why(item)}`) },
    { lease: own ? 'yes' : updates.ended.includes(hold) ? 'ended' : 'no', until: own?.until, owner: own?.owner, run: own?.run },
  );
};

/** A person made it drift: `sandbox kvm03 update_agents=[{"name":"kernelcare","state":"on"}]`. */
function setOn({ set }: HostModel, source: string): boolean {
  const rows = Array.isArray(set.update_agents) ? set.update_agents : [];
  return rows.some((row) => isRow(row) && row.state === 'on' && AGENTS[source]?.includes(String(row.name)));
}

const isRow = (row: FactValue): row is { [key: string]: FactValue } => typeof row === 'object' && !Array.isArray(row);

const why = (item: string): string =>
  item.startsWith('unit ')
    ? 'is not masked'
    : item.startsWith('move ')
      ? 'is there again'
      : item.startsWith('make ')
        ? 'is gone'
        : item.startsWith('boot ')
          ? 'starts at boot'
          : 'AUTO_UPDATE is true';

export const resumeUpdates: Simulated = ({ args, host, model }) => {
  const [, hold = ''] = args;
  const updates = updatesOf(model);
  if (hold.startsWith('R')) return resumePolicy(updates, hold);
  const own = updates.held[hold];
  if (!own) {
    const fence = updates.ended.includes(hold) ? 'again' : 'absent';
    return { ...said('resume-updates v1', {}, { fence }), becomes: { state: { updates: { ...updates, ended: [...new Set([...updates.ended, hold])] } } } };
  }
  const { [hold]: _, ...held } = updates.held;
  const others = Object.entries(held);
  const keeper = (source: string): string | undefined => others.find(([, { sources }]) => sources.includes(source))?.[0];
  const keys = (source: string): string[] => Object.keys(itemsOf(host)[source] ?? {}).map((item) => item.replace(/^(move|make|lines|conf:\S+) /, 'path '));
  return {
    ...said(
      'resume-updates v1',
      {
        restored: own.sources.filter((source) => !keeper(source)).flatMap(keys),
        kept: own.sources.flatMap((source) => (keeper(source) ? keys(source).map((key) => `${key} by ${keeper(source)}`) : [])),
      },
      { fence: 'new' },
    ),
    becomes: { state: { updates: { ...updates, held, ended: [...updates.ended, hold] } } },
  };
};

function resumePolicy(updates: Updates, run: string): SimulatedAnswer {
  const [holding] = Object.keys(updates.held);
  if (holding !== undefined) return said('resume-updates v1', {}, { fence: `held ${holding}` });
  const own = updates.policies[run];
  const { [run]: _, ...policies } = updates.policies;
  const becomes = { state: { updates: { ...updates, policies, ended: [...updates.ended, run] } } };
  return { ...said('resume-updates v1', { restored: own ?? [] }, { fence: own ? 'new' : 'absent' }), becomes };
}

export const policyUpdates: Simulated = ({ args, host, model }) => {
  const [, run = '', delay, gradual, from, to] = args;
  const updates = updatesOf(model);
  if (updates.ended.includes(run)) return said('policy-updates v1', {}, { fence: 'ended' });
  const [holding] = Object.keys(updates.held);
  if (holding !== undefined) return said('policy-updates v1', {}, { fence: `held ${holding}` });
  const kvm = host.kind === 'kvm';
  const set = [
    ...(delay && kvm ? [`KernelCare takes patches ${delay} h after they came out`] : []),
    ...(gradual && kvm ? [`/etc/cron.d/kcare-cron: gradual ${gradual}`] : []),
    ...(from ? [`${kvm ? 'dnf-automatic.timer' : 'apt-daily-upgrade.timer'} between ${from} and ${to}`] : []),
  ];
  const note = [
    ...(delay && !kvm ? ["a delay of the feed is KernelCare's, which is not here"] : []),
    ...(gradual && !kvm ? ["a gradual roll-out is of KernelCare's cron entry, which is not here"] : []),
  ];
  const becomes = { state: { updates: { ...updates, policies: { ...updates.policies, [run]: set.map((what) => `path ${what}`) } } } };
  return { ...said('policy-updates v1', { set, note }, { fence: updates.policies[run] ? 'again' : 'new' }), becomes };
};

/** Whether the patch is off: KernelCare puts it back at its next look unless it is held. */
function isUnloaded(host: RosterHost, model: HostModel, now: number): boolean {
  const { unloaded, held } = updatesOf(model);
  if (unloaded === undefined || unloaded < model.bootedAt) return false;
  return Object.values(held).some(({ sources }) => sources.includes('kernelcare')) || lastTick(host, now) <= unloaded;
}

export const unloadKernelcare: Simulated = ({ args, host, model, now }) => {
  const [intent = '', boot, what] = args;
  if (host.kind !== 'kvm') return said('unload-kernelcare v1', {}, { kernelcare: 'no' });
  const updates = updatesOf(model);
  const taken = model.intents ?? [];
  const fence = what !== 'act' ? undefined : boot !== model.bootId ? 'rebooted' : taken.includes(intent) ? 'already' : 'new';
  const act = fence === 'new';
  const off = act || isUnloaded(host, model, now);
  const { kernel, livepatch, livepatch_kernel: patched } = factsOfKind(host, now);
  const held = Object.values(updates.held).some(({ sources }) => sources.includes('kernelcare'));
  const answer = said(
    'unload-kernelcare v1',
    {},
    {
      kernelcare: 'yes',
      boot_id: model.bootId,
      kernel: String(kernel),
      effective: String(off ? kernel : patched),
      level: off ? 'none' : String(livepatch).replace('kernelcare ', ''),
      updates: held ? 'held' : 'on',
      fence,
      unloaded: off ? 'yes' : 'no',
      detail: act ? 'KernelCare protection disabled. Your kernel might not be safe' : undefined,
      kernel_errors: '0',
    },
  );
  if (!act) return answer;
  const becomes = { intents: [...taken, intent], state: { updates: { ...updates, unloaded: now } } };
  // The kernel panics as it is changed, and the host stays down.
  return { ...answer, becomes: model.mode === 'no-return' ? { ...becomes, down: { since: now } } : becomes };
};

/** The facts of a host with what is held, and without the patch that was taken off. */
export function withUpdates(facts: Facts, host: RosterHost, model: HostModel, now: number): Facts {
  const names = new Set(Object.values(updatesOf(model).held).flatMap(({ sources }) => sources.flatMap((source) => AGENTS[source] ?? [])));
  const agents = Array.isArray(facts.update_agents) ? facts.update_agents : [];
  const shown = names.size === 0 ? agents : agents.map((row) => (isRow(row) && names.has(String(row.name)) ? held(row) : row));
  const patch: Facts = isUnloaded(host, model, now) ? { livepatch: 'kernelcare none', livepatch_kernel: facts.kernel ?? '' } : {};
  return { ...facts, ...(facts.update_agents !== undefined && { update_agents: shown }), ...patch };
}

/** What does not run has no next time. */
function held(row: { [key: string]: FactValue }): FactValue {
  const { next: _, path: __, schedule: ___, ...rest } = row;
  return { ...rest, state: 'held' };
}
