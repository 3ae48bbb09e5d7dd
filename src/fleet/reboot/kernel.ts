import type { Config } from '../../config/schema.ts';
import { textFact } from '../hazards/hazard.ts';
import { judge } from '../hazards/judge.ts';
import { ownHazards } from '../hazards/own.ts';
import { HAZARDS } from '../hazards/table.ts';
import type { Facts, Host } from '../host.ts';
import { compareVersions } from '../target/versions.ts';
import { matchesWildcard } from '../target/wildcard.ts';

/**
 * The kernel a reboot should come up with; absent where it is not certain. The newest that is installed, unless it is of
 * another flavour: `6.1.0-41-cloud-amd64` beside a running `6.1.0-40-amd64` says nothing about what boots.
 */
export function expectedKernel(facts: Facts): string | undefined {
  const [now, newest] = [textFact(facts, 'kernel'), textFact(facts, 'kernel_newest')];
  if (now === undefined || newest === undefined || flavour(now) !== flavour(newest)) return undefined;
  return (compareVersions(newest, now) ?? -1) >= 0 ? newest : undefined;
}

const flavour = (kernel: string): string => (kernel.match(/[a-z]+/gi) ?? []).join('-');

/** Findings that the kernel is part of, and that the one it would boot into still carries: their names. */
export function stillCarried(host: Host, facts: Facts, config: Pick<Config, 'hazards'>): string[] {
  const kernel = expectedKernel(facts);
  if (kernel === undefined) return [];
  const hazards = [...HAZARDS, ...ownHazards(config.hazards, host)];
  const found = (change: Facts): string[] => judge({ ...host.vars, ...facts, ...change }, hazards).map(({ hazard }) => hazard);
  const withoutIt = new Set(found({ kernel: NO_KERNEL }));
  const after = new Set(found({ kernel }));
  return [...new Set(found({}))].filter((name) => !withoutIt.has(name) && after.has(name));
}

/** Newer than any, and of nobody's numbering. */
const NO_KERNEL = '999.0.0';

/** The rule that keeps the package of the kernel it would boot into off this host, where that is another than it runs. */
export function keptOffKernel(facts: Facts, keptOff: readonly { rule: string; pattern: string }[]): { rule: string; kernel: string } | undefined {
  const kernel = expectedKernel(facts);
  if (kernel === undefined || kernel === textFact(facts, 'kernel')) return undefined;
  const names = [`linux-image-${kernel}`, 'linux-image', 'kernel', 'kernel-core', `kernel-${kernel}`];
  const rule = keptOff.find(({ pattern }) => names.some((name) => matchesWildcard(pattern, name)));
  return rule && { rule: rule.rule, kernel };
}
