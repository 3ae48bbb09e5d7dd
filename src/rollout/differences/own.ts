import { numberFact, textFact } from '../../fleet/hazards/hazard.ts';
import { readKernelLine } from '../../fleet/hazards/kernel-lines.ts';
import { compareVersions } from '../../fleet/target/versions.ts';
import type { Comparison } from '../compare.ts';
import { added, itemsOf, some } from './lists.ts';

export const kernel: Comparison = {
  about: 'the kernel is not the expected one',
  grave: true,
  look(_before, after, { expectedKernel }) {
    const runs = textFact(after, 'kernel');
    if (typeof expectedKernel !== 'string' || runs === undefined || runs === expectedKernel) return [];
    // `6.1.0-41` is meant where the host says `6.1.0-41-amd64`; two flavours of one version are not the same.
    if (compareVersions(runs, expectedKernel) === 0 && runs.startsWith(expectedKernel)) return [];
    return [`it runs kernel ${runs}, not ${expectedKernel}`];
  },
};

export const crashes: Comparison = {
  about: 'crash files are new (pstore, /var/crash)',
  grave: true,
  look: (before, after) => {
    const files = added(before, after, 'crash_files');
    return files.length > 0 ? [`it left ${some(files)} of a crash`] : [];
  },
};

/** Grave when its kind is; what no kind knows, and what was said as well before, is not. */
export const kernelLog: Comparison = {
  about: 'kernel messages are new: grave where they are critical (panic, oops, lockup, disk, file system), else told',
  grave: true,
  look(before, after) {
    const [old, now] = [itemsOf(before, 'kernel_errors'), itemsOf(after, 'kernel_errors')];
    if (!old || !now) return [];
    const known = new Set(old.map(kind));
    const fresh = now.filter((line) => !known.has(kind(line)));
    const grave = fresh.filter((line) => readKernelLine(line)?.severity === 'critical');
    const rest = fresh.filter((line) => !grave.includes(line));
    return [
      ...(grave.length > 0 ? [{ what: `its kernel says ${quote(grave[0] as string)}`, grave: true }] : []),
      ...(rest.length > 0
        ? [{ what: `${rest.length} kernel ${rest.length === 1 ? 'message is' : 'messages are'} new: ${quote(rest[0] as string)}`, grave: false }]
        : []),
    ];
  },
};

/** Numbers (time, process, address) differ in what is said twice. */
const kind = (line: string): string => readKernelLine(line)?.name ?? line.replace(/0x[0-9a-f]+|[0-9]+/gi, '#');
const quote = (line: string): string => `"${line.length > 80 ? `${line.slice(0, 79)}…` : line}"`;

export const units: Comparison = {
  about: 'units have failed that had not',
  grave: true,
  mayPass: true,
  look: (before, after) => {
    const failed = added(before, after, 'failed_units');
    return failed.length > 0 ? [`${failed.length} ${failed.length === 1 ? 'unit has' : 'units have'} newly failed (${some(failed)})`] : [];
  },
};

export const raid: Comparison = {
  about: 'a RAID array lost a member',
  grave: true,
  look: (before, after) => {
    const arrays = added(before, after, 'raid_degraded');
    return arrays.length > 0 ? [`${some(arrays)} lost a disk`] : [];
  },
};

export const lessOfIt: Comparison = {
  about: 'processors or memory are fewer than before (more than 5 % of memory)',
  grave: false,
  look(before, after) {
    const said: string[] = [];
    const [cpus, cpusNow] = [numberFact(before, 'cpus'), numberFact(after, 'cpus')];
    if (cpus !== undefined && cpusNow !== undefined && cpusNow < cpus) said.push(`${cpusNow} of ${cpus} processors are there`);
    const [mb, mbNow] = [numberFact(before, 'mem_total_mb'), numberFact(after, 'mem_total_mb')];
    if (mb !== undefined && mbNow !== undefined && mbNow < mb * 0.95) said.push(`${mbNow} of ${mb} MB of memory are there`);
    return said;
  },
};

export const timeSync: Comparison = {
  about: 'the clock is no longer synchronised',
  grave: false,
  look: (before, after) => (before['time_synced'] === true && after['time_synced'] === false ? ['its clock is not synchronised yet'] : []),
};

export const liveAgain: Comparison = {
  about: 'the live patch is another one, or gone',
  grave: false,
  look(before, after) {
    const [old, now] = [textFact(before, 'livepatch'), textFact(after, 'livepatch')];
    if (old === undefined || old === now) return [];
    return [now === undefined ? `live patch ${old} is not loaded` : `the live patch is ${now}, was ${old}`];
  },
};

export const notSeen: Comparison = {
  about: 'something that was compared before cannot be seen now',
  grave: false,
  look(before, after) {
    const gone = WATCHED.filter((fact) => before[fact] !== undefined && after[fact] === undefined);
    return gone.length > 0 ? [`${some(gone)} could not be compared`] : [];
  },
};

const WATCHED = [
  'failed_units',
  'kernel_errors',
  'crash_files',
  'firewall_hash',
  'routes_hash',
  'mounts_hash',
  'listeners',
  'readonly_mounts',
  'guests',
  'probes',
];
