import { Refusal } from '../../lib/refusal.ts';
import { short } from './judge.ts';
import { type Profiles, renewerOf, type Scripts } from './renewer-by-profile.ts';
import { isLineageChain, keyBeside, type Renewer } from './renewers.ts';
import { foldPaths, sayEnd } from './say.ts';
import type { Authority, HostRotation, Leaf, Seen } from './shapes.ts';
import { authorityKeyOf, signedBy } from './signer.ts';

/** A file of certificates, and what is known of it. */
interface File {
  path: string;
  blocks: Seen[];
  /** What is in it: an authority alone, a leaf alone, or a leaf with an authority behind it in one file. */
  holds: 'authority' | 'leaf' | 'both';
  leaf?: Seen;
  renewer?: Renewer;
  names: string[];
}

export interface PlanOf {
  host: string;
  seen: readonly Seen[];
  /** Certificate → file of its private key. */
  keys: ReadonlyMap<string, string>;
  /** What is served where, as it was looked at. */
  served: readonly { listener: Leaf['listeners'][number]; subject: string; fingerprint: string }[];
  /** Those that hold for this host. */
  profiles: Profiles;
  scripts: Scripts;
  /** As typed. */
  cert?: string;
  within: number;
  now: number;
}

/**
 * What a rotation does on one host: the leaves that are due, or the one that was named, how they are renewed, and what stays as it
 * is. Throws Refusal where an authority is in the set: no word and no setting gets past that.
 */
export function planHost(of: PlanOf): HostRotation | { nothing: string } {
  const files = filesOf(of);
  const set = chosen(files, of);
  if ('nothing' in set) return set;
  refuseAuthorities(set.files, of);
  const without = set.files.filter(({ renewer }) => !renewer);
  const [lacks] = without;
  if (lacks && (of.cert !== undefined || without.length === set.files.length)) {
    throw new Refusal(
      `Nothing is known that renews ${lacks.path} on ${of.host} (${sayEnd((lacks.leaf as Seen).until, of.now)}): kubeadm and certbot know it not. A profile under "certificates" in holdfast.yaml names the command that does; nothing was begun.`,
    );
  }
  const going = set.files.flatMap((file) => (file.leaf && file.renewer ? [{ ...file, leaf: file.leaf, renewer: file.renewer }] : []));
  return {
    leaves: going.map(({ leaf, renewer }) => leafOf(leaf, renewer, of)),
    left: files.flatMap((file) => (going.some(({ path }) => path === file.path) ? [] : sayLeft(file, without, of))),
    authorities: unique(of.seen.filter(({ ca }) => ca).map((ca) => authorityOf(ca, of.keys))),
    renewals: unique(going.map(({ renewer }) => renewer.renewal)),
    reloads: unique(going.flatMap(({ renewer }) => renewer.reloads)),
    keep: unique([...files.flatMap(({ path }) => [path, keyBeside(path), of.keys.get(path) ?? path]), ...going.flatMap(({ renewer }) => renewer.keep)]),
  };
}

function authorityOf({ path, pin, subject }: Seen, keys: PlanOf['keys']): Authority {
  const key = keys.get(path);
  return { path, pin, subject, ...(key !== undefined && { key }) };
}

function filesOf({ seen, profiles, scripts }: PlanOf): File[] {
  const paths = [...new Set(seen.map(({ path }) => path))].filter((path) => !isLineageChain(path));
  return paths.map((path) => {
    const blocks = seen.filter((one) => one.path === path);
    const leaf = blocks.find(({ ca }) => !ca);
    const renewer = leaf && renewerOf(path, profiles, scripts);
    const base = path.replace(/^.*\//, '');
    // The authority in a kubeconfig is written nowhere but there, and stays what it is.
    const trust = blocks.some(({ ca }) => ca) && !path.endsWith('.conf');
    return {
      ...{ path, blocks, holds: !leaf ? 'authority' : trust ? 'both' : 'leaf' },
      ...(leaf && { leaf }),
      ...(renewer && { renewer }),
      names: [
        path,
        base,
        base.replace(/\.(crt|pem|cer|cert|der)$/, ''),
        path
          .split('/')
          .slice(-2)
          .join('/')
          .replace(/\.(crt|pem|cer)$/, ''),
        ...(renewer ? [renewer.name] : []),
      ],
    };
  });
}

function chosen(files: readonly File[], { cert, within, now, host }: PlanOf): { files: File[] } | { nothing: string } {
  if (cert !== undefined) {
    const named = files.filter(({ names }) => names.includes(cert));
    if (named.length > 0) return { files: named };
    return { nothing: files.length === 0 ? 'no certificate was found on it' : `none of its certificates is called ${cert}` };
  }
  const leaves = files.filter(({ leaf }) => leaf);
  const due = leaves.filter(({ leaf }) => (leaf as Seen).until - now <= within);
  if (due.length > 0) return { files: due };
  const [first] = leaves.sort((a, b) => (a.leaf as Seen).until - (b.leaf as Seen).until);
  if (!first) return { nothing: `no leaf certificate was found on ${host}` };
  return {
    nothing: `none of its leaves is due; the first is ${first.path}, which ${sayEnd((first.leaf as Seen).until, now)} ("cert NAME" renews one all the same)`,
  };
}

/** Said by name, with the way there is; what it takes to replace one stands behind `rotate ca`. */
function refuseAuthorities(files: readonly File[], { host }: PlanOf): void {
  const [first] = files.filter(({ holds }) => holds !== 'leaf');
  if (!first) return;
  const ca = first.blocks.find((one) => one.ca) as Seen;
  const what = `${first.path} on ${host} ${first.holds === 'authority' ? 'is' : 'has in it'} a certificate authority (CA:TRUE, ${ca.subject}, key ${short(ca.pin)})`;
  throw new Refusal(
    `${what}: "rotate certs" renews leaves and never writes one, and nothing switches that off. A new authority makes everything it signed worthless at once. "rotate ca" says what that would be, and how it is done without an outage; nothing was begun.`,
  );
}

function leafOf(leaf: Seen, { name }: Renewer, { seen, served }: PlanOf): Leaf {
  const { path, subject, issuer, serial, pin, fingerprint, until } = leaf;
  const by = signedBy(leaf, seen);
  const authorityKey = authorityKeyOf(leaf.pem);
  // What is served may be an older one already: it is told by whom it is for, unless it is another file's (etcd's server and peer have one name).
  const elsewhere = new Set(seen.filter((one) => one.path !== path).map((one) => one.fingerprint));
  const listeners = served
    .filter((one) => one.fingerprint === fingerprint || (one.subject === subject && !elsewhere.has(one.fingerprint)))
    .map(({ listener }) => listener);
  return {
    ...{ path, name, subject, issuer, serial, pin, fingerprint, names: [...leaf.names], until, listeners },
    ...(by !== undefined && { signedBy: by }),
    ...(authorityKey !== undefined && { authorityKey }),
    ...(leaf.keyMatches !== undefined && { keyMatches: leaf.keyMatches }),
  };
}

function sayLeft({ path, leaf, holds }: File, without: readonly File[], { cert, now }: PlanOf): string[] {
  if (!leaf) return [];
  const rest = cert === undefined ? 'not due' : 'not asked for';
  const why = holds === 'both' ? 'with an authority in the same file' : rest;
  return [`LEAF left ${path}: ${sayEnd(leaf.until, now)}, ${without.some((one) => one.path === path) ? 'nothing is known that renews it' : why}`];
}

/** Names that could have been meant, for whoever named none of them. */
export const certNames = (of: PlanOf): string =>
  foldPaths(
    filesOf(of).map(({ names, renewer }) => renewer?.name ?? (names[2] as string)),
    12,
  );

function unique<What>(all: readonly What[]): What[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
