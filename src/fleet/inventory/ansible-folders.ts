import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { Problem } from '../../config/problem.ts';
import { readVariables } from './ansible-yaml.ts';
import type { Variables } from './draft.ts';

/** Variables from `group_vars/` and `host_vars/` beside the inventory: name of the group or host → its variables. */
export interface FolderVariables {
  groups: Map<string, Variables>;
  hosts: Map<string, Variables>;
}

export async function readVariableFolders(folder: string, problems: Problem[]): Promise<FolderVariables> {
  const [groups, hosts] = await Promise.all([readFolder(join(folder, 'group_vars'), problems), readFolder(join(folder, 'host_vars'), problems)]);
  return { groups, hosts };
}

/** `web.yml`, `web`, or a folder `web/` whose files are taken in the order of their names. */
async function readFolder(folder: string, problems: Problem[]): Promise<Map<string, Variables>> {
  const names = new Map<string, Variables>();
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const atOnce = pLimit(32);
  const read = await Promise.all(
    entries
      .filter(({ name }) => isWanted(name))
      .map((entry) =>
        atOnce(async () => {
          const path = join(folder, entry.name);
          const files = entry.isDirectory() ? await filesUnder(path) : [path];
          const pieces = await Promise.all(files.map((file) => readOne(file, problems)));
          return { name: entry.isDirectory() ? entry.name : entry.name.replace(/\.(ya?ml|json)$/, ''), pieces };
        }),
      ),
  );
  for (const { name, pieces } of read) {
    const vars = names.get(name) ?? new Map();
    for (const piece of pieces) for (const [variable, one] of piece) vars.set(variable, one);
    names.set(name, vars);
  }
  return names;
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && isWanted(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort();
}

const isWanted = (name: string): boolean =>
  !name.startsWith('.') && !name.endsWith('~') && (!name.includes('.') || /\.(ya?ml|json)$/.test(name) || !/\.[a-z]{1,5}$/.test(name));

async function readOne(file: string, problems: Problem[]): Promise<Variables> {
  try {
    const text = await readFile(file, 'utf8');
    // A file that is encrypted whole is all secrets.
    if (text.startsWith('$ANSIBLE_VAULT')) return new Map();
    return readVariables(text, file, problems);
  } catch (error) {
    problems.push({ file, says: `Cannot be read: ${(error as Error).message}.` });
    return new Map();
  }
}
