import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { factsPage } from '../../docs/facts.ts';
import { limitProblems } from '../../src/chat/limits.ts';
import { parseLine } from '../../src/chat/parse.ts';
import { reference } from '../../src/chat/reference.ts';
import { packageRoot } from '../../src/root.ts';

const context = { platform: 'terminal' as const, now: Date.parse('2026-11-20T09:00:00Z'), zone: 'UTC' };

describe.each(['commands', 'jobs'])('%s', (room) => {
  const files = readdirSync(join(packageRoot, room)).filter((name) => name.endsWith('.ts') && name !== 'index.ts');

  test.each(files)('%s is in the index', async (file) => {
    const listed = Object.values((await import(join(packageRoot, room, 'index.ts'))) as object).flat();
    const own = Object.values((await import(join(packageRoot, room, file))) as object).flat();
    expect(listed.some((each) => own.includes(each))).toBe(true);
  });
});

test.each(commands.flatMap(({ name, examples }) => examples.map((example) => [example, name] as const)))('the example "%s" is understood', (example, name) => {
  expect(parseLine(example, commands, context).command.name).toBe(name);
  expect(parseLine(`/ops ${example}`, commands, { ...context, platform: 'slack' }).command.name).toBe(name);
});

test('every command has an example, and no two have the same name', () => {
  for (const { name, examples } of commands) expect([name, examples.length > 0]).toEqual([name, true]);
  const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
});

test('every command fits Discord and Slack', () => {
  expect(limitProblems(commands)).toEqual([]);
});

test('docs/commands.md is what the definitions say (npm run docs writes it)', () => {
  expect(readFileSync(join(packageRoot, 'docs', 'commands.md'), 'utf8')).toBe(reference(commands));
});

test('docs/facts.md is what the catalogue says (npm run docs writes it)', () => {
  expect(readFileSync(join(packageRoot, 'docs', 'facts.md'), 'utf8')).toBe(factsPage());
});
