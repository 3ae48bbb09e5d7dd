import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { packageRoot } from '../../../src/root.ts';

const FILE = join(process.env.HOLDFAST_SPECS ?? join(packageRoot, '..', 'shared', 'specs'), 'discord-openapi.json');

/** Whether Discord's own description is here; without it the written rules are still held. */
export const hasSchema = existsSync(FILE);
export const noSchema = `not checked against Discord's schema: ${FILE} is absent (HOLDFAST_SPECS names the folder)`;

/** Compiling takes a second or two of the one thread a test has: done before anything is timed. */
export function warmSchema(): void {
  for (const [method, path] of WARM) schemaProblems(method as string, path as string, {});
}

const WARM = [
  ['POST', '/channels/1/messages'],
  ['PATCH', '/channels/1/messages/1'],
  ['POST', '/interactions/1/x/callback'],
  ['PATCH', '/webhooks/1/x/messages/@original'],
  ['PUT', '/applications/1/guilds/1/commands'],
  ['PUT', '/applications/1/commands'],
  ['POST', '/users/@me/channels'],
];

type Check = (body: unknown) => string[];

let spec: { paths: Record<string, Record<string, { requestBody?: { content: Record<string, unknown> } } | undefined>> } | undefined;
let ajv: Ajv2020 | undefined;
const known = new Map<string, Check>();

/** What Discord's description says against a JSON body; nothing where it describes none, or is not here. */
export function schemaProblems(method: string, path: string, body: unknown): string[] {
  if (!hasSchema) return [];
  spec ??= JSON.parse(readFileSync(FILE, 'utf8')) as NonNullable<typeof spec>;
  const route = Object.keys(spec.paths).find((one) => templateOf(one).test(path) && spec?.paths[one]?.[method.toLowerCase()]);
  if (!route) return [`${method} ${path} is no route of Discord's`];
  const key = `${method} ${route}`;
  const check = known.get(key) ?? compile(method.toLowerCase(), route);
  known.set(key, check);
  return check(body);
}

function compile(method: string, route: string): Check {
  if (!spec?.paths[route]?.[method]?.requestBody?.content['application/json']) return () => [];
  if (!ajv) {
    ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
    for (const format of ['snowflake', 'nonce', 'int53', 'int64', 'int32', 'double', 'uri', 'date-time']) ajv.addFormat(format, true);
    ajv.addSchema(spec as object, 'discord');
  }
  const pointer = ['paths', route, method, 'requestBody', 'content', 'application/json', 'schema'].map((part) =>
    encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1')),
  );
  const validate = ajv.compile({ $ref: `discord#/${pointer.join('/')}` });
  return (body) => (validate(body) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'the body'} ${message}`));
}

const templateOf = (route: string): RegExp => new RegExp(`^${route.replace(/[.@]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`);
