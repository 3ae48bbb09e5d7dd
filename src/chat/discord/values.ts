import type { Command } from '../command.ts';
import { commandTree, type Node, optionName } from '../limits.ts';
import { fieldsOf } from '../options.ts';
import type { Option } from './payload.ts';

/** A command of the tree, and the values that were filled in, by the names of its schema. */
export interface Chosen {
  command: Command;
  values: Record<string, string | number | boolean>;
  /** The option somebody is typing in, by the name of the schema. */
  focused?: { option: string; typed: string };
}

/** What `/ops pause updates target:@web for:7d` means; undefined for a path the definitions no longer have. */
export function chosenIn(commands: readonly Command[], root: string, options: readonly Option[]): Chosen | undefined {
  let node = treeOf(commands).find(({ name }) => name === root);
  let inside = options;
  while (node && !node.command) {
    const [next] = inside;
    node = node.options.find(({ name }) => name === next?.name);
    inside = next?.options ?? [];
  }
  const command = node?.command;
  if (!command) return undefined;
  const names = new Map([...fieldsOf(command).map(({ name }): [string, string] => [optionName(name), name]), ['json', 'json']]);
  const chosen: Chosen = { command, values: {} };
  for (const { name, value, focused } of inside) {
    const own = names.get(name);
    if (own === undefined || value === undefined) continue;
    if (focused) chosen.focused = { option: own, typed: String(value) };
    else chosen.values[own] = value;
  }
  return chosen;
}

let made: { of: readonly Command[]; tree: Node[] } | undefined;

/** Made once for the same commands, not for each of hundreds a second. */
function treeOf(commands: readonly Command[]): Node[] {
  const same = made?.of.length === commands.length && commands.every((command, n) => command === made?.of[n]);
  if (!same || !made) made = { of: commands, tree: commandTree(commands) };
  return made.tree;
}
