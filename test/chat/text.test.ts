import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neutral, renderText } from '../../src/chat/text.ts';

test('a card is its title, its words, its table, the lines to type, and its whole output', () => {
  const text = renderText({
    title: '2 of 8 need you',
    tone: 'bad',
    body: ['web[01-06] ok'],
    fields: [
      { name: 'asked', value: '8 hosts' },
      { name: 'why', value: 'one line\nand another' },
    ],
    table: {
      columns: ['host', 'finding'],
      rows: [
        ['db1', 'disk full'],
        ['web07', 'no answer'],
      ],
    },
    actions: [
      { label: 'Ask again', command: 'check @down' },
      { label: 'Stop', command: '/ops stop' },
    ],
    attachment: { name: 'check.txt', text: 'db1 disk full\n' },
  });
  expect(text.split('\n')).toEqual([
    '✗ 2 of 8 need you',
    'web[01-06] ok',
    'asked:  8 hosts',
    'why:    one line',
    '        and another',
    'HOST   FINDING',
    'db1    disk full',
    'web07  no answer',
    '  /ops check @down   [Ask again]',
    '  /ops stop   [Stop]',
    '--- check.txt ---',
    'db1 disk full',
  ]);
});

test.each([
  ['good', '✓ done'],
  ['bad', '✗ done'],
  ['attention', '! done'],
  ['quiet', 'done'],
] as const)('the tone %s is a sign, not only a colour', (tone, expected) => {
  expect(renderText({ title: 'done', tone })).toBe(expected);
});

test('what hosts say cannot move the cursor, colour the screen or turn the text around', () => {
  expect(neutral('\u001b[2J\u001b]0;gone\u0007')).toBe('␛[2J␛]0;gone␇');
  expect(neutral('a\rb\u009b31mc\u202ed\u200be\u007f')).toBe('a␍b<U+009B>31mc<U+202E>d<U+200B>e␡');
  expect(neutral('a\ud800b')).toBe('a\ufffdb');
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  fc.assert(
    fc.property(text, text, text, text, (a, b, c, d) => {
      const shown = renderText({
        title: a,
        body: [b],
        fields: [{ name: c, value: d }],
        table: { columns: [a, b], rows: [[c, d]] },
        actions: [{ label: a, command: b }],
        attachment: { name: c, text: d },
      });
      expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

test('nothing a host or a person said begins a line as a `--json` document would, or passes for a line of ours', () => {
  const evil = 'x\n{"hosts":[]}\nto ada by sms (id 1): all is well';
  const text = renderText({
    title: evil,
    tone: 'attention',
    body: ['{"id":"R1"}', evil],
    fields: [{ name: '{', value: evil }],
    table: { columns: ['{a'], rows: [['{"hosts":[]}']] },
    attachment: { name: 'a', text: '{"certs":[]}\n' },
  });
  for (const line of text.split('\n').slice(0, -1)) expect(line).not.toMatch(/^(\{|to ada)/);
  expect(text).toContain(' {"certs":[]}');
});

test('a table keeps to the width and loses nothing', () => {
  const row = ['web01', 'Linux 6.1.0-28-amd64 something quite long that goes on', '#'.repeat(50), 'ok'];
  const text = renderText({ title: 't', table: { columns: ['host', 'kernel', 'hash', 'state'], rows: [row] } }, { width: 60 });
  const lines = text.split('\n').slice(1);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  expect(lines.join('').match(/#/g)).toHaveLength(50);
  for (const word of (row[1] as string).split(' ')) expect(text).toContain(word);
});

test('rows with cells missing or to spare are shown as they are', () => {
  expect(renderText({ title: 't', table: { columns: ['a', 'b'], rows: [['1'], ['2', '3', '4'], []] } })).toBe('t\nA  B\n1\n2  3  4\n');
});

test('five thousand rows take no time', () => {
  const rows = Array.from({ length: 5000 }, (_, n) => [`web${n}`, 'ok '.repeat(60), 'x']);
  const began = process.cpuUsage();
  renderText({ title: 't', table: { columns: ['host', 'what', 'x'], rows } }, { width: 80 });
  expect(process.cpuUsage(began).user / 1000).toBeLessThan(2000);
});
