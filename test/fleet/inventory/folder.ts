import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { buildFleet } from '../../../src/fleet/inventory/build.ts';
import type { FleetInput } from '../../../src/fleet/inventory/input.ts';

export interface Folder {
  path: string;
  write(name: string, text: string, mode?: number): string;
  /** Builds the fleet of a configuration in this folder; `~` is its folder `home`. */
  build(input?: Partial<FleetInput>): ReturnType<typeof buildFleet>;
}

/** A folder for one test. */
export function newFolder(files: Record<string, string> = {}): Folder {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-inventory-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  const write: Folder['write'] = (name, text, mode) => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (mode !== undefined) chmodSync(file, mode);
    return file;
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    path,
    write,
    build: (input = {}) =>
      buildFleet({ file: join(path, 'holdfast.yaml'), home: join(path, 'home'), sources: [], hosts: {}, groups: {}, sites: {}, ssh: {}, ...input }),
  };
}

/** Problems as a person sees them, the folder cut off. */
export const said = (folder: Folder, { problems }: Awaited<ReturnType<typeof buildFleet>>): string[] =>
  problems.map(
    ({ file, line, column, says }) =>
      `${[file.replace(`${folder.path}/`, ''), line, column].filter((part) => part !== undefined).join(':')} ${says.replaceAll(`${folder.path}/`, '')}`,
  );
