import type { Facts, Host, HostState } from '../fleet/host.ts';
import { compareVersions } from '../fleet/target/versions.ts';

/** What is asked of each host for the audit. */
export const VERSION_FACTS = ['os', 'os_version', 'arch', 'kernel', 'kernel_newest', 'reboot_required'] as const;

/** What else is known that may be why. */
export interface Surroundings {
  states: ReadonlyMap<string, HostState>;
  /** Host → rules that keep it off patching, a kernel, or rebooting: `E1 keeps linux-image* off it: they do not boot it`. */
  rules: ReadonlyMap<string, readonly string[]>;
  /** Host → holds on its updates: H1. */
  holds: ReadonlyMap<string, readonly string[]>;
  /** Host → the last run that was to patch or reboot it. */
  runs: ReadonlyMap<string, LastRun>;
}

export interface LastRun {
  run: string;
  job: string;
  state: string;
  host: 'waiting' | 'going' | 'ended';
  outcome: string | null;
  detail: string | null;
  withoutKernel: boolean;
  /** The rule by which it was left out. */
  skip: string | null;
}

export interface Level {
  kernel: string;
  osVersion: string;
}

export interface VersionRow {
  host: string;
  kernel?: string;
  osVersion?: string;
  target?: Level;
  onTarget: boolean;
  /** Why not, the weightiest first; every host that is not on target has one. */
  reasons: string[];
}

/**
 * Who is not on target and why. The target of a host is the newest kernel and release known among all hosts of the same
 * system, major release and architecture, a kernel that is installed and not booted yet included. Pure.
 */
export function auditVersions(hosts: readonly Host[], fleet: Iterable<Host>, around: Surroundings): VersionRow[] {
  const targets = new Map<string, Level>();
  for (const { name } of fleet) {
    const facts = around.states.get(name)?.facts;
    const cohort = facts && cohortOf(facts);
    if (!cohort) continue;
    const { kernel = '', osVersion = '' } = targets.get(cohort) ?? {};
    targets.set(cohort, {
      kernel: [facts.kernel, facts.kernel_newest].reduce<string>((best, one) => (typeof one === 'string' && newer(one, best) ? one : best), kernel),
      osVersion: newer(String(facts.os_version), osVersion) ? String(facts.os_version) : osVersion,
    });
  }
  return hosts.map(({ name }) => rowOf(name, targets, around));
}

function rowOf(host: string, targets: ReadonlyMap<string, Level>, around: Surroundings): VersionRow {
  const state = around.states.get(host);
  const facts: Facts = state?.facts ?? {};
  const cohort = cohortOf(facts);
  const target = cohort === undefined ? undefined : targets.get(cohort);
  const { kernel, os_version: osVersion } = facts;
  const row = { host, ...(typeof kernel === 'string' && { kernel }), ...(typeof osVersion === 'string' && { osVersion }), ...(target && { target }) };
  if (!state || !target) return { ...row, onTarget: false, reasons: [state ? sayUnreached(state) : 'never asked: nothing is known of it'] };
  const behind = newer(target.kernel, String(kernel)) || newer(target.osVersion, String(osVersion));
  if (!behind) return { ...row, onTarget: true, reasons: [] };
  const pending = !newer(target.kernel, String(facts.kernel_newest ?? kernel));
  const reasons = [
    ...(state.reach === 'ok' ? [] : [sayUnreached(state)]),
    ...(pending ? [`reboot pending: ${target.kernel} is installed`] : []),
    ...(around.rules.get(host) ?? []),
    ...(around.holds.get(host) ?? []).map((hold) => `held by ${hold}`),
    ...sayRun(around.runs.get(host), pending),
  ];
  return { ...row, onTarget: false, reasons: reasons.length > 0 ? reasons : ['never asked: no run was to patch it'] };
}

function sayRun(last: LastRun | undefined, pending: boolean): string[] {
  if (!last) return [];
  const { run, job, state, host, outcome, detail, withoutKernel, skip } = last;
  if (skip !== null) return [`left out of ${run} (${job}) by ${skip}`];
  if (host === 'going') return [`in flight in ${run} (${job})`];
  if (host === 'waiting') return [['done', 'cancelled', 'expired'].includes(state) ? `not started in ${run} (${job})` : `waits in ${run} (${job}, ${state})`];
  if (outcome === 'ok' || outcome === 'already') {
    if (withoutKernel) return [`patched without the kernel in ${run}`];
    // That it was patched is why a reboot is pending.
    return pending ? [] : [`${job} in ${run} was ${outcome}, and did not bring it`];
  }
  return [`${outcome ?? 'no outcome'} in ${run} (${job})${detail ? `: ${detail}` : ''}`];
}

const sayUnreached = ({ reach, detail }: HostState): string =>
  reach === 'ok' ? 'its system or kernel is not known' : `does not answer: ${reach}${detail ? ` (${detail})` : ''}`;

const newer = (a: string, b: string): boolean => b === '' || b === 'undefined' || (compareVersions(a, b) ?? 0) > 0;

/** `debian 12 x86_64`; absent where one of them is not known. */
function cohortOf({ os, os_version: version, arch, kernel }: Facts): string | undefined {
  if (typeof os !== 'string' || typeof version !== 'string' || typeof arch !== 'string' || typeof kernel !== 'string') return undefined;
  return `${os} ${version.split('.')[0]} ${arch}`;
}
