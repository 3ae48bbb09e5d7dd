import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/root.ts';
import { temporary } from '../test/engines.ts';

let root: string | undefined;

/**
 * Compiles, and copies what runs into a folder of its own: what is measured is the compiled program, and stays the same
 * while somebody edits the sources.
 */
export function takeCopy(): string {
  if (!root) {
    // As `npm ci` does it: compiles, and makes the embedded database's template.
    execFileSync(process.execPath, [join(packageRoot, 'bin/build.mjs'), '--prepare']);
    root = copyProgram(true);
  }
  return root;
}

export function copyProgram(withTemplate: boolean): string {
  const to = join(temporary('bench'), 'holdfast');
  mkdirSync(to, { recursive: true });
  for (const part of ['bin', 'dist', 'src', 'package.json']) cpSync(join(packageRoot, part), join(to, part), { recursive: true });
  // Absent here, so that the copy is taken as installed and never compiled again.
  rmSync(join(to, 'tsconfig.build.json'), { force: true });
  if (!withTemplate) rmSync(join(to, 'dist'), { recursive: true });
  if (!withTemplate) cpSync(join(packageRoot, 'dist'), join(to, 'dist'), { recursive: true, filter: (path) => !path.includes('template-pglite') });
  symlinkSync(join(packageRoot, 'node_modules'), join(to, 'node_modules'));
  return to;
}

/** A module of the compiled program: `built<typeof import('../src/x.ts')>('src/x')`. */
export function built<Module>(name: string): Promise<Module> {
  return import(join(takeCopy(), 'dist', `${name}.js`)) as Promise<Module>;
}
