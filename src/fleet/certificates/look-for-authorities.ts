import { Refusal } from '../../lib/refusal.ts';
import type { Host } from '../host.ts';
import type { ExecResult } from '../ssh/transport.ts';
import { readSeen } from './see.ts';
import type { Seen } from './shapes.ts';
import { signedBy } from './signer.ts';

/** Hosts looked at for one answer, and wall ms each has. */
const MOST = 100;
const PATIENCE = 6_000;

/** One authority, by the pin of its key, and everything that was found of it. */
export interface FoundAuthority {
  pin: string;
  subject: string;
  until: number;
  /** Where its certificate is trusted: host and file. */
  trusted: { host: string; path: string }[];
  /** Where its private key lies. */
  keys: { host: string; path: string }[];
  /** What it signed. */
  signed: { host: string; path: string; subject: string; until: number; kubeconfig: boolean }[];
}

export interface FoundAuthorities {
  hosts: number;
  authorities: FoundAuthority[];
  /** Hosts that did not say, with why: what stands there is in no list. */
  unknown: { host: string; why: string }[];
}

/** Looks which authorities these hosts have, and what hangs on each. Changes nothing. */
export async function lookForAuthorities(of: {
  hosts: readonly Host[];
  ask(host: Host, script: string, args: readonly string[], timeout: number): Promise<ExecResult>;
}): Promise<FoundAuthorities> {
  const { hosts, ask } = of;
  if (hosts.length > MOST)
    throw new Refusal(`${hosts.length} hosts are too many for one look: at most ${MOST}. Name those the authority is for: rotate ca @group.`);
  const looked = await Promise.all(
    hosts.map(async (host) => ({ host: host.name, read: await readSeen((script, args = []) => ask(host, script, args, PATIENCE), []) })),
  );
  const here = looked.flatMap(({ host, read }) => ('wrong' in read ? [] : [{ host, ...read }]));
  return {
    hosts: hosts.length,
    authorities: gather(here),
    unknown: looked.flatMap(({ host, read }) => ('wrong' in read ? [{ host, why: read.wrong }] : [])),
  };
}

function gather(here: readonly { host: string; seen: readonly Seen[]; keys: ReadonlyMap<string, string> }[]): FoundAuthority[] {
  const found = new Map<string, FoundAuthority>();
  const all = here.flatMap(({ seen }) => seen);
  for (const { host, seen, keys } of here) {
    for (const one of seen.filter(({ ca }) => ca)) {
      const authority = found.get(one.pin) ?? { pin: one.pin, subject: one.subject, until: one.until, trusted: [], keys: [], signed: [] };
      found.set(one.pin, authority);
      authority.trusted.push({ host, path: one.path });
      if (one.keyMatches) authority.keys.push({ host, path: keys.get(one.path) ?? one.path });
    }
  }
  for (const { host, seen } of here) {
    for (const leaf of seen.filter(({ ca }) => !ca)) {
      const authority = found.get(signedBy(leaf, all) ?? '');
      authority?.signed.push({ host, path: leaf.path, subject: leaf.subject, until: leaf.until, kubeconfig: leaf.path.endsWith('.conf') });
    }
  }
  // What signed nothing here and has no key here is somebody else's, and trusted only.
  return [...found.values()].filter(({ signed, keys }) => signed.length > 0 || keys.length > 0).sort((a, b) => b.signed.length - a.signed.length);
}
