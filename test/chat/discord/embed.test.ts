import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Card } from '../../../src/chat/card.ts';
import { type Drawn, draw } from '../../../src/chat/discord/embed.ts';
import { cut, plain } from '../../../src/chat/discord/markdown.ts';
import { messageProblems, pings } from '../../fake/discord/rules.ts';

const nasty = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 2, arbitrary: fc.constantFrom('```', '\\', '**', '<@123456789012345678>', '@everyone', '\n', '[a](https://x)', '😀', '_', '\u202e', '<t:1:R>') },
);
const text = (most: number): fc.Arbitrary<string> =>
  fc.tuple(fc.array(nasty, { maxLength: 12 }), fc.nat({ max: most })).map(([parts, times]) =>
    parts
      .join('')
      .repeat(1 + (times % 40))
      .slice(0, most),
  );
const card: fc.Arbitrary<Card> = fc.record(
  {
    title: text(5000),
    tone: fc.constantFrom('good' as const, 'bad' as const, 'attention' as const, 'quiet' as const),
    body: fc.array(text(3000), { maxLength: 8 }),
    fields: fc.array(fc.record({ name: text(600), value: text(3000) }), { maxLength: 40 }),
    table: fc.record({ columns: fc.array(text(40), { minLength: 1, maxLength: 5 }), rows: fc.array(fc.array(text(300), { maxLength: 5 }), { maxLength: 80 }) }),
    actions: fc.array(
      fc.record({ label: text(200), command: text(400).map((line) => `show ${line}`), style: fc.constantFrom('primary' as const, 'danger' as const) }),
      { maxLength: 40 },
    ),
    attachment: fc.record({ name: text(200), text: text(5000) }),
  },
  { requiredKeys: ['title'] },
);

const problemsOf = (drawn: Drawn): string[] =>
  messageProblems(
    {
      ...(drawn as unknown as object),
      attachments: drawn.files.map(({ name }, id) => ({ id, filename: name })),
      allowed_mentions: { parse: [] },
    },
    drawn.files.map(({ name }) => name),
    true,
  );

describe('a card as a message', () => {
  test('keeps every limit of Discord, whatever stands in it', () => {
    fc.assert(
      fc.property(card, (one) => {
        expect(problemsOf(draw({ card: one }, 'm1234'))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('where something was cut it says so, and the whole goes along as a file', () => {
    const body = Array.from({ length: 300 }, (_, n) => `line ${n} of what the host said`);
    const drawn = draw({ card: { title: 'web01 failed', tone: 'bad', body } }, 'm7');
    expect(drawn.embeds[0]?.description).toContain('… (the rest is in the file)');
    expect(drawn.files.map(({ name }) => name)).toEqual(['m7.txt']);
    expect(drawn.files[0]?.text).toContain('line 299 of what the host said');
    expect(draw({ card: { title: 'short', body: ['fits'] } }, 'm8').files).toEqual([]);
  });

  test('a long table shows its first rows whole, says how many are left, and all are in the file', () => {
    const rows = Array.from({ length: 200 }, (_, n) => [`web${n}`, 'ok', '12 s']);
    const drawn = draw({ card: { title: '200 hosts', table: { columns: ['host', 'outcome', 'took'], rows } } }, 'm9');
    const description = drawn.embeds[0]?.description ?? '';
    const shown = [...description.matchAll(/^web\d+ +ok +12 s$/gm)].length;
    expect(shown).toBeGreaterThan(50);
    expect(description).toContain(`… ${200 - shown} more lines in the file`);
    expect(drawn.files[0]?.text).toContain('web199');
  });

  test('good and bad are told apart without colours', () => {
    expect(draw({ card: { title: 'All is well', tone: 'good' } }, 'm').content).toBe('✓ All is well');
    expect(draw({ card: { title: 'Two are lost', tone: 'bad' } }, 'm').content).toBe('✗ Two are lost');
    expect(draw({ card: { title: 'Waits for you', tone: 'attention' } }, 'm').content).toBe('! Waits for you');
  });

  test('moments are shown in the time of whoever reads', () => {
    const drawn = draw(
      {
        card: {
          title: 'H1',
          body: ['until Mon 23 Nov 14:05 Europe/Berlin, 72 h'],
          moments: [{ says: 'Mon 23 Nov 14:05 Europe/Berlin', at: 1_795_439_100_000 }],
        },
      },
      'm',
    );
    expect(drawn.embeds[0]?.description).toBe('until <t:1795439100:f>, 72 h');
  });

  test('more buttons than Discord shows are said as lines to type; the same line is one button', () => {
    const actions = Array.from({ length: 30 }, (_, n) => ({ label: `Show ${n}`, command: `show R${n}` }));
    const drawn = draw({ card: { title: 't', actions: [...actions, { label: 'Again', command: 'show R0' }] } }, 'm');
    expect(drawn.components.length).toBe(5);
    expect(drawn.embeds[0]?.description).toContain('Show 29: `/ops show R29`');
    expect(drawn.embeds[0]?.description).not.toContain('Again');
  });

  test('a document is one block where it fits, and a file where it does not; it stays the same document', () => {
    const small = draw({ document: { hosts: ['web01'] } }, 'm');
    expect(small.content).toBe('```json\n{"hosts":["web01"]}\n```');
    const large = { hosts: Array.from({ length: 500 }, (_, n) => `web${n} \`\`\``) };
    const drawn = draw({ document: large }, 'm');
    expect(drawn.content).toBe('The document is in the file.');
    expect(JSON.parse(drawn.files[0]?.text ?? '')).toEqual(large);
  });
});

describe('text from outside', () => {
  test('is shown letter for letter: no formatting, no mention, no link under another name', () => {
    expect(plain('**a** _b_ `c` ~~d~~ ||e|| [f](https://evil)')).toBe('\\*\\*a\\*\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~ \\|\\|e\\|\\| \\[f](https://evil)');
    expect(plain('# head\n- point\n1. one\n> quote')).toBe('\\# head\n\\- point\n1\\. one\n\\> quote');
    expect(plain('<@123456789012345678>')).toBe('\\<@123456789012345678>');
    expect(plain('see https://a.example/x_y_z?q=1 _now_')).toBe('see https://a.example/x_y_z?q=1 \\_now\\_');
    expect(plain('a\u202eb\u0007')).toBe('a\\<U+202E>b␇');
  });

  test('rings nobody, whatever it says, unless somebody is meant', () => {
    fc.assert(
      fc.property(card, (one) => {
        expect(pings(draw({ card: one }, 'm').content, { parse: [] })).toEqual([]);
      }),
    );
    const meant = draw({ card: { title: 'PG1 for you' } }, 'm', ['123456789012345678']);
    expect(pings(meant.content, { parse: [], users: ['123456789012345678'] })).toEqual(['123456789012345678']);
  });

  test('is never cut in the middle of a character or of an escape', () => {
    fc.assert(
      fc.property(text(400), fc.integer({ min: 5, max: 100 }), (one, limit) => {
        const short = cut(plain(one), limit);
        expect(short.length).toBeLessThanOrEqual(limit);
        expect(/\p{Cs}/u.test(short)).toBe(false);
        expect(/(^|[^\\])(\\\\)*\\…$/.test(short)).toBe(false);
      }),
    );
  });
});
