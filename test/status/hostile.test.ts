import fc from 'fast-check';
import Parser from 'rss-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { calendarOf } from '../../src/status/calendar.ts';
import { documentAt } from '../../src/status/documents.tsx';
import { oneLine, someLines } from '../../src/status/plain.ts';
import type { Story } from '../../src/status/story.ts';
import { type View, viewOf } from '../../src/status/view.ts';
import { at, EVENING } from './a-page.ts';

/** Every text a person, a host or another system may have written, on every surface: it stays the text it was, and nothing of it is ever more than text. */
const NASTY = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg/onload=alert(1)>",
  'javascript:alert(1)',
  '[click](javascript:alert(1))',
  '</title></head><body>',
  ']]>]]><script>alert(1)</script>',
  '--><!-- <!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]> &y;',
  '\u202egnp.exe\u202c \u200frtl\u2066x',
  '\u0000\u0007\u001b[2J\u009b\ud800 half \udfff\ufffe\uffff',
  'END:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VEVENT\r\nATTACH:file:///etc/passwd',
  '{"a":1},\\u003cscript\\u003e',
  '<%= 7*7 %> ${7*7} {{7*7}} #{7*7}',
  '&lt;b&gt; &amp;amp; &#x3c;',
  '<'.repeat(10_000),
  `${'ä'.repeat(9_999)}<`,
  `${'word '.repeat(2_000)}`,
];

const texts = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.constantFrom('<', '>', '"', "'", '&', ']]>', '\n', '\r', '\u202e', '\0', '`', 'script', ' ', 'onload=', ':', ';', ',', '\\'), { maxLength: 80 })
    .map((parts) => parts.join('')),
);

const COMPONENTS = (name: string) => [{ name, description: name, group: `${name}-group`, showcase: true, hosts: new Set<string>() }];

/** A page on which every text there can be is this one. */
function pageOf(text: string): { view: View; story: Story } {
  const line = oneLine(text) || 'x';
  const told: Story = {
    code: 'aaaaaaaaaaa1',
    title: line,
    kind: 'incident',
    status: 'postmortem',
    impact: 'major',
    created: EVENING,
    started: EVENING,
    updated: EVENING,
    resolved: EVENING + 1,
    updates: [
      {
        code: 'aaaaaaaaaaa2',
        status: 'resolved',
        again: false,
        body: someLines(text) || 'x',
        at: EVENING,
        components: [{ name: line, from: 'operational', to: 'major_outage' }],
      },
    ],
    components: [{ name: line, status: 'major_outage' }],
    hosts: [{ host: line, down: EVENING, up: EVENING + 60_000, cause: line }],
    postmortem: text,
  };
  const maintenance: Story = {
    ...told,
    code: 'aaaaaaaaaaa3',
    kind: 'maintenance',
    status: 'in_progress',
    window: { from: EVENING, until: EVENING + 3_600_000 },
  };
  const { postmortem: _, ...open } = told;
  const stories: Story[] = [told, maintenance, { ...open, code: 'aaaaaaaaaaa4', status: 'identified', promised: EVENING + 1 }];
  const rows = {
    components: COMPONENTS(line),
    stories,
    spells: [],
    index: stories.map(({ code }) => ({ code, month: '2018-06' })),
    since: at('2018-06-01 00:00').getTime(),
  };
  return {
    view: viewOf(rows, { name: line, url: 'https://status.example.org', zone: 'UTC', about: text, support: 'https://example.org/' }, EVENING),
    story: told,
  };
}

const served = async (view: View, path: string, where: 'served' | 'files' = 'served'): Promise<string> => {
  const stories = [...view.incidents, ...view.maintenances];
  const document = await documentAt(path, view, async (_, codes) => stories.filter(({ code }) => codes.includes(code)), where);
  return document?.text ?? '';
};

const PAGES = ['', 'history', 'history/2018-06', 'incidents/aaaaaaaaaaa1', 'incidents/aaaaaaaaaaa3'];

/** Every tag with its attributes, without what stands in them: what a text can change only by being more than text. */
const skeleton = (html: string): string[] => [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/="[^"]*"/g, '=""'));

let plain: Map<string, string[]>;
beforeAll(async () => {
  const { view } = pageOf('plain');
  plain = new Map(
    await Promise.all(
      PAGES.map(async (path) => [path, skeleton((await served(view, path)).replace(/<section class="postmortem".*<\/section>/s, ''))] as const),
    ),
  );
});

describe('whatever people write', () => {
  test.each(['served', 'files'] as const)('adds no element and no attribute to any page (%s)', async (where) => {
    await fc.assert(
      fc.asyncProperty(
        // Addresses are made links, which is tested with the pages.
        texts.filter((text) => !/https?:/.test(text)),
        async (text) => {
          const { view } = pageOf(text);
          for (const path of PAGES) {
            const html = (await served(view, path, where)).replace(/<section class="postmortem".*<\/section>/s, '');
            expect(skeleton(html).join('\n')).toBe(plain.get(path)?.join('\n'));
            expect(html).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]/);
          }
        },
      ),
      { numRuns: 60, examples: NASTY.map((text): [string] => [text]) },
    );
  });

  test('makes a link of an address, and of nothing else', async () => {
    const { view } = pageOf('see https://example.org/a?b=1&c="x", javascript:alert(1), data:text/html,x and http://[bad');
    const html = await served(view, 'incidents/aaaaaaaaaaa4');
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link = '']) => link);
    expect(links).toContain('https://example.org/a?b=1&amp;c=');
    for (const link of links) expect(link).toMatch(/^(https?:\/\/|\.\.\/|#main$)/);
  });

  test('is the same text again for whoever reads the JSON', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const { view, story } = pageOf(text);
        const { incidents } = JSON.parse(await served(view, 'api/v2/incidents.json'));
        expect(incidents[0].name).toBe(story.title);
        expect(incidents[0].incident_updates[0].body).toBe(story.updates[0]?.body);
        expect(incidents[0].x_hosts[0].cause).toBe(story.title);
      }),
      { numRuns: 60, examples: NASTY.map((text): [string] => [text]) },
    );
  });

  test('leaves both feeds whole, with the title as it was and no element of its own in what readers show', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const { view, story } = pageOf(text);
        for (const path of ['history.rss', 'history.atom']) {
          const xml = await served(view, path);
          expect(xml).not.toContain('<![CDATA[');
          const { items } = await new Parser().parseString(xml);
          expect(items).toHaveLength(3);
          expect(items[0]?.title?.trim()).toBe(story.title.trim());
          for (const { content = '' } of items) {
            const tags = new Set([...content.matchAll(/<\/?([^\s>/]*)/g)].map(([, tag]) => tag));
            expect([...tags].filter((tag) => !['p', 'small', 'var', 'br', 'strong'].includes(tag as string))).toEqual([]);
          }
        }
      }),
      { numRuns: 60, examples: NASTY.map((text): [string] => [text]) },
    );
  });

  test('begins no property of its own in the calendar', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const ics = calendarOf(pageOf(text).view);
        expect(ics.match(/^BEGIN:/gm)).toHaveLength(2);
        for (const line of ics.replaceAll('\r\n ', '').trimEnd().split('\r\n'))
          expect(line).toMatch(
            /^(BEGIN|END|VERSION|PRODID|METHOD|NAME|X-WR-CALNAME|REFRESH-INTERVAL;VALUE=DURATION|X-PUBLISHED-TTL|UID|SEQUENCE|DTSTAMP|DTSTART|DTEND|SUMMARY|TRANSP|DESCRIPTION|X-ALT-DESC)[:;]/,
          );
      }),
      { numRuns: 60, examples: NASTY.map((text): [string] => [text]) },
    );
  });
});
