import type { Seen } from './shapes.ts';
import { isSignedBy } from './signed.ts';

/** The key of the authority that signed a leaf, among those on the host; its own where it signed itself. */
export function signedBy(leaf: Seen, seen: readonly Seen[]): string | undefined {
  if (leaf.subject === leaf.issuer && isSignedBy(leaf.pem, leaf.pem)) return leaf.pin;
  return seen.find(({ ca, pem }) => ca && isSignedBy(leaf.pem, pem))?.pin;
}

/** The certificate of the authority with this key, as an entry. */
export function signerOf(pin: string | undefined, seen: readonly Seen[]): [string, string][] {
  const found = pin === undefined ? undefined : seen.find((one) => one.ca && one.pin === pin);
  return found ? [[found.pin, found.pem]] : [];
}
