import { z } from 'zod';
import type { Path } from './document.ts';
import { oneOrMore, text, zone } from './fields.ts';
import { meant } from './meant.ts';
import type { Config } from './schema.ts';

/** What the public calls it; it stands in addresses of nothing, and is shown as it is written. */
const componentName = () =>
  z
    .string()
    .max(80, 'is longer than 80 characters')
    .regex(/^\S(.*\S)?$/, 'is empty, or begins or ends with a blank')
    .refine((name) => !/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(name), 'has signs in it that cannot be seen');

const ComponentEntry = z.strictObject({
  hosts: text().optional().describe('A target expression without `where`: what happens to these hosts happens to it'),
  services: oneOrMore(text()).default([]).describe('Services whose hosts are its hosts, too'),
  description: text().max(500, 'is longer than 500 characters').optional().describe('One line for the public'),
  group: componentName().optional().describe('Components of one group stand together under its name'),
  showcase: z.boolean({ error: 'must be `true` or `false`' }).default(true).describe('`false`: on the page only while something is wrong with it'),
});

/** Everything under `components:`: what the public sees, by the name it reads, in the order of the page. */
export const ComponentEntries = z.record(
  componentName(),
  ComponentEntry.nullable().transform((value) => value ?? ComponentEntry.parse({})),
);

/** Everything under `status:`: the page the public reads. Where it listens stands under `listen.public`. */
export const StatusEntry = z.strictObject({
  name: text().max(100, 'is longer than 100 characters').optional().describe('Whose page it is; `name` if unsaid'),
  url: z
    .url({ protocol: /^https?$/, error: 'must be a URL: `https://status.example.org`' })
    .refine((url) => !/[?#@]/.test(url), 'must be an address alone, without `?`, `#` or a password')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('Where the public reads it, for links in feeds; where it listens if unsaid'),
  zone: zone().optional().describe('The time zone of its times and days; `timezone` if unsaid'),
  about: text().max(1000, 'is longer than 1000 characters').optional().describe('A sentence under its heading'),
  support: z
    .url({ protocol: /^(https?|mailto)$/, error: 'must be a URL: `https://…`, or `mailto:…`' })
    .optional()
    .describe('Where whoever reads it asks further'),
});

/** What components say that does not hold. `wrongTarget` answers what is wrong with a target, if anything. */
export function checkComponents(config: Config, wrongTarget: (target: string) => string | undefined): { path: Path; says: string }[] {
  return [...Object.keys(config.components).flatMap((name) => checkComponent(name, config, wrongTarget)), ...checkServices(config)];
}

function checkComponent(name: string, config: Config, wrongTarget: (target: string) => string | undefined): { path: Path; says: string }[] {
  const problems: { path: Path; says: string }[] = [];
  const { hosts, services, group } = config.components[name] as Config['components'][string];
  const wrong = (path: Path, says: string): void => void problems.push({ path: ['components', name, ...path], says: `\`components.${name}\` ${says}` });
  const names = Object.keys(config.components);
  const twin = names.find((other) => other !== name && other.toLowerCase() === name.toLowerCase());
  if (twin !== undefined && names.indexOf(twin) < names.indexOf(name)) wrong([], `differs from \`${twin}\` only in its capitals: nobody could tell them apart`);
  const target = hosts === undefined ? undefined : wrongTarget(hosts);
  if (target) wrong(['hosts'], `has \`hosts\` that do not hold: ${target}`);
  else if (hosts !== undefined && /\bwhere\b/.test(hosts))
    wrong(['hosts'], 'has `hosts` made with `where`: facts change, and the public would read of another component than one thinks. Name groups');
  const known = [...new Set([...Object.keys(config.services), ...Object.keys(config.groups).filter((one) => config.groups[one]?.owner !== undefined)])];
  for (const [at, service] of services.entries())
    if (!known.includes(service)) wrong(['services', at], `names the service \`${service}\`, which there is not${meant(service, known)}`);
  if (group !== undefined && names.includes(group))
    wrong(['group'], `is in the group \`${group}\`, which is a component itself: call the group by another name`);
  return problems;
}

/** Where components are listed, a service that names another one has mistyped it; where none are, its words make them. */
function checkServices({ components, services }: Config): { path: Path; says: string }[] {
  const names = Object.keys(components);
  if (names.length === 0) return [];
  return Object.entries(services).flatMap(([service, said]) =>
    said.components.flatMap((name, at) =>
      Object.hasOwn(components, name)
        ? []
        : [
            {
              path: ['services', service, 'components', at],
              says: `\`services.${service}.components\` names \`${name}\`, and there is no such thing under \`components\`${meant(name, names)}`,
            },
          ],
    ),
  );
}
