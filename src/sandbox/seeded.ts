import { createHash } from 'node:crypto';

/** Chance that always falls the same way for the same words, so that two fresh sandboxes are alike. */
export function seededInt(words: string, from: number, to: number): number {
  return from + (digest(words).readUInt32BE(0) % (to - from + 1));
}

export const seededHex = (words: string, length: number): string => digest(words).toString('hex').slice(0, length);

/** In the shape of a version 4 UUID, as the kernel writes boot ids. */
export function seededUuid(words: string): string {
  const hex = seededHex(words, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const digest = (words: string): Buffer => createHash('sha256').update(words).digest();
