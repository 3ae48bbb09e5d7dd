import type { Host } from '../host.ts';

/**
 * `{host}.bmc.example.org` for one host. Known are `{host}`, `{address}`, `{parent}`, `{site}` and the host's own
 * variables. Values become words of a command that may end in a shell elsewhere: only plain ones are filled in.
 */
export function fillTemplate(template: string, host: Host): { text: string } | { wrong: string } {
  let wrong: string | undefined;
  const text = template.replace(PLACEHOLDER, (_, name: string) => {
    const value = variable(name, host);
    if (value === undefined) wrong ??= `has \`{${name}}\`, and ${host.name} has no ${KNOWN.has(name) ? name : `variable \`${name}\``}`;
    else if (!PLAIN.test(value)) wrong ??= `has \`{${name}}\`, and what ${host.name} has for it is no plain word`;
    return value ?? '';
  });
  return wrong === undefined ? { text } : { wrong };
}

export const placeholdersOf = (template: string): string[] => [...template.matchAll(PLACEHOLDER)].map(([, name]) => name as string);

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
const KNOWN = new Set(['host', 'address', 'parent', 'site']);
/** Never an option, never anything a shell reads. */
const PLAIN = /^[A-Za-z0-9_:[][A-Za-z0-9_.:@%\]/+-]*$/;

function variable(name: string, host: Host): string | undefined {
  switch (name) {
    case 'host':
      return host.name;
    case 'address':
      return host.address;
    case 'parent':
      return host.parent;
    case 'site':
      return host.site;
  }
  const value = Object.hasOwn(host.vars, name) ? host.vars[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
