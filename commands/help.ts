import { z } from 'zod';
import type { Card } from '../src/chat/card.ts';
import { type Command, defineCommand } from '../src/chat/command.ts';
import { didYouMean } from '../src/chat/nearest.ts';
import { fieldsOf, verb } from '../src/chat/options.ts';
import { usageLine, usagePart } from '../src/chat/usage.ts';
import { Refusal } from '../src/lib/refusal.ts';
import type { Ops } from '../src/ops.ts';
import { type Person, type Role, rank, strongestRole } from '../src/people.ts';

export const help = defineCommand({
  name: 'help',
  summary: 'Lists what you may do, or explains one command',
  examples: ['help', 'help check'],
  role: 'anyone',
  options: z.object({ verb: verb({ words: 'the command to explain' }).optional() }),
  async run({ options, actor }, ops) {
    const commands = ops.commands().filter(({ sandboxOnly }) => !sandboxOnly || ops.sandbox);
    if (options.verb !== undefined) {
      const found = named(options.verb, commands);
      return { card: explain(found, actor), json: { commands: found.map(describe) } };
    }
    const mine = commands.filter(({ role }) => may(actor, role));
    return { card: list(mine, commands, actor, ops), json: { commands: mine.map(describe) } };
  },
});

const may = (actor: Person, role: Role): boolean => rank(strongestRole(actor)) >= rank(role);

function list(mine: readonly Command[], all: readonly Command[], actor: Person, ops: Ops): Card {
  return {
    title: `${mine.length} commands, all after /ops; "help <verb>" explains one`,
    ...(ops.sandbox && { body: ['These are fake hosts: try anything.'] }),
    table: { columns: ['type', 'to'], rows: mine.map((command) => [usageLine(command).replace(/ \[json\]$/, ''), command.summary]) },
    fields: howToGetMore(mine, all, actor),
  };
}

function howToGetMore(mine: readonly Command[], all: readonly Command[], actor: Person): { name: string; value: string }[] {
  const others = all.filter((command) => !mine.includes(command));
  const fields = (['known', 'operator', 'admin'] as const).flatMap((role) => {
    const names = others.filter((command) => command.role === role).map(({ name }) => name);
    return names.length ? [{ name: role === 'known' ? 'once you are known' : `with the role ${role}`, value: names.join(', ') }] : [];
  });
  if (fields.length === 0) return [];
  const ask = strongestRole(actor) === 'anyone' ? 'an admin adds you to people in holdfast.yaml' : 'an admin gives you the role in holdfast.yaml';
  return [...fields, { name: 'how', value: ask }];
}

/** One command, or all that begin with the word: `help pause`. */
function named(typed: string, commands: readonly Command[]): Command[] {
  const asked = typed.replace(/^\/?ops /, '').replace(/^\//, '');
  const exact = commands.find(({ name, aliases }) => name === asked || aliases?.includes(asked));
  if (exact) return [exact];
  const family = commands.filter(({ name }) => name.startsWith(`${asked} `));
  if (family.length) return family;
  const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  throw new Refusal(`There is no command "${asked}" to explain.${didYouMean(asked, names)} Type help for the list.`);
}

function explain(commands: readonly Command[], actor: Person): Card {
  const [only] = commands;
  if (commands.length > 1 || !only) {
    return { title: `${commands.length} commands begin so`, table: { columns: ['type', 'to'], rows: commands.map((each) => [usageLine(each), each.summary]) } };
  }
  const fields = fieldsOf(only).map((field) => ({ name: usagePart(field), value: field.words }));
  return {
    title: usageLine(only),
    body: [`${only.summary}.`],
    fields: [
      ...fields,
      ...only.examples.map((example) => ({ name: 'example', value: `/ops ${example}` })),
      ...(only.aliases?.length ? [{ name: 'also', value: only.aliases.join(', ') }] : []),
      { name: 'who may', value: may(actor, only.role) ? `${only.role} (you may)` : `${only.role}; an admin gives the role in holdfast.yaml` },
    ],
  };
}

const describe = (command: Command) => ({
  name: command.name,
  usage: usageLine(command),
  summary: command.summary,
  role: command.role,
  examples: command.examples,
});
