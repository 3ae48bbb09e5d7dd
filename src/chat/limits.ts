import type { Command } from './command.ts';
import { fieldsOf, type NamedField } from './options.ts';
import { usageLine } from './usage.ts';

// Discord: docs/developers "application commands". Slack: app manifest schema and @slack/types.
const DISCORD = { options: 25, choices: 25, characters: 8000, name: 32, description: 100, choice: 100 };
const SLACK = { usageHint: 1000, sectionText: 3000 };

/** One name of a platform's command tree: a root, a group of two-word verbs, a verb, or an option of it. */
export interface Node {
  name: string;
  description: string;
  options: Node[];
  choices?: readonly string[];
  required?: boolean;
  /** Where the tree ends in a command. */
  command?: Command;
}

/**
 * The tree Discord's registration is made of: `/ops pause updates` is root, group, verb. Required options come first, as
 * Discord demands; names are hyphenated, option names are those of the schema in lower case.
 */
export function commandTree(commands: readonly Command[]): Node[] {
  const roots = new Map<string, Node>();
  for (const command of commands) {
    const root = rootOf(command);
    const words = command.name.split(' ');
    // `oncall` itself stands under /oncall, where a root cannot be run by itself.
    const path = words[0] === root ? (words.length > 1 ? words.slice(1) : ['show']) : words;
    const top = child(roots, root, `Holdfast: ${root}`);
    const parent = path.length > 1 ? branch(top.options, path[0] as string) : top;
    const name = (path.length > 1 ? path.slice(1) : path).join('-');
    parent.options.push({ name, description: command.summary, options: optionsOf(command), command });
  }
  return [...roots.values()];
}

/** What a platform would refuse, one sentence each; none when everything fits. */
export function limitProblems(commands: readonly Command[]): string[] {
  const problems = commandTree(commands).flatMap((root) => {
    const characters = charactersOf(root);
    const over = characters > DISCORD.characters ? [`/${root.name} has ${characters} characters; Discord takes ${DISCORD.characters}`] : [];
    return [...over, ...nodeProblems(root, `/${root.name}`)];
  });
  for (const command of commands) {
    const { length } = usageLine(command);
    if (length > SLACK.usageHint) problems.push(`${command.name}: its usage line has ${length} characters; Slack takes ${SLACK.usageHint}`);
    const help = command.summary.length + length + command.examples.join('\n').length;
    if (help > SLACK.sectionText) problems.push(`${command.name}: its help has ${help} characters; a Slack section takes ${SLACK.sectionText}`);
  }
  return problems;
}

/** `byRings` → `by-rings` */
export const optionName = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();

const rootOf = ({ root, name }: Command): string => root ?? (name.split(' ')[0] === 'incident' ? 'incident' : 'ops');

function child(roots: Map<string, Node>, name: string, description: string): Node {
  const found = roots.get(name) ?? { name, description, options: [] };
  roots.set(name, found);
  return found;
}

function branch(options: Node[], name: string): Node {
  const found = options.find((option) => option.name === name && !option.command);
  if (found) return found;
  const made: Node = { name, description: name, options: [] };
  options.push(made);
  return made;
}

/** `strict` is for exit codes, which chat has none of. */
function optionsOf(command: Command): Node[] {
  const fields = fieldsOf(command).map((field: NamedField) => ({
    name: optionName(field.name),
    description: field.words,
    options: [],
    required: field.required,
    ...(field.choices && { choices: field.choices }),
  }));
  return [...fields.filter(({ required }) => required), ...fields.filter(({ required }) => !required), { name: 'json', description: 'as JSON', options: [] }];
}

const charactersOf = (node: Node): number =>
  node.name.length +
  node.description.length +
  // A choice counts with its name and its value, which are the same.
  (node.choices ?? []).reduce((total, choice) => total + 2 * choice.length, 0) +
  node.options.reduce((total, option) => total + charactersOf(option), 0);

function nodeProblems(node: Node, path: string): string[] {
  const problems: string[] = [];
  if (!/^[-_\p{L}\p{N}]{1,32}$/u.test(node.name) || node.name !== node.name.toLowerCase()) {
    problems.push(`${path}: "${node.name}" is no name for Discord (lower case, at most ${DISCORD.name} letters, digits, - and _)`);
  }
  const { length } = node.description;
  if (length < 1 || length > DISCORD.description) problems.push(`${path}: its description has ${length} characters; Discord takes 1 to ${DISCORD.description}`);
  if (node.options.length > DISCORD.options) problems.push(`${path}: ${node.options.length} options; Discord takes ${DISCORD.options}`);
  const names = node.options.map(({ name }) => name);
  for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index))) problems.push(`${path}: "${name}" stands there twice`);
  const choices = node.choices ?? [];
  if (choices.length > DISCORD.choices) problems.push(`${path}: ${choices.length} choices; Discord takes ${DISCORD.choices}`);
  for (const choice of choices) if (choice.length > DISCORD.choice) problems.push(`${path}: the choice "${choice}" is longer than ${DISCORD.choice}`);
  return [...problems, ...node.options.flatMap((option) => nodeProblems(option, `${path} ${option.name}`))];
}
