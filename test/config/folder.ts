import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ConfigProblems, type Loaded, loadConfig, type Surroundings } from '../../src/config/load.ts';

/** A folder with these files, gone when the test is over. Files are readable by their owner alone unless a mode is said. */
export function folderWith(files: Record<string, string>, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode });
  }
  return folder;
}

/** Loads `holdfast.yaml` of this text, with files beside it. */
export async function load(text: string, beside: Record<string, string> = {}, options: { env?: Surroundings['env']; mode?: number } = {}): Promise<Loaded> {
  const folder = folderWith({ ...beside, 'holdfast.yaml': text }, options.mode);
  return loadConfig(join(folder, 'holdfast.yaml'), { env: options.env ?? {}, home: folder });
}

/** What is wrong with a configuration, as `line:column: says`; empty when nothing is. */
export async function problemsOf(...given: Parameters<typeof load>): Promise<string[]> {
  try {
    await load(...given);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    return error.problems.map(({ line, column, says }) => `${line}:${column}: ${says}`);
  }
}
