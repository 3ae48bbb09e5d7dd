import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Card } from '../../../src/chat/card.ts';
import { normalise } from '../../../src/chat/normalise.ts';
import { renderSlack } from '../../../src/chat/slack/blocks.ts';
import { fromValue } from '../../../src/chat/slack/escape.ts';
import { wallClock } from '../../fake/slack/clock.ts';
import { messageProblems } from '../../fake/slack/rules.ts';
import { elementsOf, pingsIn, seen } from '../../fake/slack/screen.ts';
import { openWorkspace } from '../../fake/slack/workspace.ts';

const workspace = openWorkspace(wallClock());
const screen = (card: Card, zone = 'Europe/Berlin') => {
  const { text, blocks } = renderSlack({ card });
  return seen(workspace, { ...workspace.put({ channel: 'C1', user: workspace.bot.id }), text, blocks }, zone);
};

const nasty = fc.constantFrom(
  '<!channel>',
  '<@U0ADA>',
  '&',
  '<',
  '>',
  '```',
  '<!here|x>',
  '\u202e',
  '\u001b[31m',
  '*',
  '|',
  '\n',
  '&lt;!channel&gt;',
  '<https://x|y>',
  '🚒',
  'é',
);
const text = (most: number) =>
  fc.oneof(
    fc.string({ maxLength: most }),
    fc.array(fc.oneof(nasty, fc.string({ maxLength: 8 })), { maxLength: most / 4 }).map((parts) => parts.join('')),
  );
const anyCard: fc.Arbitrary<Card> = fc.record(
  {
    title: text(4000),
    tone: fc.constantFrom('good', 'bad', 'attention', 'quiet'),
    body: fc.array(text(5000), { maxLength: 60 }),
    fields: fc.array(fc.record({ name: text(60), value: text(3000) }), { maxLength: 30 }),
    table: fc.record({
      columns: fc.array(text(20), { minLength: 1, maxLength: 8 }),
      rows: fc.array(fc.array(text(300), { maxLength: 8 }), { maxLength: 120 }),
    }),
    actions: fc.array(
      fc.record({ label: text(120), command: text(2600), style: fc.constantFrom('primary', 'danger') }, { requiredKeys: ['label', 'command'] }),
      { maxLength: 40 },
    ),
    moments: fc.array(fc.record({ says: text(40), at: fc.integer({ min: 0, max: 4e12 }) }), { maxLength: 5 }),
    attachment: fc.record({ name: text(200), text: text(20_000) }),
  },
  { requiredKeys: ['title'] },
) as fc.Arbitrary<Card>;

describe('a card in Slack', () => {
  test('of whatever size and text keeps every limit, rings nobody, and says what it left out', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        const { text: said, blocks, file } = renderSlack({ card });
        expect(messageProblems({ text: said, blocks })).toEqual([]);
        expect(pingsIn(said, blocks)).toEqual([]);
        const cut = JSON.stringify(blocks).includes('… cut here');
        if (cut)
          expect(file?.text).toContain(
            card.title
              .slice(0, 5)
              .replace(/[^a-z]/g, '')
              .slice(0, 1),
          );
      }),
      { numRuns: 150 },
    );
  });

  test('whose body is longer than a message shows the beginning, how much is missing, and has all of it attached', () => {
    const body = Array.from({ length: 900 }, (_, n) => `line ${n} of what somebody has to read`);
    const { file } = renderSlack({ card: { title: 'Much', body } });
    const { text: read } = screen({ title: 'Much', body });
    expect(read).toContain('line 0 of');
    expect(read).toMatch(/… cut here: \d+ lines\. The whole is attached as answer\.txt\./);
    expect(file?.text).toContain('line 899 of');
  });

  test('says whether it is good or bad without a colour', () => {
    expect([screen({ title: 'done', tone: 'good' }).text, screen({ title: 'gone', tone: 'bad' }).text]).toEqual(['✓ done', '✗ gone']);
  });

  test('shows what hosts and people wrote word for word, and rings nobody by it', () => {
    const words = 'a <!channel> & <@U0HOLDFAST> &lt;!here&gt; *b* `c` <https://evil.example|bank>';
    const shown = screen({ title: words, body: [words], fields: [{ name: 'said', value: words }], table: { columns: ['x'], rows: [['<!channel> & ```']] } });
    expect(shown.pings).toEqual([]);
    expect(shown.text.split('\n').filter((line) => line.includes(words))).toHaveLength(3);
    expect(shown.text).toContain("<!channel> & '''");
  });

  test('shows each reader a moment in their own zone', () => {
    const at = Date.parse('2026-03-02T14:05:00Z');
    const card = { title: 'R1 halted', body: ['halted by ada at 15:05 Europe/Berlin: <b>'], moments: [{ says: '15:05 Europe/Berlin', at }] };
    expect(screen(card, 'Europe/Berlin').text).toContain('halted by ada at 2 Mar 2026 15:05: <b>');
    expect(screen(card, 'America/New_York').text).toContain('2 Mar 2026 09:05');
  });

  test('pings whom it is meant for, and nobody who is no id', () => {
    const { text: said, blocks } = renderSlack({ card: { title: 'approve?' } }, ['U0ADA', 'S0OPS', '!channel', 'x>']);
    expect(pingsIn(said, blocks)).toEqual(['U0ADA', 'subteam^S0OPS']);
  });

  test('has the command line itself in each button, whatever signs it holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(nasty, fc.string({ maxLength: 8 })), { maxLength: 40 }).map((parts) => parts.join('').replace(/[^\x20-\x7e]/g, '')),
        (command) => {
          const [button] = elementsOf(renderSlack({ card: { title: 'x', actions: [{ label: 'Do', command }] } }).blocks);
          // Slack may send it back as it was, or with its signs as entities.
          for (const sent of [button.value, button.value.replace(/&/g, '&amp;')]) {
            const line = fromValue(sent);
            if (line.trim() !== '' && !/^`/.test(line.trim())) expect(normalise(`x ${line}`, 'slack').typed).toBe(`x ${command}`.trim());
          }
        },
      ),
    );
  });

  test('asks before what is dangerous, and says of two hosts which button is whose', () => {
    const actions = [
      { label: 'Leave it so', command: 'release slot kvm01 because …' },
      { label: 'Leave it so', command: 'release slot kvm02 because …' },
      { label: 'Cut the power', command: 'power off kvm03', style: 'danger' as const },
    ];
    const buttons = elementsOf(renderSlack({ card: { title: 'x', actions } }).blocks);
    expect(buttons.map(({ text: { text: label } }) => label)).toEqual([
      'Leave it so (release slot kvm01 because …)',
      'Leave it so (release slot kvm02 because …)',
      'Cut the power',
    ]);
    expect(buttons.map(({ confirm }) => confirm?.text.text)).toEqual([undefined, undefined, 'This types /ops power off kvm03 in your name.']);
  });

  test('has buttons as lines to type where there are more than a message takes', () => {
    const actions = Array.from({ length: 30 }, (_, n) => ({ label: `Do ${n}`, command: `check web${n}` }));
    const shown = screen({ title: 'x', actions });
    expect(shown.buttons).toHaveLength(25);
    expect(shown.text).toContain('Do 29: /ops check web29');
  });

  test('that is a document is one line of JSON in the message, or a file where it is long', () => {
    expect(screen2({ hosts: [{ host: 'web01', note: '<!here>' }] })).toContain('{"hosts":[{"host":"web01","note":"<!here>"}]}');
    const long = { hosts: Array.from({ length: 400 }, (_, n) => ({ host: `web${n}` })) };
    expect(JSON.parse(renderSlack({ document: long }).file?.text ?? '')).toEqual(long);
  });
});

function screen2(document: unknown): string {
  const { text: said, blocks } = renderSlack({ document });
  return seen(workspace, { ...workspace.put({ channel: 'C1', user: workspace.bot.id }), text: said, blocks }, 'UTC').text;
}
