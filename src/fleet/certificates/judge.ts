import { sayDuration } from '../../lib/duration.ts';
import { changedFiles, type KeptFile } from './kept.ts';
import { isPubliclySigned } from './public-chain.ts';
import { isLineageChain, isLineageLeaf, keyBeside } from './renewers.ts';
import type { Authority, Leaf, Seen } from './shapes.ts';
import { isSignedBy } from './signed.ts';
import { authorityKeyOf } from './signer.ts';

interface Judging {
  leaves: readonly Leaf[];
  authorities: readonly Authority[];
  /** PEM of the authorities that signed the leaves, by the pin of their key. */
  signers: Readonly<Record<string, string>>;
  after: readonly Seen[];
  /** Files in which private keys were seen to stand. */
  keys: ReadonlySet<string>;
  kept: readonly KeptFile[];
  files: readonly KeptFile[];
  now: number;
}

/** What a rotation came to on the disk of a host, before anything serves it. */
export interface Judged {
  /** Why it may not stay, each in words; none = it may. */
  wrong: string[];
  /** A certificate authority was written: said first, and never let pass. */
  authority: boolean;
  /** What the leaves are now, in the order of `leaves`. */
  renewed: { path: string; serial: string; fingerprint: string; until: number }[];
}

/**
 * Whether what stands there now may stay: every authority has the key it had, and its file is untouched; each leaf is new, ends
 * later, has its key, all its names, and is signed by the key that signed the one before. Pure. `now` is wall time for what has to be
 * valid for those who shake hands.
 */
export function judgeRenewed(of: Judging): Judged {
  const { leaves, after } = of;
  const changed = changedFiles(of.kept, of.files);
  const authorities = [...writtenAuthorities(of.authorities, after), ...writtenFiles(of.authorities, changed)];
  const judged = leaves.map((leaf) => ({ leaf, seen: after.find(({ path, ca }) => path === leaf.path && !ca) }));
  return {
    authority: authorities.length > 0,
    wrong: [...new Set(authorities), ...judged.flatMap(({ leaf, seen }) => wrongLeaf(leaf, seen, of)), ...opened(of)],
    renewed: judged.flatMap(({ seen }) => (seen ? [{ path: seen.path, serial: seen.serial, fingerprint: seen.fingerprint, until: seen.until }] : [])),
  };
}

/** By the pin of the key: a new authority of the same name has the same subject, and its leaves the same issuer. */
export function writtenAuthorities(before: readonly Authority[], after: readonly Seen[]): string[] {
  const then = before.filter(({ path }) => !isLineageChain(path));
  const now = after.filter(({ ca, path }) => ca && !isLineageChain(path));
  const known = new Set(before.map(({ pin }) => pin));
  const paths = [...new Set([...then, ...now].map(({ path }) => path))];
  return paths.flatMap((path) => {
    const was = then.filter((one) => one.path === path).map(({ pin }) => pin);
    const is = now.filter((one) => one.path === path);
    const gone = was.filter((pin) => !is.some((one) => one.pin === pin));
    const strange = is.filter(({ pin }) => !known.has(pin));
    if (gone.length > 0 && is.length === 0) return [`the certificate authority ${path} is gone`];
    if (strange.length > 0 || gone.length > 0) {
      const [pin] = strange.length > 0 ? strange.map((one) => one.pin) : is.map((one) => one.pin);
      const same = then.some((one) => one.path === path && one.subject === strange[0]?.subject);
      return [
        was.length === 0
          ? `a certificate authority that was not there before stands in ${path} (key ${short(pin)})`
          : `${path} is another certificate authority${same ? ' under the same name' : ''}: its key was ${short(gone[0] ?? was[0])} and is ${short(pin)}`,
      ];
    }
    return [];
  });
}

/** Its certificate may read the same and its key be another: neither is to be written at all. */
function writtenFiles(before: readonly Authority[], changed: readonly string[]): string[] {
  const own = before.filter(({ path }) => !isLineageChain(path) && !path.endsWith('.conf')).flatMap(({ path, key }) => [path, key ?? keyBeside(path)]);
  return changed.filter((path) => own.includes(path)).map((path) => `${path}, a certificate authority, was written`);
}

/** Wall ms by which the clock of whoever signs may be before ours: a leaf that begins at this moment there is well. */
const SKEW = 60_000;

function wrongLeaf(leaf: Leaf, seen: Seen | undefined, of: Judging): string[] {
  const { path } = leaf;
  const { now } = of;
  if (!seen) return [`${path} is no longer a certificate that can be read`];
  if (seen.fingerprint === leaf.fingerprint) return [`${path} is still the old one`];
  const lacks = leaf.names.filter((name) => !seen.names.includes(name));
  return [
    ...(seen.keyMatches === false ? [`${path} does not belong to the private key beside it`] : []),
    // Of one that was never seen, or lies elsewhere, nothing is known; one that was there and fitted is missed.
    ...(seen.keyMatches === undefined && leaf.keyMatches === true ? [`the private key of ${path} is gone, or can no longer be read`] : []),
    ...(lacks.length > 0 ? [`${path} no longer names ${lacks.slice(0, 4).join(', ')}`] : []),
    ...(seen.subject === leaf.subject ? [] : [`${path} is now for ${seen.subject}, and was for ${leaf.subject}`]),
    ...(seen.until <= leaf.until ? [`${path} ends no later than the one before`] : []),
    ...(seen.begins - SKEW > now ? [`${path} holds only in ${sayDuration(seen.begins - now)}`] : []),
    ...(seen.until <= now ? [`${path} has ended ${sayDuration(now - seen.until)} ago already`] : []),
    ...wrongChain(leaf, seen, of),
  ];
}

function wrongChain(leaf: Leaf, seen: Seen, { signers, after }: Pick<Judging, 'signers' | 'after'>): string[] {
  const { path, signedBy } = leaf;
  if (signedBy === leaf.pin) return isSignedBy(seen.pem, seen.pem) ? [] : [`${path} signed itself, and no longer does`];
  const signer = signedBy === undefined ? undefined : signers[signedBy];
  if (signer !== undefined && isSignedBy(seen.pem, signer)) return [];
  if (isLineageLeaf(path) && isPubliclySigned(seen, after)) return [];
  if (signedBy === undefined) return wrongIssuer(leaf, seen);
  return [`${path} is not signed by the authority of before (key ${short(signedBy)})${seen.issuer === leaf.issuer ? ', though it names the same issuer' : ''}`];
}

/** Of an authority that is nowhere on the host there is no signature to try: then the name of its key is what tells, never its own. */
function wrongIssuer(leaf: Leaf, seen: Seen): string[] {
  if (seen.issuer !== leaf.issuer) return [`${leaf.path} was issued by ${seen.issuer}, and the one before by ${leaf.issuer}`];
  const unknown = authorityIsUnknown(leaf);
  if (unknown !== undefined) return [unknown];
  return leaf.authorityKey !== undefined && authorityKeyOf(seen.pem) === leaf.authorityKey
    ? []
    : [`${leaf.path} was signed by another key of ${leaf.issuer} than the one before`];
}

/** Why nobody could tell, once it is renewed, whether the authority of before signed it. */
export function authorityIsUnknown({ path, issuer, signedBy, authorityKey }: Leaf): string | undefined {
  if (signedBy !== undefined || authorityKey !== undefined || isLineageLeaf(path)) return undefined;
  return `which authority signed ${path} cannot be told but by its name, ${issuer}: name the file of that authority under certificates.paths in holdfast.yaml`;
}

/** A private key that more people may read than before: a file in which one was seen, or that is called so. */
function opened({ kept, files, keys }: Judging): string[] {
  const was = new Map(kept.map(({ path, mode }) => [path, mode]));
  return files.flatMap(({ path, mode }) => {
    const then = was.get(path);
    if (then === undefined || mode === undefined || !(keys.has(path) || /key/.test(path))) return [];
    const wider = (Number.parseInt(mode, 8) & ~Number.parseInt(then, 8) & 0o077) !== 0;
    return wider ? [`${path} may now be read by more than before (mode ${mode}, was ${then})`] : [];
  });
}

/** What people compare two pins by. */
export const short = (pin: string | undefined): string => pin?.slice(0, 12) ?? 'unknown';
