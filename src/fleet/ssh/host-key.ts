import { createHash } from 'node:crypto';
import type { Host } from '../host.ts';
import { type KnownFor, type KnownHosts, lookUp, parseKnownHosts } from './known-hosts.ts';
import type { Limits } from './limits.ts';
import { watched } from './watched.ts';

export type KeyVerdict = { state: 'known' } | { state: 'unknown' | 'changed'; detail: string };

/** What is known of one host's keys, before it is asked. */
export interface HostKeyBook {
  /** As known_hosts has it: `web01` or `[web01]:2222`. */
  name: string;
  here: KnownFor;
  /** Lines for the name without its port, which ssh accepts too but never holds against the host. */
  anyPort: KnownFor;
}

/** The lines that speak of `host`, from its own known_hosts files or the default ones, and the global ones. */
export function hostKeyBook(host: Pick<Host, 'address' | 'port' | 'ssh'>, limits: Pick<Limits, 'knownHosts' | 'globalKnownHosts'>): HostKeyBook {
  const paths = [...(host.ssh.knownHosts.length ? host.ssh.knownHosts : limits.knownHosts), ...limits.globalKnownHosts];
  const files = paths.map((path) => readKnownHosts(path) ?? NO_FILE);
  const bare = (host.ssh.hostKeyAlias ?? host.address).toLowerCase();
  const name = host.ssh.hostKeyAlias || host.port === 22 ? bare : `[${bare}]:${host.port}`;
  return { name, here: remembered(files, name), anyPort: name === bare ? NOTHING : remembered(files, bare) };
}

/** Whether any of these known_hosts files has an `@cert-authority` line. */
export const someAuthority = (paths: readonly string[]): boolean => paths.some((path) => readKnownHosts(path)?.authorities === true);

/** Whether the key a host offers (as SSH sends it) is the one expected of it; the detail says what to do. */
export function judgeHostKey(book: HostKeyBook, offered: Buffer): KeyVerdict {
  const key = offered.toString('base64');
  const type = keyType(offered);
  const shown = `${type} ${fingerprint(offered)}`;
  const revoked = [...book.here.revoked, ...book.anyPort.revoked].find((line) => line.key === key);
  if (revoked)
    return {
      state: 'changed',
      detail: `host key ${shown} is marked @revoked in ${revoked.where}: give the host a new key, or take the line out if it is wrong`,
    };
  if ([...book.here.keys, ...book.anyPort.keys].some((line) => line.key === key)) return { state: 'known' };
  const [first] = book.here.keys.filter((line) => line.type === type).concat(book.here.keys);
  if (first)
    return {
      state: 'changed',
      detail: `host key changed: offers ${shown}, known is ${first.type} ${fingerprint(Buffer.from(first.key, 'base64'))} (${first.where}). If the host was rebuilt, take that line out and confirm the new key; if not, somebody may stand between`,
    };
  if (book.here.authorities.length)
    return {
      state: 'unknown',
      detail: `host key ${shown} is not known; ${book.name} is known by @cert-authority only (${book.here.authorities[0]?.where}), which needs the system's ssh: run \`holdfast init\` again or add the key itself`,
    };
  return {
    state: 'unknown',
    detail: `host key not known: ${book.name} offers ${shown}; compare it with the host's own and confirm it with \`holdfast init\`, or add it to known_hosts`,
  };
}

/** Algorithms to ask for, those of known keys first, so that a host known by one key is not missed for offering another first. */
export function preferKnown(book: HostKeyBook, order: readonly string[]): string[] {
  const types = new Set([...book.here.keys, ...(book.here.keys.length ? [] : book.anyPort.keys)].map(({ type }) => type));
  const isKnown = (algorithm: string) => types.has(algorithm.startsWith('rsa-sha2') ? 'ssh-rsa' : algorithm);
  return [...order.filter(isKnown), ...order.filter((algorithm) => !isKnown(algorithm))];
}

/** `SHA256:…`, as `ssh-keygen -l` shows it. */
export const fingerprint = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The first string of a key as SSH sends it: `ssh-ed25519`. It comes from outside, so only what a name may hold is kept. */
export const keyType = (key: Buffer): string =>
  key.length < 4 ? '?' : key.toString('latin1', 4, 4 + Math.min(64, key.readUInt32BE(0))).replace(/[^\w@.-]/g, '?');

const NOTHING: KnownFor = { keys: [], authorities: [], revoked: [] };
const NO_FILE: KnownHosts = { plain: new Map(), others: [], authorities: false };
const readKnownHosts = watched(parseKnownHosts);

/** A hashed file answers one name by trying every line, so answers are kept as long as the files stay as they are. */
function remembered(files: readonly KnownHosts[], name: string): KnownFor {
  const [first = NO_FILE, ...rest] = files;
  const names = answers.get(first) ?? new Map<string, { rest: KnownHosts[]; found: KnownFor }>();
  answers.set(first, names);
  const kept = names.get(name);
  if (kept && kept.rest.length === rest.length && kept.rest.every((file, at) => file === rest[at])) return kept.found;
  const found = lookUp(files, name);
  names.set(name, { rest, found });
  return found;
}

const answers = new WeakMap<KnownHosts, Map<string, { rest: KnownHosts[]; found: KnownFor }>>();
