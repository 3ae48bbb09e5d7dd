import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { wrongKey } from './automation.ts';
import { wrongToken } from './chat.ts';
import type { Path } from './document.ts';
import { wrongSenderKey } from './integrations.ts';
import type { Config } from './schema.ts';
import { isSecret, type Secret, secret } from './secret.ts';

export interface SecretProblem {
  path: Path;
  says: string;
}

export interface SecretSources {
  /** The configuration file; `${file:…}` is relative to its folder. */
  file: string;
  /** Its permission bits. */
  mode: number;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
}

/** Puts what `${env:X}` and `${file:…}` stand for into every secret of a configuration, in place. */
export async function fillSecrets(config: Config, sources: SecretSources): Promise<SecretProblem[]> {
  const problems: SecretProblem[] = [];
  for (const { path, holder, key, written } of secretsIn(config, [])) {
    const text = written.reveal();
    const literal = literalIn(text, path);
    if (literal && sources.mode & 0o004) problems.push({ path, says: sayExposed(path, literal, sources) });
    const { value, wrong } = await fill(text, sources);
    const says = wrong ?? (path[0] === 'integrations' ? wrongSenderKey(value, 'kind' in holder && holder.kind === 'healthchecks') : formOf(value, path));
    if (says === undefined) holder[key] = secret(value);
    else problems.push({ path, says: `\`${path.join('.')}\` ${says}` });
  }
  return problems;
}

interface Place {
  path: Path;
  holder: Record<string | number, unknown>;
  key: string | number;
  written: Secret;
}

function secretsIn(value: unknown, path: Path): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string | number, unknown>;
  return Object.entries(holder).flatMap(([key, inner]) => {
    const here = [...path, key];
    return isSecret(inner) ? [{ path: here, holder, key, written: inner }] : secretsIn(inner, here);
  });
}

const REFERENCE = /\$\{([^}]*)\}/g;

async function fill(text: string, sources: SecretSources): Promise<{ value: string; wrong?: string }> {
  let value = '';
  let from = 0;
  for (const found of text.matchAll(REFERENCE)) {
    const [whole, reference = ''] = found;
    const read = await follow(reference.trim(), whole, sources);
    if (read.wrong !== undefined) return { value: '', wrong: read.wrong };
    // Inside a URL a password may hold `@` and `/`; what is the whole value is taken as it is.
    value += text.slice(from, found.index) + (whole === text ? read.value : encodeURIComponent(read.value));
    from = found.index + whole.length;
  }
  return { value: value + text.slice(from) };
}

async function follow(reference: string, whole: string, { file, env, home }: SecretSources): Promise<{ value: string; wrong?: string }> {
  const [, kind, name = ''] = /^(env|file):(.+)$/.exec(reference) ?? [];
  if (kind === 'env') {
    const value = env[name];
    return value ? { value } : { value: '', wrong: `reads ${whole}, and ${name} is not set in the environment of Holdfast` };
  }
  if (kind !== 'file') return { value: '', wrong: `has ${whole}: write \${env:NAME} or \${file:path}` };
  const path = resolve(dirname(file), name.replace(/^~(?=\/)/, home));
  try {
    const value = (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
    return value ? { value } : { value: '', wrong: `reads ${whole}, and ${path} is empty` };
  } catch (error) {
    return { value: '', wrong: `reads ${whole}, and ${path} ${sayUnreadable(error as NodeJS.ErrnoException)}` };
  }
}

function sayUnreadable(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'does not exist';
  if (error.code === 'EISDIR') return 'is a folder';
  return `cannot be read (${error.code ?? error.message})`;
}

/** The part of a secret that stands in the file itself. */
function literalIn(text: string, path: Path): string | undefined {
  if (path[0] === 'people') return text.includes('${') ? undefined : path.at(-1) === 'webhook' ? 'a secret URL' : 'a secret topic';
  if (path[0] === 'watch' || path[0] === 'watchdog') return text.includes('${') ? undefined : 'a secret URL';
  if (path[0] === 'providers') return text.includes('${') ? undefined : 'a secret';
  if (path[0] === 'power') return text.includes('${') ? undefined : path.at(-1) === 'password' ? 'a password' : 'a secret';
  if (path[0] === 'automation' || path[0] === 'integrations' || path[0] === 'heartbeats') return text.includes('${') ? undefined : 'a key';
  if (path[0] === 'slack' || path[0] === 'discord') return text.includes('${') ? undefined : path[1] === 'signing_secret' ? 'a secret' : 'a token';
  const [before = '', query = ''] = text.split('?', 2);
  const password = /:\/\/[^/@\s]*?:(\S+)@/.exec(before)?.[1] ?? /(?:^|&)(?:sentinel-)?password=([^&\s]+)/.exec(query)?.[1];
  return password && !password.includes('${') ? 'a password' : undefined;
}

function sayExposed(path: Path, literal: string, { file, mode }: SecretSources): string {
  const instead = INSTEAD[String(path[0])] ?? `${path[0] === 'redis' ? 'redis' : 'postgres'}://user:\${file:password}@host`;
  const bits = (mode & 0o777).toString(8).padStart(4, '0');
  return `\`${path.join('.')}\` holds ${literal}, and everyone on this machine can read the file (mode ${bits}): \`chmod 600 ${file}\`, or keep it apart as \`${instead}\` or \`\${env:NAME}\``;
}

const INSTEAD: Record<string, string> = {
  people: '${file:topic}',
  power: '${file:bmc-password}',
  automation: '${file:key}',
  integrations: '${file:key}',
  heartbeats: '${file:key}',
  providers: '${file:secret}',
  watch: '${file:secret}',
  watchdog: '${file:secret}',
  slack: '${file:slack-token}',
  discord: '${file:discord-token}',
};

/** What is wrong with the form of a secret once it is known; never quotes it. */
export function formOf(value: string, path: Path): string | undefined {
  const [section, key] = path;
  if (section === 'watch' || section === 'watchdog' || (section === 'people' && path.at(-1) === 'webhook'))
    return /^https?:\/\/\S+$/.test(value) ? undefined : 'must be a URL: `https://hc-ping.com/…`';
  if (section === 'slack' || section === 'discord') return wrongToken(value, `${section}.${key}`);
  if (section === 'automation') return wrongKey(value);
  if (section === 'heartbeats') return wrongSenderKey(value, false);
  if (section === 'database' && !/^postgres(ql)?:\/\/\S+$/.test(value)) return 'must be the URL of a Postgres server: `postgres://user@host:5432/name`';
  if (section === 'redis' && !/^rediss?([+-](sentinel|cluster))?:\/\/\S+$/.test(value))
    return 'must be the URL of a Redis server: `redis://host:6379`, `redis+sentinel://host1:26379,host2:26379/name` or `redis+cluster://host1:6379,host2:6379`; `rediss` is TLS';
  if (section === 'people' && path.at(-1) === 'webhook')
    return /^https?:\/\/\S+$/.test(value) && URL.canParse(value) ? undefined : 'must be a URL: `https://…`';
  if (section === 'people' && !/^(https?:\/\/\S+|[A-Za-z0-9_-]{1,64})$/.test(value)) return 'must be an ntfy topic (letters, digits, `_` and `-`) or its URL';
  return undefined;
}
