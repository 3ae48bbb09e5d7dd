import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder of this package: scripts, migrations and the version are read from there,
 * whether the code runs from `src/` (tests, benchmarks) or from `dist/src/`.
 */
export const packageRoot = findRoot(import.meta.dirname);

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`no package.json above ${import.meta.dirname}`);
  return findRoot(parent);
}
