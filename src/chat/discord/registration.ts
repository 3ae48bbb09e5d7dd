import { ApplicationCommandType, ApplicationCommandOptionType as Is, Routes } from 'discord-api-types/v10';
import type { Log } from '../../ops.ts';
import type { Command } from '../command.ts';
import { commandTree, type Node, optionName } from '../limits.ts';
import { fieldsOf, type NamedField } from '../options.ts';
import { cut } from './markdown.ts';
import type { Rest } from './rest.ts';

/** The command of the menu on a message. */
export const ADD_TO_TIMELINE = 'Add to timeline';

export interface Registered {
  type: number;
  name: string;
  description?: string;
  required?: boolean;
  autocomplete?: boolean;
  min_value?: number;
  choices?: { name: string; value: string }[];
  options?: Registered[];
  contexts?: number[];
  integration_types?: number[];
}

/** What is registered with Discord, made from the definitions: roots, groups, verbs, and typed options. */
export function registrationOf(commands: readonly Command[], global: boolean): Registered[] {
  // In a server and alone with the bot; commands of one server stand nowhere else.
  const where = global ? { contexts: [0, 1], integration_types: [0] } : {};
  return [
    ...commandTree(commands).map(({ name, description, options }) => ({
      type: ApplicationCommandType.ChatInput,
      name,
      description,
      options: options.map(branchOf),
      ...where,
    })),
    ...(commands.some(({ name }) => name === 'incident note') ? [{ type: ApplicationCommandType.Message, name: ADD_TO_TIMELINE, ...where }] : []),
  ];
}

/**
 * Registers them on the configured server, else for all: only when something differs from what is there (200 a day may be made).
 * Ours that stand in the other place from an earlier configuration are taken away. Throws what the library throws.
 */
export async function register(world: { rest: Rest; application: string; server: string | undefined; commands: readonly Command[]; log: Log }): Promise<void> {
  const { rest, application, server } = world;
  const wanted = registrationOf(world.commands, server === undefined);
  const path = server === undefined ? Routes.applicationCommands(application) : Routes.applicationGuildCommands(application, server);
  const there = await rest.call<Registered[]>(path);
  if (!sameCommands(there, wanted)) {
    await rest.call(path, { method: 'PUT', body: wanted });
    world.log.info({ commands: wanted.map(({ name }) => name) }, 'the commands were registered with Discord');
  }
  if (server === undefined) return;
  const everywhere = await rest.call<Registered[]>(Routes.applicationCommands(application));
  const others = everywhere.filter(({ name, type }) => !wanted.some((one) => one.name === name && one.type === type));
  if (others.length < everywhere.length) await rest.call(Routes.applicationCommands(application), { method: 'PUT', body: others });
}

export function sameCommands(a: readonly Registered[], b: readonly Registered[]): boolean {
  const say = (commands: readonly Registered[]): string =>
    JSON.stringify(commands.map(essence).sort((x, y) => (`${x.type}${x.name}` < `${y.type}${y.name}` ? -1 : 1)));
  return say(a) === say(b);
}

/** What counts of it, without what Discord adds and leaves out. */
function essence({ type, name, description, required, autocomplete, min_value, choices, options }: Registered): Registered {
  return {
    type,
    name,
    ...(description && { description }),
    ...(required && { required }),
    ...(autocomplete && { autocomplete }),
    ...(min_value !== undefined && { min_value }),
    ...(choices?.length && { choices: choices.map(({ name, value }) => ({ name, value })) }),
    ...(options?.length && { options: options.map(essence) }),
  };
}

function branchOf(node: Node): Registered {
  const { name, command } = node;
  const description = cut(node.description, DESCRIPTION);
  if (!command) return { type: Is.SubcommandGroup, name, description, options: node.options.map(branchOf) };
  const fields = new Map(fieldsOf(command).map((field) => [optionName(field.name), field]));
  return { type: Is.Subcommand, name, description, options: node.options.map((option) => leafOf(option, fields.get(option.name))) };
}

/** One that is too long is cut rather than all commands refused. */
const DESCRIPTION = 100;

/** Where values are suggested while somebody types. */
const SUGGESTED: readonly NamedField['kind'][] = ['target', 'thing', 'host', 'person', 'id', 'verb', 'word'];

function leafOf({ name, description, required, choices }: Node, field: NamedField | undefined): Registered {
  const said = { name, description: cut(description, DESCRIPTION), ...(required && { required }) };
  if (!field || field.kind === 'flag') return { type: Is.Boolean, ...said };
  if (field.kind === 'count') return { type: Is.Integer, min_value: 1, ...said };
  if (choices?.length) return { type: Is.String, ...said, choices: choices.map((choice) => ({ name: choice, value: choice })) };
  return { type: Is.String, ...said, ...(SUGGESTED.includes(field.kind) && { autocomplete: true }) };
}
