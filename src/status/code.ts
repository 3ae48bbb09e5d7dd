import { createHash } from 'node:crypto';

/** 12 characters of 0-9a-z, the same for the same thing and without a word of what it is: how status pages name pages, components and updates. */
export function codeOf(kind: 'page' | 'component' | 'group' | 'run' | 'update', ...what: readonly (string | number)[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, ...what]))
    .digest('hex');
  return BigInt(`0x${digest}`).toString(36).padStart(50, '0').slice(-12);
}

export const isCode = (text: string): boolean => /^[0-9a-z]{12}$/.test(text);
