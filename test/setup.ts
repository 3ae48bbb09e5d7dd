import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../src/root.ts';

/**
 * Once before all test files: dist/ is what the sources say, so that tests which start the program do not each compile it.
 * A tree that does not compile is said and does not stop the others: only tests that start the program need dist/.
 */
export default function setup(): void {
  const built = spawnSync(process.execPath, [join(packageRoot, 'bin', 'build.mjs'), '--prepare'], { encoding: 'utf8' });
  if (built.status !== 0) console.error(`${built.stderr}\nTests that start the program run against an older build, or fail.`);
}
