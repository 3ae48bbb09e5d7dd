import { rootCertificates } from 'node:tls';
import { isLineageChain } from './renewers.ts';
import type { Seen } from './shapes.ts';
import { isSignedBy } from './signed.ts';

/**
 * Whether the chain that certbot fetched with a leaf leads to a root that is trusted everywhere. Public authorities sign with one key
 * this month and with another the next: the key of before is no measure for them, the root is.
 */
export function isPubliclySigned(leaf: Seen, after: readonly Seen[], roots: readonly string[] = rootCertificates): boolean {
  const lineage = leaf.path.replace(/[^/]+$/, '');
  const chain = after.filter(({ ca, path }) => ca && isLineageChain(path) && path.startsWith(lineage));
  let pem = leaf.pem;
  for (let step = 0; step < LONGEST; step++) {
    if (roots.some((root) => isSignedBy(pem, root))) return true;
    const next = chain.find((one) => one.pem !== pem && isSignedBy(pem, one.pem));
    if (!next) return false;
    pem = next.pem;
  }
  return false;
}

/** Certificates between a leaf and its root, at most. */
const LONGEST = 6;
