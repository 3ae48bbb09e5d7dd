import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FolderVariables, readVariableFolders } from './ansible-folders.ts';
import { readAnsibleIni } from './ansible-ini.ts';
import { readAnsibleList } from './ansible-list.ts';
import { readAnsibleYaml } from './ansible-yaml.ts';
import { type Draft, draftGroup, draftHost, newDraft, setVariable } from './draft.ts';

/** An Ansible inventory file, or a folder of them read in the order of their names, with the variable folders beside it. */
export async function readAnsible(path: string): Promise<{ draft: Draft; folders: FolderVariables }> {
  const draft = newDraft();
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const files = isFolder ? await inventoryFiles(path) : [path];
  for (const file of files) joinDrafts(draft, await readInventoryFile(file));
  if (isFolder && files.length === 0) draft.problems.push({ file: path, says: 'The folder holds no inventory file.' });
  const folders = await readVariableFolders(isFolder ? path : dirname(path), draft.problems);
  return { draft, folders };
}

async function inventoryFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !/^\.|~$|\.(orig|bak|retry|pyc|pyo|cfg|swp|md|txt)$/.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort();
}

async function readInventoryFile(file: string): Promise<Draft> {
  const problem = (says: string): Draft => ({ ...newDraft(), problems: [{ file, says }] });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return problem(sayUnreadable(error as NodeJS.ErrnoException));
  }
  if (text.startsWith('#!')) {
    return problem('This inventory is a program: name it under `ansible_command`, as in [ansible-inventory, -i, <file>, --list].');
  }
  if (text.startsWith('$ANSIBLE_VAULT')) return problem('The whole file is encrypted: use `ansible_command` with ansible-inventory.');
  if (/\.ya?ml$/.test(file) || /^(#.*\n|\s)*(---|[\w-]+:\s*(#.*)?\n)/.test(text)) return readAnsibleYaml(text, file);
  if (!text.trimStart().startsWith('{')) return readAnsibleIni(text, file);
  try {
    const list = JSON.parse(text);
    return '_meta' in list ? readAnsibleList(list, file) : readAnsibleYaml(text, file);
  } catch (error) {
    return problem(`Begins like JSON and cannot be read: ${(error as Error).message}.`);
  }
}

/** One draft for all files of a folder. */
function joinDrafts(draft: Draft, other: Draft): void {
  draft.problems.push(...other.problems);
  for (const [name, { origin, vars }] of other.hosts) {
    const host = draftHost(draft, name, origin);
    for (const [variable, one] of vars) setVariable(draft, name, host.vars, variable, one);
  }
  for (const [name, group] of other.groups) {
    const joined = draftGroup(draft, name, group.origin, group.defined);
    for (const [host, origin] of group.hosts) joined.hosts.set(host, origin);
    for (const [child, origin] of group.children) joined.children.set(child, origin);
    for (const [variable, one] of group.vars) joined.vars.set(variable, one);
  }
}

export function sayUnreadable(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'There is no such file: mend the path, which starts from the folder of the configuration.';
  if (error.code === 'EACCES') return 'This user may not read it: give the user Holdfast runs as the right to.';
  return `Cannot be read: ${error.message}.`;
}
