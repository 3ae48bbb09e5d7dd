import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Source } from '../fleet/inventory/input.ts';

/** What `init` was told on its line; paths are relative to where it was typed. */
export interface NamedSources {
  ansible?: string;
  /** A program and its arguments; a text is split at blanks, quotes hold together. No shell. */
  ansibleCommand?: string | readonly string[];
  sshConfig?: string;
}

export function namedSources({ ansible, ansibleCommand, sshConfig }: NamedSources): Source[] {
  return [
    ...(ansible === undefined ? [] : [{ ansible: resolve(ansible) }]),
    ...(ansibleCommand === undefined ? [] : [{ ansible_command: typeof ansibleCommand === 'string' ? splitWords(ansibleCommand) : [...ansibleCommand] }]),
    ...(sshConfig === undefined ? [] : [{ ssh_config: resolve(sshConfig) }]),
  ];
}

/** Where an Ansible inventory likely is, the likeliest first. */
export async function likelyInventories(env: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const here = (await readdir('.')).filter((name) => /^(inventory|hosts)/.test(name) && !/(~|\.(bak|orig|rej|retry|swp|md|j2))$/.test(name));
  // `inventory` before `inventory.old`, `inventory…` before `hosts`.
  here.sort((a, b) => Number(b.startsWith('inventory')) - Number(a.startsWith('inventory')) || a.length - b.length || (a < b ? -1 : 1));
  const said = env.ANSIBLE_INVENTORY?.split(',').filter((path) => path && existsSync(path)) ?? [];
  return [...new Set([...said, ...here, '/etc/ansible/hosts'].map((path) => resolve(path)))].filter(isInventory);
}

export function likelySshConfig(home: string): string | undefined {
  const path = join(home, '.ssh', 'config');
  return existsSync(path) ? path : undefined;
}

function isInventory(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.isDirectory() || (found.isFile() && found.size > 0));
}

/** `a "b c" d` → three words. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
