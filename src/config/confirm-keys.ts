import { appendFile, readFile } from 'node:fs/promises';
import type { Host } from '../fleet/host.ts';
import type { SshLimits } from '../fleet/ssh/limits.ts';
import type { ScannedKey } from '../fleet/ssh/scan.ts';
import { foldNames } from '../fleet/target/fold.ts';

/** First contact with one host: src/fleet/ssh/scan.ts. Its line is for a known_hosts file. */
export type ShownKey = Pick<ScannedKey, 'host' | 'state' | 'detail' | 'fingerprint' | 'line'>;

export type Scan = (hosts: readonly Host[], settings: SshLimits) => Promise<readonly ShownKey[]>;

export interface Ceremony {
  hosts: readonly Host[];
  scan: Scan;
  settings: SshLimits;
  /** Where confirmed keys are kept. */
  knownHosts: string;
  /** Absent when nobody can be asked: unknown keys are listed instead. */
  ask?(question: string): Promise<boolean>;
  print(line: string): void;
  /** What to type to be asked later. */
  later: string;
}

/**
 * First contact: every key nobody has confirmed is shown and taken with one yes. A key that changed is never taken
 * here: somebody has to find out why first. Answers whether every key is now known.
 */
export async function confirmKeys({ hosts, scan, settings, knownHosts, ask, print, later }: Ceremony): Promise<boolean> {
  const shown = await scan(hosts, settings);
  const inState = (state: ShownKey['state']): ShownKey[] => shown.filter((key) => key.state === state);
  const [known, unknown, changed, silent] = [inState('known'), inState('unknown'), inState('changed'), inState('unreachable')];

  if (known.length > 0) print(`Host keys: ${known.length} ${known.length === 1 ? 'host is' : 'hosts are'} known already.`);
  for (const [why, names] of byDetail(changed)) print(`Not taken, ${foldNames(names)}: ${why}`);
  for (const [why, names] of byDetail(silent)) print(`No key from ${foldNames(names)}: ${why}`);
  if (silent.length > 0) print(`Once ${silent.length === 1 ? 'it answers' : 'they answer'}: ${later}`);
  if (unknown.length === 0) return changed.length === 0 && silent.length === 0;

  print(`${count(unknown)} nobody has confirmed yet:`);
  for (const line of sayKeys(unknown)) print(line);
  if (!ask) {
    print(`Until they are confirmed these hosts are not logged in to. In a terminal: ${later}`);
    return false;
  }
  print('On the host itself: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` shows the same fingerprint.');
  if (!(await ask('Are these the keys of your hosts?'))) {
    print(`None was taken. To be asked again: ${later}`);
    return false;
  }
  await keep(knownHosts, unknown);
  print(`Taken: ${count(unknown)}, kept in ${knownHosts}.`);
  return changed.length === 0 && silent.length === 0;
}

function byDetail(keys: readonly ShownKey[]): Map<string, string[]> {
  const hosts = new Map<string, string[]>();
  for (const { host, detail = '' } of keys) hosts.set(detail, [...(hosts.get(detail) ?? []), host]);
  return hosts;
}

/** Hosts that show one key stand on one line: several names may lead to one machine. */
function sayKeys(keys: readonly ShownKey[]): string[] {
  const hosts = new Map<string, string[]>();
  for (const { host, fingerprint } of keys) hosts.set(fingerprint, [...(hosts.get(fingerprint) ?? []), host]);
  return [...hosts].map(([fingerprint, names]) => `  ${fingerprint}  ${foldNames(names)}`);
}

function count(keys: readonly ShownKey[]): string {
  const [prints, hosts] = [new Set(keys.map((key) => key.fingerprint)).size, new Set(keys.map((key) => key.host)).size];
  return `${prints} ${prints === 1 ? 'key' : 'keys'} of ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`;
}

async function keep(file: string, keys: readonly ShownKey[]): Promise<void> {
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const present = new Set(before.split('\n'));
  const fresh = [...new Set(keys.map((key) => key.line.trim()))].filter((line) => !present.has(line));
  if (fresh.length === 0) return;
  const gap = before !== '' && !before.endsWith('\n') ? '\n' : '';
  await appendFile(file, `${gap}${fresh.join('\n')}\n`, { mode: 0o600 });
}
