import type { Memory } from '../../jobs.ts';
import { newKernel, type Package, type PatchAnswer, packagesIn, sayPackages } from './answer.ts';

/** What a host's simulated upgrade means for going on. */
export type Verdict = { go: true; says: string; remember: Memory } | { go: false; wait: string } | { go: false; nothing: string } | { go: false; not: string };

/** MB a kernel with its initrd takes in /boot, and what apt wants beside the packages themselves. */
const KERNEL = 200;
const SPARE = 200;

/** Pure. Looked at in the order in which a person would want to hear it. */
export function judgeSimulation(answer: PatchAnswer, meant: { databases: boolean }): Verdict {
  const { said, lists } = answer;
  const packages = packagesIn(lists.package);
  const not = (why: string): Verdict => ({ go: false, not: `not begun: ${why}` });
  if (said.manager === undefined) return not('there is neither apt nor dnf here (dnf5 is not known yet)');
  if (said.lock) return { go: false, wait: `${said.lock} holds the lock of packages` };
  const half = lists.half ?? [];
  if (half.length > 0) return not(`packages stand half-way: ${some(half)}; put them right first (dpkg --configure -a)`);
  if (said.refresh === 'failed') return not(`its lists of packages could not be refreshed${said.refresh_says ? `: ${said.refresh_says}` : ''}`);
  if (said.failed) return not(`the simulated upgrade failed: ${said.failed}`);
  if (said.sum === undefined) return not('the simulated upgrade said nothing');
  if (packages.length === 0) return { go: false, nothing: 'nothing to upgrade' };
  if (!meant.databases && /primary|unknown/.test(said.database ?? '')) {
    const role = said.database?.includes('unknown')
      ? `runs ${said.database.split(' ')[0]}, and nobody could be asked whether it is the primary`
      : `is a ${said.database}`;
    return not(`it ${role}, and an upgrade may restart it; "restart databases" says that is meant`);
  }
  const leaks = packagesIn(lists.leak);
  if (leaks.length > 0) return not(`the upgrade would bring ${some(leaks.map(({ name }) => name))}, which is to stay off`);
  const gone = packages.filter(({ to }) => to === undefined);
  if (gone.length > 0) return not(`the upgrade would take away ${some(gone.map(({ name }) => name))}`);
  const kernel = newKernel(packages);
  if (kernel && low(said.boot_free_mb, KERNEL)) return not(`/boot has ${said.boot_free_mb} MB free, and ${kernel} needs about ${KERNEL}`);
  const needs = Math.ceil(Number(said.download ?? 0) / 1_048_576) + SPARE;
  if (low(said.cache_free_mb, needs)) return not(`${said.cache_free_mb} MB are free where packages are kept, and ${needs} are needed`);
  const restart = [...(lists.restart ?? [])];
  const says = `${sayPackages(packages)}${restart.length > 0 ? `; restarts ${some(restart)}` : ''}`;
  return { go: true, says, remember: { packages, restart, sum: said.sum, ...(kernel && { kernel }) } };
}

/** What a person reads of one host's simulation. */
export function saySimulation({ said, lists }: PatchAnswer, verdict: Verdict): string {
  if ('not' in verdict) return verdict.not.replace(/^not begun: /, '');
  if ('wait' in verdict) return verdict.wait;
  if ('nothing' in verdict) return verdict.nothing;
  const packages: readonly Package[] = packagesIn(lists.package);
  const kernel = newKernel(packages);
  const held = lists.held ?? [];
  return [
    sayPackages(packages, 30),
    ...(Number(said.download) > 0 ? [`${sayBytes(Number(said.download))} to fetch`] : []),
    ...(lists.restart?.length ? [`restarts ${lists.restart.join(', ')}`] : ['restarts no service by the packages’ own scripts']),
    ...(kernel ? [`brings the kernel ${kernel}`] : []),
    ...(held.length > 0 ? [`held by the host itself: ${some(held)}`] : []),
    ...(said.database ? [said.database] : []),
  ].join('\n');
}

const low = (free: string | undefined, needs: number): boolean => free !== undefined && /^\d+$/.test(free) && Number(free) < needs;

const sayBytes = (bytes: number): string => (bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KB` : `${Math.round(bytes / 1_048_576)} MB`);

export const some = (names: readonly string[], most = 5): string =>
  `${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`;
