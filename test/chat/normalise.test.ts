import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalise } from '../../src/chat/normalise.ts';
import { Refusal } from '../../src/lib/refusal.ts';

const plain = (line: string, platform: 'terminal' | 'slack' = 'terminal') => normalise(line, platform).plain;

describe('what phones make of a line is undone for the grammar', () => {
  test.each([
    ['reboot @kvm —batch 2', 'reboot @kvm -batch 2'],
    ['check @web ––json', 'check @web --json'],
    ['page web “db down”', 'page web "db down"'],
    ['page web „db down“', 'page web "db down"'],
    ['page web «db down»', 'page web "db down"'],
    ['check @prod\u00a0&\u202f@kvm\u3000', 'check @prod & @kvm'],
    ['check web[01–05]', 'check web[01-05]'],
    ['check web‑01', 'check web-01'],
    ['incident update now — later', 'incident update now — later'],
    ['incident update it’s', "incident update it's"],
    ['one\r\ntwo', 'one\ntwo'],
    ['a\tb', 'a b'],
  ])('%s', (typed, expected) => {
    expect(plain(typed)).toBe(expected);
  });

  test('what the person wrote is kept beside it, place for place', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('—', '–', '“', '’', ' ', '\u00a0', 'a', '🔥', '-', '[1', '\n', '&amp;', '<@U1|a>'), { maxLength: 40 }), (parts) => {
        const { typed, plain: read } = normalise(parts.join(''), 'slack');
        expect(read.length).toBe(typed.length);
      }),
    );
    expect(normalise('page web “it’s down”', 'discord').typed).toBe('page web “it’s down”');
  });
});

describe('what cannot be seen is refused by name and place', () => {
  test.each([
    ['check \u0007@web', 'Character 7 is a control character (U+0007); it cannot be seen and is not accepted. Nothing was done.'],
    ['check @web\u001b[31m', 'Character 11 is a control character (U+001B)'],
    ['a\u0000b', 'Character 2 is a control character (U+0000)'],
    ['a\u009bb', 'Character 2 is a control character (U+009B)'],
    ['🔥\u202eb', 'Character 2 is a direction override (U+202E)'],
    ['a\u2066b', 'Character 2 is a direction override (U+2066)'],
    ['we\u200bb', 'Character 3 is an invisible character (U+200B)'],
    ['a\ufeffb', 'Character 2 is an invisible character (U+FEFF)'],
    ['a\u{e0041}b', 'Character 2 is an invisible character (U+E0041)'],
    ['a\ud800b', 'Character 2 is half a character (U+D800)'],
  ])('%j', (line, message) => {
    expect(() => normalise(line, 'terminal')).toThrow(Refusal);
    expect(() => normalise(line, 'terminal')).toThrow(message);
  });

  test('emoji made of several, and writing from right to left, are seen', () => {
    expect(plain('incident update 👩‍🚒 می‌خواهم ❤️')).toBe('incident update 👩‍🚒 می‌خواهم ❤️');
  });
});

test('a line of more than 4,000 characters is refused before it is read', () => {
  expect(() => normalise('x'.repeat(4001), 'slack')).toThrow('This line has 4001 characters; at most 4000 are read.');
  expect(plain('x'.repeat(4000))).toHaveLength(4000);
});
