import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCall } from '../../src/sandbox/call.ts';

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

describe('what a simulated host takes for a script call', () => {
  test('name, version and arguments of a script, whatever the arguments hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.oneof(fc.constantFrom("'", '\\', '\n', ' ', '$'), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })) })),
        (args) => {
          const stdin = `# holdfast:check v1\nset -- ${args.map(quoted).join(' ')}\nuname -r\n`;
          expect(readCall(stdin)).toEqual({ script: 'check', version: 1, args });
        },
      ),
    );
  });

  test('a script without arguments', () => {
    expect(readCall('# holdfast:boot-id v12\ncat /proc/…\n')).toEqual({ script: 'boot-id', version: 12, args: [] });
  });

  test.each([
    ['no heading', 'uname -r\n'],
    ['a heading that is not the first line', '\n# holdfast:check v1\n'],
    ['a heading that never ends', '# holdfast:check v1'],
    ['a path for a name', '# holdfast:../check v1\n'],
    ['an unquoted argument', '# holdfast:check v1\nset -- port\n'],
    ['a substitution', '# holdfast:check v1\nset -- "$(reboot)"\n'],
    ['a second command on the line', "# holdfast:check v1\nset -- 'a'; reboot\n"],
    ['a quote that is not closed', "# holdfast:check v1\nset -- 'a\n"],
    ['words run together', "# holdfast:check v1\nset -- 'a''b'\n"],
  ])('not %s', (_what, stdin) => {
    expect(readCall(stdin)).toBeUndefined();
  });
});
