import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import { toSvg } from '../docs/picture.ts';
import type { Command } from '../src/chat/command.ts';
import { parseLine } from '../src/chat/parse.ts';
import { loadConfig } from '../src/config/load.ts';
import type { ReadJob } from '../src/jobs.ts';
import { packageRoot } from '../src/root.ts';

const pagesIn = (folder: string): string[] =>
  readdirSync(join(packageRoot, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...pagesIn('docs'), ...pagesIn('docs/decisions')];
const read = (page: string): string => readFileSync(join(packageRoot, page), 'utf8');
const typedAt = { platform: 'terminal' as const, now: Date.UTC(2026, 10, 20), zone: 'UTC' };

describe('what the README tells people to type', () => {
  test.each(opsLines(read('README.md')))('%s', (line) => {
    const { name } = parseLine(line, commands, typedAt).command;
    expect(line.replace(/^\/ops /, '').slice(0, name.length)).toBe(name);
  });

  test('there are examples of every command', () => {
    const shown = new Set(opsLines(read('README.md')).map((line) => parseLine(line, commands, typedAt).command.name));
    expect(commands.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  test.each(npxLines())('%s', (line) => {
    const [verb = '', ...words] = shellWords(line.replace('npx holdfast ', ''));
    const help = spawnSync(
      process.execPath,
      [
        join(packageRoot, 'bin/holdfast.mjs'),
        verb,
        ...words.filter((word) => word.startsWith('--')).flatMap((flag) => [flag, ...wordAfter(flag, words)]),
        '--help',
      ],
      {
        encoding: 'utf8',
      },
    );
    expect(help.stderr).toBe('');
    expect(help.stdout).toMatch(new RegExp(`\\bholdfast ${verb}\\b`));
    expect(existsSync(join(packageRoot, 'src/cli', `${verb}.ts`)), `src/cli/${verb}.ts`).toBe(true);
  });

  test('the lines after exec parse, too', () => {
    const lines = npxLines().flatMap((line) => / exec .*'([^']+)'$/.exec(line)?.[1] ?? []);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(parseLine(line, commands, typedAt).command.name).toBeDefined();
  });

  test('its configuration holds', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-readme-'));
    try {
      writeFileSync(join(dir, 'inventory.ini'), '[web]\nweb01\n[db]\ndb01\n');
      writeFileSync(join(dir, 'holdfast.yaml'), block(read('README.md'), 'yaml'), { mode: 0o600 });
      const { fleet } = await loadConfig(join(dir, 'holdfast.yaml'), { env: {}, home: dir });
      expect([...fleet.hosts.keys()]).toEqual(['web01', 'db01']);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  const anchors = (file: string): string[] =>
    [...read(file).matchAll(/^#+ (.+)$/gm)].map(
      ([, title = '']) =>
        `#${title
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );
  for (const link of links) {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    expect(existsSync(join(packageRoot, file)), link).toBe(true);
    if (anchor !== undefined) expect(anchors(file), link).toContain(`#${anchor}`);
  }
});

describe('the example in CONTRIBUTING', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-example-'));
  const files = [...read('CONTRIBUTING.md').matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, path = '', text = '']) => ({ path, text }));

  beforeAll(() => {
    for (const name of ['src', 'node_modules', 'package.json']) symlinkSync(join(packageRoot, name), join(dir, name));
    for (const { path, text } of files) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ extends: join(packageRoot, 'tsconfig.json'), include: ['commands', 'jobs'] }));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test('compiles', () => {
    expect(files.map(({ path }) => path)).toEqual(['jobs/reach.ts', 'commands/reach.ts']);
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', dir], { encoding: 'utf8' });
    // Only what is wrong with the example; the rest of the tree has npm run check.
    expect(stdout.split('\n').filter((line) => /(commands|jobs)\/reach\.ts/.test(line))).toEqual([]);
    expect(stdout).not.toMatch(/error TS(5|6|18)\d{3}/);
  });

  test('can be typed, and its own examples parse', async () => {
    const { reach } = (await import(join(dir, 'commands/reach.ts'))) as { reach: Command };
    for (const example of [...reach.examples, ...opsLines(read('CONTRIBUTING.md'))]) {
      expect(parseLine(example, [...commands, reach], typedAt).command).toBe(reach);
    }
    expect(parseLine('reach @all many', [...commands, reach], typedAt).options).toEqual({ target: '@all', many: true });
  });

  test('takes an answer for whole only with its last line', async () => {
    const { reach } = (await import(join(dir, 'jobs/reach.ts'))) as { reach: ReadJob };
    const answers = (stdout: string) => async () => ({ reach: 'ok' as const, code: 0, stdout, stderr: '', cut: false, ms: 3 });
    const act = (stdout: string) =>
      reach.act({ name: 'web01' } as Parameters<ReadJob['act']>[0], { params: {}, script: answers(stdout) } as unknown as Parameters<ReadJob['act']>[1]);
    expect(await act('hostname=web01\nend=reach v1\n')).toMatchObject({ host: 'web01', outcome: 'ok' });
    expect(await act('hostname=web01\n')).toMatchObject({ outcome: 'failed' });
  });
});

describe('the picture', () => {
  test('shows lines as they were said, and markup in them stays text', () => {
    const svg = toSvg(['holdfast> /ops check @web & @kvm', '✓ web[01-06] ok', '<script>alert(1)</script>', 'x'.repeat(200)]);
    expect(svg).toContain('>✓ web[01-06] ok</text>');
    expect(svg).toContain('@web &amp; @kvm');
    expect(svg).not.toContain('<script>');
    expect(svg).toContain(`${'x'.repeat(103)}…`);
  });

  test('is of this program: it begins with the README line, and no error is in it', () => {
    const svg = read('docs/picture.svg');
    expect(svg).toContain('$ npm start');
    expect(svg).toContain('/ops check @web');
    expect(svg).toContain('web[01-06] ok');
    expect(svg).not.toMatch(/Something of ours failed|\be-[0-9a-f]{8}\b/);
  });
});

/** Whole lines of code blocks, and what stands in back-ticks; the explanation after several blanks is left out. */
function opsLines(page: string): string[] {
  const blocks = [...page.matchAll(/```\n([\s\S]*?)```/g)].flatMap(([, text = '']) => text.split('\n')).filter((line) => line.startsWith('/ops '));
  const inline = [...page.replace(/```[\s\S]*?```/g, '').matchAll(/`(\/ops [^`]+)`/g)].map(([, line = '']) => line);
  return [...new Set([...blocks.map((line) => line.split(/ {2,}/)[0] as string), ...inline])];
}

function npxLines(): string[] {
  return [
    ...new Set(PAGES.flatMap((page) => [...read(page).matchAll(/npx holdfast [^`\n#]+/g)].map(([line]) => line.split(/ {2,}/)[0]?.trim() as string))),
  ].filter((line) => !line.includes('--version'));
}

function shellWords(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? (plain as string));
}

function wordAfter(flag: string, words: string[]): string[] {
  const next = words[words.indexOf(flag) + 1];
  return next === undefined || next.startsWith('--') || flag.includes('=') ? [] : [next];
}

function block(page: string, language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] as string;
}
