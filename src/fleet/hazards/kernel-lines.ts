import type { Severity } from '../host.ts';
import { type Hazard, listFact, type Said } from './hazard.ts';

/** What a line of the kernel log means. The first pattern that fits a line counts. */
export interface KernelPattern {
  name: string;
  severity: Severity;
  pattern: RegExp;
  /** Named in one breath; the last such line is quoted behind it. */
  means: string;
  /** Whether the match is really it, when the pattern alone cannot say. */
  when?: (match: RegExpExecArray) => boolean;
}

/** Seconds. No processor hangs for eleven days and then says so: the clock it is measured with has jumped. */
const NO_LOCKUP = 1e6;

export const KERNEL_PATTERNS: readonly KernelPattern[] = [
  {
    name: 'clock-wrapped',
    severity: 'critical',
    pattern: /soft lockup - CPU#\d+ stuck for (\d+)s/,
    when: (match) => Number(match[1]) > NO_LOCKUP,
    means: 'clock wrapped: the kernel’s counter ran over, this is no lockup of that length',
  },
  { name: 'panic', severity: 'critical', pattern: /Kernel panic - not syncing/, means: 'kernel panic' },
  { name: 'soft-lockup', severity: 'critical', pattern: /soft lockup - CPU#\d+ stuck for \d+s/, means: 'a processor is stuck' },
  { name: 'hard-lockup', severity: 'critical', pattern: /NMI watchdog: .*(hard LOCKUP|Watchdog detected)/i, means: 'a processor does not answer interrupts' },
  { name: 'oops', severity: 'critical', pattern: /Oops:|BUG: |general protection fault/, means: 'the kernel went wrong and goes on wounded' },
  { name: 'rcu-stall', severity: 'critical', pattern: /rcu.*self-detected stall/i, means: 'a processor stalls' },
  { name: 'machine-check', severity: 'critical', pattern: /mce: \[Hardware Error\]|EDAC .*\bUE\b/, means: 'hardware error' },
  { name: 'memory-corrected', severity: 'warning', pattern: /EDAC .*\bCE\b/, means: 'memory errors are being corrected' },
  { name: 'raid-disk', severity: 'critical', pattern: /md\/raid.*Disk failure/, means: 'a disk left its array' },
  { name: 'filesystem', severity: 'critical', pattern: /EXT4-fs error|XFS .*corruption/i, means: 'a file system is damaged' },
  { name: 'disk-io', severity: 'critical', pattern: /I\/O error|nvme .*timeout/, means: 'a disk does not read or write' },
  { name: 'out-of-memory', severity: 'warning', pattern: /Out of memory: Kill/, means: 'memory ran out and a program was killed' },
  { name: 'hung-task', severity: 'warning', pattern: /blocked for more than \d+ seconds/, means: 'a task waits and does not come back' },
];

export const kernelHazards: readonly Hazard[] = KERNEL_PATTERNS.map((own) => ({
  name: own.name,
  severity: own.severity,
  about: `kernel log: ${own.means}`,
  look: (facts) => {
    const lines = listFact(facts, 'kernel_errors').filter((line) => readKernelLine(line) === own);
    return lines.length > 0 ? say(own, lines) : undefined;
  },
}));

/** What one line of the kernel log means; `undefined` = nothing we know. */
export function readKernelLine(line: string): KernelPattern | undefined {
  return KERNEL_PATTERNS.find(({ pattern, when }) => {
    const match = pattern.exec(line);
    return match !== null && (when?.(match) ?? true);
  });
}

/** The line of a dying kernel that says most: the first of the gravest kind, else the last one. */
export function weightiest(lines: readonly string[]): string | undefined {
  const read = lines.map((line) => ({
    line,
    rank: readKernelLine(line) ? KERNEL_PATTERNS.indexOf(readKernelLine(line) as KernelPattern) : Number.POSITIVE_INFINITY,
  }));
  const best = Math.min(...read.map(({ rank }) => rank));
  return best === Number.POSITIVE_INFINITY ? lines.at(-1) : read.find(({ rank }) => rank === best)?.line;
}

function say(own: KernelPattern, lines: string[]): Said {
  const count = lines.length > 1 ? `${lines.length} times, last: ` : '';
  return { text: `${own.means} (${count}${(lines.at(-1) as string).slice(0, 160)})` };
}
