import { appendFile, readFile } from 'node:fs/promises';
import type { Host } from '../fleet/host.ts';
import { foldNames } from '../fleet/target/fold.ts';

/** One host key as its server shows it, held against the known_hosts files of its host. */
export interface ShownKey {
  host: string;
  /** `SHA256:…` */
  fingerprint: string;
  /** For a known_hosts file. */
  line: string;
  known: 'known' | 'unknown' | 'changed';
}

export type Scan = (hosts: readonly Host[]) => AsyncIterable<ShownKey> | Promise<readonly ShownKey[]>;

export interface Ceremony {
  hosts: readonly Host[];
  scan: Scan;
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
export async function confirmKeys({ hosts, scan, knownHosts, ask, print, later }: Ceremony): Promise<boolean> {
  const shown = await gather(scan(hosts));
  const known = new Set(shown.filter((key) => key.known === 'known').map((key) => key.host));
  const changed = shown.filter((key) => key.known === 'changed');
  const changedHosts = new Set(changed.map((key) => key.host));
  // A host with one known key is known; its other kinds of key are no news.
  const unknown = shown.filter((key) => key.known === 'unknown' && !known.has(key.host) && !changedHosts.has(key.host));
  const answered = new Set(shown.map((key) => key.host));
  const silent = hosts.filter((host) => !answered.has(host.name)).map((host) => host.name);

  if (known.size > 0) print(`Host keys: ${known.size} ${known.size === 1 ? 'host is' : 'hosts are'} known already.`);
  if (changed.length > 0) {
    print(`These show another key than the one known. Find out why before anything else; the old line is taken out with \`ssh-keygen -R <host>\`:`);
    for (const line of sayKeys(changed)) print(line);
  }
  if (silent.length > 0)
    print(
      `No key from ${foldNames(silent)}: ${silent.length === 1 ? 'it' : 'they'} did not answer. Once ${silent.length === 1 ? 'it does' : 'they do'}: ${later}`,
    );
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

async function gather(keys: ReturnType<Scan>): Promise<ShownKey[]> {
  if (!(Symbol.asyncIterator in keys)) return [...(await keys)];
  const all: ShownKey[] = [];
  for await (const key of keys) all.push(key);
  return all;
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
