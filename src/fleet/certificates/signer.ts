import { X509Certificate } from 'node:crypto';
import { extensionOf } from '../../certificates/extension.ts';
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

/** What a certificate calls the key of its authority by, hex: the key's own name where it says one, else all it says. Absent = it says nothing. */
export function authorityKeyOf(pem: string): string | undefined {
  const value = extensionOf(new X509Certificate(pem).raw, AUTHORITY_KEY);
  // SEQUENCE of a key identifier [0], and perhaps of issuer and serial of the authority, which change when it is renewed with its key.
  const [sequence, length, first, size] = value ?? [];
  const named = sequence === 0x30 && first === 0x80 && size !== undefined && (length as number) < 0x80;
  return named ? value?.subarray(4, 4 + size).toString('hex') : value?.toString('hex');
}

const AUTHORITY_KEY = 35;
