import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { quote } from '../../../src/fleet/ssh/quote.ts';
import { stdinOf } from '../../../src/fleet/ssh/stdin.ts';

vi.mock('../../../src/fleet/scripts/read.ts', () => import('./scripts.ts'));

/** Every character a shell could take for its own, and any other. */
const word = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'\'"\\$`!;&|<>(){}[]*?~#\n\r\t -=a\u0001\u001b\u007fé漢😀'), maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => !text.includes('\0')),
);

test('a quoted word comes out of a real shell as it went in', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
      const out = execFileSync('sh', ['-s'], { input: `printf '%s\\0' ${words.map(quote).join(' ')}\n` });
      expect(out).toEqual(Buffer.from(words.map((each) => `${each}\0`).join('')));
    }),
    { numRuns: 60 },
  );
});

test('arguments reach a script word for word through what is sent to the host', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 10 }), (args) => {
      const out = execFileSync('sh', ['-s'], { input: stdinOf({ script: 'words', args }) });
      expect(out).toEqual(Buffer.from(args.map((each) => `${each}\0`).join('')));
    }),
    { numRuns: 60 },
  );
});

test('of a script that arrives cut off nothing is run', () => {
  const whole = stdinOf({ script: 'both', args: ['x'] });
  for (let length = 0; length < whole.indexOf('} </dev/null'); length++) {
    let out = '';
    try {
      out = execFileSync('sh', ['-s'], { input: whole.subarray(0, length), encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
    } catch (error) {
      out = (error as { stdout: string }).stdout;
    }
    expect(out).not.toMatch(/^out$/m);
  }
});

test('NUL, which no shell can hold, is refused', () => {
  expect(() => quote('a\0b')).toThrow('NUL');
});
