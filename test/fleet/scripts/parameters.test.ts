import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { ScriptEntries } from '../../../src/config/scripts.ts';
import { lastLine, lastLines } from '../../../src/fleet/scripts/last-lines.ts';
import { argsOf, readParameters, usage } from '../../../src/fleet/scripts/parameters.ts';
import { useConfigured } from '../../../src/fleet/scripts/read.ts';
import { stdinOf } from '../../../src/fleet/ssh/stdin.ts';
import { Refusal } from '../../../src/lib/refusal.ts';

const hosts = new Set(['web01', 'db1']);
const entry = ScriptEntries.parse({
  restart: {
    file: 'x.sh',
    risk: 'change',
    params: {
      service: { type: 'choice', choices: ['web', 'worker'], required: true },
      wait: { type: 'number', default: 5 },
      peer: { type: 'host' },
      note: null,
    },
  },
}).restart as NonNullable<ReturnType<typeof ScriptEntries.parse>[string]>;

const read = (typed: Record<string, string>) => readParameters('restart', entry, typed, hosts);

describe('what is typed after a script', () => {
  test('becomes one argument for each parameter, defaults filled in', () => {
    expect(argsOf(read({ service: 'web', peer: 'db1' }))).toEqual(['service=web', 'wait=5', 'peer=db1']);
    expect(usage('restart', entry)).toBe('restart target service=web|worker [wait=5] [peer=host] [note=word]');
  });

  test('is refused with everything that is wrong, and how it is written', () => {
    expect(() => read({ servce: 'web', wait: 'long', peer: 'nosuch' })).toThrow(
      '"servce" is no parameter of restart; did you mean "service"?. service is missing: one of web, worker. wait: "long" is no number. peer: "nosuch" is no host of the inventory. Usage: script restart target service=web|worker',
    );
  });

  test.each(['--rf', '-x', '$(reboot)', '`id`', 'a b', "it's", 'a;b', 'a|b', 'a\nb', '\u202eabc', '', 'a*b', '~root', 'é', 'x'.repeat(201)])(
    'a word that a careless script could trip over is refused: %j',
    (value) => {
      expect(() => read({ service: 'web', note: value })).toThrow(Refusal);
    },
  );

  test('names of things every object has are no parameters', () => {
    expect(() => read({ service: 'web', constructor: 'x' })).toThrow('"constructor" is no parameter');
    expect(() => readParameters('restart', entry, Object.assign(Object.create(null), { service: 'toString' }), hosts)).toThrow('is none of web, worker');
  });
});

describe('on the host', () => {
  afterEach(() => useConfigured({}));

  test('whatever a choice or a value holds arrives as one argument, word for word', () => {
    useConfigured({ echo: { version: 1, sha256: 'aa', root: false, body: '# holdfast:echo v1\nfor word; do printf "%s\\0" "$word"; done\n' } });
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom(...'\'"\\$`!;&|<>(){}[]*?~#\n\t -=aé') }), { maxLength: 5 }), (values) => {
        const args = argsOf(Object.fromEntries(values.map((value, n) => [`p${n}`, value])));
        const out = execFileSync('sh', ['-s'], { input: stdinOf({ script: 'echo@aa', args }) });
        expect(out.toString()).toBe(args.map((arg) => `${arg}\0`).join(''));
      }),
      { numRuns: 40 },
    );
  });
});

describe('what a script printed', () => {
  test('is kept as its last lines, without what would move a cursor', () => {
    expect(lastLines('one\ntwo\n\u001b[31mred\u001b[0m\n10%\r50%\rdone\r\n\n', { lines: 3, characters: 100 })).toBe('…\ntwo\nred\ndone');
    expect(lastLine('a\nb\n\n')).toBe('b');
    expect(lastLine('')).toBe('');
    expect(lastLines('x'.repeat(5000)).length).toBeLessThanOrEqual(2000);
  });
});
