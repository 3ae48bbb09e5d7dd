import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { limitProblems } from '../../src/chat/limits.ts';
import { parseLine } from '../../src/chat/parse.ts';
import { at, meaning, WAYS } from './ways.ts';

const examples = commands.flatMap(({ examples: typed }) => typed);

describe('the same words mean the same, whatever brings them', () => {
  test('there is an example of every command, and no example is of another', () => {
    const shown = commands.filter(({ name, examples: typed }) => typed.some((line) => parseLine(line, commands, at('terminal')).command.name === name));
    expect(shown.map(({ name }) => name)).toEqual(commands.map(({ name }) => name));
  });

  describe.each(Object.entries(WAYS))('%s', (_, { platform, line }) => {
    test.each(examples)('%s', (typed) => {
      expect(meaning(line(typed, commands), commands, platform)).toEqual(meaning(typed, commands, 'terminal'));
    });
  });
});

test('every command fits Discord’s 25 options and 8,000 characters, and Slack’s lengths, by its definition', () => {
  expect(limitProblems(commands)).toEqual([]);
});
