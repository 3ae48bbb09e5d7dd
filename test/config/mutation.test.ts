import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigProblems, loadConfig } from '../../src/config/load.ts';
import { packageRoot } from '../../src/root.ts';
import { folderWith } from './folder.ts';

const example = (name: string): string => readFileSync(join(packageRoot, 'examples', name), 'utf8');
const VALID = example('holdfast.yaml');
const ENV = {
  HOLDFAST_DB_PASSWORD: 'x',
  HOLDFAST_REDIS_PASSWORD: 'y',
  KIM_NTFY: 'z',
  TWILIO_TOKEN: 't',
  HEARTBEAT_URL: 'https://hc.example.org/1',
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  DISCORD_TOKEN: 'd.t',
};

/** What hands and editors do to a file: a character lost or doubled, a line moved or gone, a value of another kind. */
const VALUES = [
  '5',
  '-1',
  'true',
  'null',
  '~',
  '""',
  '[]',
  '{}',
  '[1, [2]]',
  '{ a: { b: c } }',
  '*ada',
  '&x y',
  '!!binary x',
  '${env:X}',
  '${file:/}',
  '1e999',
  '0x10',
  '2026-01-01',
  '__proto__',
  'constructor',
  '@',
  '"web[01-99999999]"',
  '"web[1"',
  '"\\ud800"',
  '<<',
  '? x',
  '|',
  '\t',
  '%YAML 1.1',
  '---',
  '\u0000',
  '\u202e',
];
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), text: fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: 'binary', maxLength: 5 })) }),
  fc.record({ kind: fc.constant('value' as const), line: fc.nat(), text: fc.constantFrom(...VALUES) }),
  fc.record({ kind: fc.constant('key' as const), line: fc.nat(), text: fc.constantFrom('', ...VALUES) }),
  fc.record({ kind: fc.constant('drop' as const), line: fc.nat() }),
  fc.record({ kind: fc.constant('copy' as const), line: fc.nat(), to: fc.nat() }),
  fc.record({ kind: fc.constant('indent' as const), line: fc.nat(), by: fc.constantFrom('  ', '\t', '') }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer One> ? One : never;

function mutate(text: string, one: Mutation): string {
  if (one.kind === 'cut') return text.slice(0, one.at % text.length) + text.slice((one.at % text.length) + one.length);
  if (one.kind === 'insert') return text.slice(0, one.at % text.length) + one.text + text.slice(one.at % text.length);
  const lines = text.split('\n');
  const at = one.line % lines.length;
  const line = lines[at] as string;
  if (one.kind === 'value') lines[at] = `${/^[^:]*:|^\s*-?/.exec(line)?.[0]} ${one.text}`;
  else if (one.kind === 'key') lines[at] = line.replace(/[\w.]+(?=:)/, () => one.text);
  else if (one.kind === 'drop') lines.splice(at, 1);
  else if (one.kind === 'copy') lines.splice(one.to % lines.length, 0, line);
  else lines[at] = one.by + line.trimStart();
  return lines.join('\n') || '\n';
}

test('whatever is done to a valid configuration, it loads or says what is wrong and where; it never falls over', { timeout: 90_000 }, async () => {
  const folder = folderWith({ 'inventory.ini': example('inventory.ini'), 'runbooks/db.md': 'x' });
  const file = join(folder, 'holdfast.yaml');
  const ended = { loaded: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      const text = mutations.reduce(mutate, VALID);
      writeFileSync(file, text, { mode: 0o600 });
      try {
        await loadConfig(file, { env: ENV, home: folder });
        ended.loaded++;
      } catch (error) {
        if (!(error instanceof ConfigProblems)) throw error;
        ended.refused++;
        expect(error.problems.length).toBeGreaterThan(0);
        const lines = text.split('\n').length;
        for (const problem of error.problems) {
          expect(problem.says.trim()).not.toBe('');
          if (problem.file !== file || problem.line === undefined) continue;
          expect(problem.line).toBeLessThanOrEqual(lines + 1);
          expect(problem.column).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 300 },
  );
  // The mutations reach both sides.
  expect(ended.loaded).toBeGreaterThan(10);
  expect(ended.refused).toBeGreaterThan(10);
});
