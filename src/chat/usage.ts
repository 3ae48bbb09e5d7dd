import type { Command } from './command.ts';
import { fieldsOf, type NamedField } from './options.ts';

/** `reboot <target> [batch N] [by rings] [json]`: `<…>` must be said, `[…]` may be. */
export function usageLine(command: Command): string {
  const fields = fieldsOf(command);
  const parts: string[] = [];
  const done = new Set<string>();
  for (const field of [...fields.filter(isPositional), ...fields.filter((each) => !isPositional(each))]) {
    if (field.oneOf === undefined) parts.push(usagePart(field));
    else if (!done.has(field.oneOf)) {
      done.add(field.oneOf);
      const group = fields.filter(({ oneOf }) => oneOf === field.oneOf);
      parts.push(group.length === 1 ? usagePart(field) : `[${group.map(usageBody).join(' | ')}]`);
    }
  }
  return [command.name, ...parts, '[json]'].join(' ');
}

/** One field of it. */
export function usagePart(field: NamedField): string {
  if (!field.required) return `[${usageBody(field)}]`;
  return isPositional(field) ? `<${field.sample}>` : usageBody(field);
}

function usageBody(field: NamedField): string {
  return field.place === 'flag' ? field.keyword : [field.keyword, field.sample].filter(Boolean).join(' ');
}

const isPositional = ({ place }: NamedField): boolean => place === 'positional';
