import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineCommand } from '../../src/chat/command.ts';
import { commandTree, limitProblems } from '../../src/chat/limits.ts';
import { because, choice, count, fieldsOf, target, text } from '../../src/chat/options.ts';
import { reference } from '../../src/chat/reference.ts';
import { usageLine } from '../../src/chat/usage.ts';
import { verbs } from './verbs.ts';

const usage = (name: string) => usageLine(verbs.find((verb) => verb.name === name) as (typeof verbs)[number]);
const command = (name: string, options: z.ZodRawShape, summary = 'Does it') =>
  defineCommand({ name, summary, examples: [name], role: 'anyone', options: z.object(options), run: async () => ({}) });

describe('one definition makes the usage line', () => {
  test.each([
    ['check', 'check <target> [json]'],
    ['reboot', 'reboot <target> [batch N] [by rings] [at mon 09:00] [because …] [plan] [json]'],
    ['pause updates', 'pause updates <target> [source word] [for 7d | until mon 09:00] [because …] [json]'],
    ['show', 'show <id|target|list> [json]'],
    ['ack', 'ack [PG1] [for 7d] [json]'],
    ['release slot', 'release slot <host> because … [json]'],
    ['incident open', 'incident open <"text"> [severity critical|major|minor] [affects target] [json]'],
  ])('%s', (name, expected) => {
    expect(usage(name)).toBe(expected);
  });

  test('a bound on a value keeps its words', () => {
    const [field] = fieldsOf(command('x', { batchSize: count({ words: 'at once' }).max(9).optional() }));
    expect(field).toMatchObject({ name: 'batchSize', keyword: 'batch size', words: 'at once', required: false });
  });

  test('an option that is declared by hand is our mistake, and says which', () => {
    expect(() => fieldsOf(command('x', { y: z.string() }))).toThrow('x: y: declare it with a kind of src/chat/options.ts');
  });
});

describe('every verb there will be fits the platforms', () => {
  test('nothing would be refused', () => {
    expect(limitProblems(verbs)).toEqual([]);
  });

  test('Discord gets three roots, with two-word verbs grouped and required options first', () => {
    const tree = commandTree(verbs);
    expect(tree.map(({ name }) => name).sort()).toEqual(['incident', 'oncall', 'ops']);
    const ops = tree.find(({ name }) => name === 'ops');
    expect(ops?.options.find(({ name }) => name === 'pause')?.options.map(({ name }) => name)).toEqual(['updates', 'alerts']);
    expect(ops?.options.find(({ name }) => name === 'exclude')?.options.map(({ name }) => name)).toEqual([
      'target',
      'because',
      'from-package',
      'from-job',
      'until',
      'json',
    ]);
    expect(tree.find(({ name }) => name === 'oncall')?.options.map(({ name }) => name)).toContain('page');
  });

  test('what does not fit is named', () => {
    const many = Array.from({ length: 26 }, (_, n) => command(`verb${n}`, {}));
    expect(limitProblems(many)).toEqual(['/ops: 26 options; Discord takes 25']);
    expect(limitProblems([command('x', {}, 's'.repeat(101))])).toEqual(['/ops x: its description has 101 characters; Discord takes 1 to 100']);
    expect(limitProblems([command('x', { y: choice(Array.from({ length: 26 }, (_, n) => `c${n}`) as [string, ...string[]]) })])).toEqual([
      '/ops x y: 26 choices; Discord takes 25',
    ]);
    expect(limitProblems([command('x', {}), command('x', {})])).toEqual(['/ops: "x" stands there twice']);
    const wordy = Array.from({ length: 20 }, (_, n) =>
      command(`verb${n}`, Object.fromEntries(Array.from({ length: 5 }, (_, m) => [`o${m}`, count({ words: 'w'.repeat(90) })]))),
    );
    expect(limitProblems(wordy)[0]).toMatch(/^\/ops has \d+ characters; Discord takes 8000$/);
  });
});

test('the reference lists each command with its usage, its options, its examples', () => {
  const page = reference([command('alpha', { target: target({ words: 'hosts | groups' }), because: because().optional() }), command('beta', { text: text() })]);
  expect(page).toContain('| [`alpha`](#alpha) | Does it | anyone |');
  expect(page).toContain('```\nalpha <target> [because …] [json]\n```');
  expect(page).toContain('| `<target>` | hosts \\| groups |');
  expect(page).toContain('/ops beta');
});
