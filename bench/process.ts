import { readdirSync, readFileSync } from 'node:fs';

export interface Memory {
  /** Bytes now, at most so far, and now with shared pages counted in parts. */
  rss: number;
  peak: number;
  pss: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { rss: kilobytes(status, 'VmRSS'), peak: kilobytes(status, 'VmHWM'), pss: kilobytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss') };
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
}

/** CPU ms, user and system, of a process with all its threads and the children it has waited for. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, n) => sum + n, 0);
  // USER_HZ is 100 on every Linux Node runs on.
  return ticks * 10;
}

/** CPU ms by thread name, for telling the database's thread from the main one. */
export function cpuByThread(pid: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const name = Number(task) === pid ? 'main' : stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    sums.set(name, (sums.get(name) ?? 0) + ((fields[11] as number) + (fields[12] as number)) * 10);
  }
  return sums;
}
