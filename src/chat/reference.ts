import type { Command } from './command.ts';
import { fieldsOf } from './options.ts';
import { usageLine, usagePart } from './usage.ts';

/** docs/commands.md, whole, from the definitions. */
export function reference(commands: readonly Command[]): string {
  const sorted = [...commands].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    '# Commands',
    '',
    '<!-- Written by `npm run docs` from commands/*.ts. Change those, not this file. -->',
    '',
    "Type them after `/ops`, or in a shell with `holdfast exec '…'`. `<…>` must be said, `[…]` may be. Options are found wherever",
    'they stand and work with and without dashes: `--batch 2`, `batch 2` and `batch=2` are the same. Every command takes `json`',
    '(one document on one line) and `strict` (findings count as failure).',
    '',
    '| Command | Does | Who may |',
    '|---|---|---|',
    ...sorted.map((command) => `| [\`${command.name}\`](#${anchor(command)}) | ${cell(command.summary)} | ${command.role} |`),
    '',
    ...sorted.flatMap(section),
  ].join('\n');
}

function section(command: Command): string[] {
  const fields = fieldsOf(command);
  return [
    `## ${command.name}`,
    '',
    `${command.summary}.${command.sandboxOnly ? ' Only in the sandbox.' : ''}`,
    '',
    '```',
    usageLine(command),
    '```',
    '',
    ...(fields.length ? ['| Option | Means |', '|---|---|', ...fields.map((field) => `| \`${cell(usagePart(field))}\` | ${cell(field.words)} |`), ''] : []),
    ...(command.aliases?.length ? [`Also typed as: ${command.aliases.map((name) => `\`${name}\``).join(', ')}.`, ''] : []),
    'For example:',
    '',
    '```',
    ...command.examples.map((example) => `/ops ${example}`),
    '```',
    '',
  ];
}

const anchor = ({ name }: Command): string => name.replaceAll(' ', '-');
const cell = (text: string): string => text.replaceAll('|', '\\|');
