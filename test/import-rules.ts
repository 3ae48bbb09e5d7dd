/** One import as it stands in a file; `to` is a path from the package's root, or the name of a package. */
export interface Import {
  to: string;
  /** Removed by the compiler: it shares a shape and ties nothing at run time. */
  typeOnly: boolean;
}

export interface Rule {
  name: string;
  breaks(file: string, { to, typeOnly }: Import): boolean;
  /** A line that breaks it, and where; the rule is tested with it. */
  bad: { file: string; line: string };
}

const inside =
  (...places: string[]) =>
  (path: string): boolean =>
    places.some((place) => path === place || path.startsWith(place));

const own =
  (...packages: string[]) =>
  (to: string): boolean =>
    packages.some((name) => to === name || to.startsWith(`${name}/`));

/** One vendor package lives in one room, so that replacing it is work in one room. */
const vendor = (packages: string[], rooms: string[], bad: Rule['bad']): Rule => ({
  name: `${packages.join(', ')} only in ${rooms.join(', ')}`,
  breaks: (file, { to }) => own(...packages)(to) && !inside(...rooms)(file),
  bad,
});

/** biome.json says the same to editors; here they are said where `npm test` shows them, and told types from values. */
export const RULES: Rule[] = [
  {
    name: 'src never imports commands or jobs; main.ts puts them together',
    breaks: (file, { to }) => inside('src/')(file) && file !== 'src/main.ts' && inside('commands/', 'jobs/')(to),
    bad: { file: 'src/reading/bad.ts', line: `import { check } from '../../jobs/check.ts';` },
  },
  {
    name: 'jobs never import commands',
    breaks: (file, { to }) => inside('jobs/')(file) && inside('commands/')(to),
    bad: { file: 'jobs/bad.ts', line: `import { check } from '../commands/check.ts';` },
  },
  {
    name: 'nothing below imports what chat does; the shapes of a card and a command may be named',
    breaks: (file, { to, typeOnly }) =>
      inside('src/chat/')(to) && !typeOnly && !inside('src/chat/', 'src/deliver/', 'src/cli/', 'src/main.ts', 'commands/')(file),
    bad: { file: 'src/store/bad.ts', line: `import { parseLine } from '../chat/parse.ts';` },
  },
  {
    name: 'incident, escalation and rollout decide without any I/O',
    breaks: (file, { to, typeOnly }) =>
      inside('src/incident/', 'src/escalation/', 'src/rollout/')(file) &&
      !typeOnly &&
      (inside('src/store/', 'src/queue/', 'src/fleet/ssh/', 'src/sandbox/', 'src/deliver/', 'src/control/')(to) ||
        (to.startsWith('node:') && to !== 'node:crypto')),
    bad: { file: 'src/rollout/bad.ts', line: `import { readFileSync } from 'node:fs';` },
  },
  vendor(['bullmq', 'ioredis'], ['src/queue/'], { file: 'src/reading/bad.ts', line: `import { Queue } from 'bullmq';` }),
  vendor(['ssh2'], ['src/fleet/ssh/', 'src/sandbox/'], { file: 'src/doctor.ts', line: `import ssh2 from 'ssh2';` }),
  vendor(['pg', '@electric-sql'], ['src/store/'], { file: 'src/queue/bad.ts', line: `import { PGlite } from '@electric-sql/pglite';` }),
  vendor(['yaml', 'ssh-config'], ['src/config/', 'src/fleet/inventory/', 'src/fleet/ssh/', 'src/sandbox/'], {
    file: 'commands/bad.ts',
    line: `import { parse } from 'yaml';`,
  }),
  vendor(['@slack'], ['src/chat/slack/'], { file: 'src/deliver/bad-slack.ts', line: `import { WebClient } from '@slack/web-api';` }),
  vendor(['@discordjs', 'discord.js', 'discord-api-types'], ['src/chat/discord/'], {
    file: 'src/deliver/bad-discord.ts',
    line: `import { REST } from '@discordjs/rest';`,
  }),
  vendor(['@peculiar'], ['src/sandbox/'], { file: 'src/fleet/bad.ts', line: `import { X509Certificate } from '@peculiar/x509';` }),
  vendor(['nodemailer'], ['src/deliver/channels/'], { file: 'src/deliver/bad.ts', line: `import nodemailer from 'nodemailer';` }),
  vendor(['croner'], ['src/cron.ts'], { file: 'src/store/bad.ts', line: `import { Cron } from 'croner';` }),
  vendor(['prom-client'], ['src/watch/'], { file: 'src/store/bad.ts', line: `import { Registry } from 'prom-client';` }),
  vendor(['hono', '@hono', 'ical-generator'], ['src/ingest/', 'src/status/'], { file: 'src/deliver/bad.ts', line: `import { Hono } from 'hono';` }),
];

const STATEMENT = /^\s*(?:import|export)\s+(type\s+)?(\*(?:\s+as\s+[\w$]+)?|\{[^}]*\}|[\w$]+(?:\s*,\s*\{[^}]*\})?)\s+from\s+'([^']+)'/gm;
const BARE = /^\s*import\s+'([^']+)'/gm;
/** `import('x').Name` names a type; `await import('x')` and `() => import('x')` load. */
const LATE = /\bimport\('([^']+)'\)(\.[A-Z])?/g;

/** Every import of a file, static, bare, late and in types. */
export function importsOf(file: string, text: string): Import[] {
  const at = (specifier: string): string => (specifier.startsWith('.') ? resolveFrom(file, specifier) : specifier);
  return [
    ...[...text.matchAll(STATEMENT)].map(([, type, names = '', to = '']) => ({ to: at(to), typeOnly: type !== undefined || allTypes(names) })),
    ...[...text.matchAll(BARE)].map(([, to = '']) => ({ to: at(to), typeOnly: false })),
    ...[...text.matchAll(LATE)].map(([, to = '', type]) => ({ to: at(to), typeOnly: type !== undefined })),
  ];
}

/** What a file breaks, as a person would say it. */
export function brokenRules(file: string, text: string): string[] {
  return importsOf(file, text).flatMap((one) => RULES.filter((rule) => rule.breaks(file, one)).map((rule) => `${file} imports ${one.to}: ${rule.name}`));
}

function allTypes(names: string): boolean {
  if (!names.startsWith('{')) return false;
  const each = names
    .slice(1, -1)
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return each.length > 0 && each.every((name) => name.startsWith('type '));
}

function resolveFrom(file: string, specifier: string): string {
  return new URL(specifier, `file:///${file}`).pathname.slice(1);
}
