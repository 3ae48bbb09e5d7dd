import type { Comparison } from '../compare.ts';
import { added, are, isWhole, itemsOf, some } from './lists.ts';

export const mounts: Comparison = {
  about: 'mounts are missing, or differ where they cannot be counted; told: new ones, other options',
  grave: true,
  mayPass: true,
  look(before, after) {
    const [hash, hashNow] = [before['mounts_hash'], after['mounts_hash']];
    const hashDiffers = hash !== undefined && hashNow !== undefined && hash !== hashNow;
    const [old, now] = [itemsOf(before, 'mounts'), itemsOf(after, 'mounts')];
    if (!isWhole(old) || !isWhole(now)) return hashDiffers ? ['mounts differ'] : [];
    const missing = old.filter((mount) => !now.includes(mount));
    const fresh = now.filter((mount) => !old.includes(mount));
    if (missing.length === 0 && fresh.length === 0) return hashDiffers ? [{ what: 'mounts have other options or sources', grave: false }] : [];
    return [
      ...(missing.length > 0 ? [`${are(missing, 'mount', 'missing')} (${some(missing)})`] : []),
      ...(fresh.length > 0 ? [{ what: `${are(fresh, 'mount', 'new')} (${some(fresh)})`, grave: false }] : []),
    ];
  },
};

export const readonlyMounts: Comparison = {
  about: 'a file system is mounted read-only that was not',
  grave: true,
  look: (before, after) => added(before, after, 'readonly_mounts').map((mount) => `${mount} is mounted read-only`),
};
