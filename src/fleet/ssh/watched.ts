import { readFileSync, statSync } from 'node:fs';

/**
 * A file turned into something, kept until it changes on disk (time, size or inode); looked at once a second at most.
 * `undefined` when it is not there or cannot be read.
 */
export function watched<T>(parse: (text: string, path: string) => T): (path: string) => T | undefined {
  const kept = new Map<string, { looked: number; stamp: string; value: T | undefined }>();
  return (path) => {
    const now = performance.now();
    const last = kept.get(path);
    if (last && now - last.looked < LOOK_EVERY) return last.value;
    const stamp = stampOf(path);
    const value = last && last.stamp === stamp ? last.value : read(path, stamp, parse);
    kept.set(path, { looked: now, stamp, value });
    return value;
  };
}

const LOOK_EVERY = 1000;

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : '';
}

function read<T>(path: string, stamp: string, parse: (text: string, path: string) => T): T | undefined {
  if (!stamp) return undefined;
  try {
    return parse(readFileSync(path, 'utf8'), path);
  } catch {
    return undefined;
  }
}
