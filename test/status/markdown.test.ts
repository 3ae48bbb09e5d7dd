import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Markdown } from '../../src/status/markdown.tsx';

const html = (text: string, top?: number): string => String(Markdown({ text, ...(top !== undefined && { top }) }));

describe('what people write after an incident', () => {
  test('has headings under the page’s own, lists, boxes, tables, code, bold and links', () => {
    expect(
      html(
        [
          '# Summary',
          'Seventeen hosts **rebooted**, see `sydcompute23` and',
          '[the vendor](https://example.org/a?b=1&c=2).',
          '',
          '| host | down |',
          '|------|------|',
          '| web01 | 20:57 |',
          '| a\\|b |',
          '',
          '- [ ] write it down @ada',
          '- [x] *done*',
          '1. first',
          '```',
          '<b>no & html</b>',
          '```',
        ].join('\n'),
      ),
    ).toBe(
      '<h2>Summary</h2><p>Seventeen hosts <strong>rebooted</strong>, see <code>sydcompute23</code> and\n<a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">the vendor</a>.</p>' +
        '<table><thead><tr><th scope="col">host</th><th scope="col">down</th></tr></thead><tbody><tr><td>web01</td><td>20:57</td></tr><tr><td>a|b</td><td></td></tr></tbody></table>' +
        '<ul><li>☐ write it down @ada</li><li>☑ <em>done</em></li><li>first</li></ul><pre><code>&lt;b&gt;no &amp; html&lt;/b&gt;</code></pre>',
    );
    expect(html('### deep', 4)).toBe('<h6>deep</h6>');
  });

  test.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,<script>)',
    '[x](https://a" onmouseover="alert(1))',
    '![x](https://example.org/a.png)',
    '<https://example.org>',
    '| <b>a</b> |\n|--|\n| <i>b</i> |',
    '```<script>\n</code></pre><script>\n```',
    '[a](//example.org)',
  ])('is never more than text where it is not one of these: %s', (text) => {
    const shown = html(text);
    expect(shown).not.toMatch(/<(?:script|img|b|i|iframe)\b|<[^>]*\son\w+=|href="(?!https?:\/\/)/i);
  });

  test('never makes an element or an attribute of its own, whatever is written, and takes no longer for it', () => {
    const nasty = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '[',
      ']',
      '(',
      ')',
      '`',
      '*',
      '_',
      '|',
      '#',
      '-',
      '\n',
      '\\',
      'https://',
      'javascript:',
      '> ',
      '- [ ] ',
      '\u202e',
      '\0',
      'x',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.array(nasty, { maxLength: 300 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const shown = html(text);
          const tags = [...shown.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
          for (const tag of tags)
            expect(tag).toMatch(
              /^<(?:\/?(?:h[2-6]|p|ul|ol|li|pre|code|strong|em|blockquote|table|thead|tbody|tr|td|a)|th scope="col"|\/th|hr ?\/?|a href="https?:\/\/[^"<>]*" rel="noopener noreferrer nofollow")>$/,
            );
          expect(shown.replaceAll(/<[^>]*>/g, '')).not.toMatch(/[<>]/);
        },
      ),
      { numRuns: 1000 },
    );
    const begun = performance.now();
    for (const unit of ['[', '*', '`', '| ', '> ', '[a](', '**a', '_a*', 'https://', '- ', '#']) html(unit.repeat(100_000 / unit.length));
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});
