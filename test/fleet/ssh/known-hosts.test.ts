import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { certificateOnly } from '../../../src/fleet/ssh/certificate-only.ts';
import { hostKeyBook, judgeHostKey, preferKnown } from '../../../src/fleet/ssh/host-key.ts';
import { lookUp, parseKnownHosts } from '../../../src/fleet/ssh/known-hosts.ts';
import { hostAt } from './hosts.ts';
import { noSshd } from './sshd.ts';

const key = (type: string, fill: number) => Buffer.concat([Buffer.from([0, 0, 0, type.length]), Buffer.from(type), Buffer.alloc(32, fill)]);
const ED = key('ssh-ed25519', 1);
const line = (names: string, blob = ED, type = 'ssh-ed25519') => `${names} ${type} ${blob.toString('base64')} a comment`;
const finds = (text: string, name: string) => lookUp([parseKnownHosts(text, 'kh')], name).keys.length > 0;

let files = 0;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-known-'));
function file(...lines: string[]): string {
  const path = join(folder, `known_hosts${files++}`);
  writeFileSync(path, lines.map((each) => `${each}\n`).join(''));
  return path;
}
const book = (path: string, place = { address: 'web01', port: 22 }) =>
  hostKeyBook(hostAt(place, { ssh: { knownHosts: [path] } }), { knownHosts: [], globalKnownHosts: [] });

describe('a line of known_hosts', () => {
  test.each([
    ['web01', 'web01', true],
    ['WEB01,10.0.0.1', '10.0.0.1', true],
    ['WEB01', 'web01', true],
    ['web0?', 'web01', true],
    ['*.example.org,!db.example.org', 'web.example.org', true],
    ['*.example.org,!db.example.org', 'db.example.org', false],
    ['[web01]:2222', '[web01]:2222', true],
    ['[web01]:2222', 'web01', false],
    ['[*.example.org]:2222', '[web.example.org]:2222', true],
    ['web', 'web01', false],
    ['!web01', 'web02', false],
  ])('%s speaks of %s: %s', (names, name, expected) => {
    expect(finds(line(names), name)).toBe(expected);
  });

  test('comments, empty lines, SSH 1 keys, unknown markers and rubbish are passed over', () => {
    const text = [
      '# web01 ssh-ed25519 AAAA',
      '',
      '   ',
      'web01 1024 35 12345',
      `@odd ${line('web01')}`,
      'web01',
      '|1|broken ssh-ed25519 AAAA',
      `\t${line('web02')}\r`,
    ].join('\n');
    expect(finds(text, 'web01')).toBe(false);
    expect(finds(text, 'web02')).toBe(true);
  });

  test.skipIf(noSshd)('matches as ssh-keygen matches, whatever the patterns', () => {
    const label = fc.string({ unit: fc.constantFrom(...'ab*?'), minLength: 1, maxLength: 4 });
    const name = fc.string({ unit: fc.constantFrom(...'ab'), minLength: 1, maxLength: 4 });
    const patterns = fc.array(
      fc.tuple(fc.constantFrom('', '', '!'), label).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 3 },
    );
    const path = join(folder, 'property');
    fc.assert(
      fc.property(patterns, name, (words, asked) => {
        writeFileSync(path, `${line(words.join(','), Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIMwvP8hpRKid3QYzt46bOwy1CLXQAkTwG7xMF9j24fex', 'base64'))}\n`);
        let theirs = true;
        try {
          execFileSync('ssh-keygen', ['-q', '-F', asked, '-f', path], { stdio: 'ignore' });
        } catch {
          theirs = false;
        }
        expect(finds(line(words.join(',')), asked)).toBe(theirs);
      }),
      { numRuns: 60 },
    );
  });

  test('a pattern full of stars costs no more than any other', () => {
    const began = performance.now();
    expect(finds(line(`${'*a'.repeat(40)}b`), 'a'.repeat(200))).toBe(false);
    expect(performance.now() - began).toBeLessThan(200);
  });
});

describe('the key a host offers', () => {
  test('is known when any of its lines holds it', () => {
    const path = file(line('web01', key('ssh-rsa', 5), 'ssh-rsa'), line('web01'));
    expect(judgeHostKey(book(path), ED)).toEqual({ state: 'known' });
  });

  test('has changed when the host is known by others only, also of another kind', () => {
    const path = file(line('web01', key('ssh-rsa', 5), 'ssh-rsa'));
    expect(judgeHostKey(book(path), ED)).toMatchObject({ state: 'changed', detail: expect.stringContaining(`${path}:1`) });
  });

  test('is accepted on another port if the plain name has it, but not held against it if not', () => {
    const path = file(line('web01'));
    expect(judgeHostKey(book(path, { address: 'web01', port: 2222 }), ED)).toEqual({ state: 'known' });
    expect(judgeHostKey(book(path, { address: 'web01', port: 2222 }), key('ssh-ed25519', 9))).toMatchObject({ state: 'unknown' });
  });

  test('is refused when revoked, even if it also stands there as good', () => {
    const path = file(line('web01'), `@revoked ${line('*')}`);
    expect(judgeHostKey(book(path), ED)).toMatchObject({ state: 'changed', detail: expect.stringContaining('@revoked') });
  });

  test('known by certificate only is said to need the system’s ssh', () => {
    const path = file(`@cert-authority ${line('*.example.org')}`);
    const place = { address: 'web.example.org', port: 22 };
    expect(judgeHostKey(book(path, place), ED)).toMatchObject({ state: 'unknown', detail: expect.stringContaining('@cert-authority') });
    expect(certificateOnly(hostAt(place, { ssh: { knownHosts: [path] } }))).toContain('@cert-authority');
    expect(certificateOnly(hostAt({ address: 'other', port: 22 }, { ssh: { knownHosts: [path] } }))).toBeUndefined();
  });

  test('is asked for in the kind already known', () => {
    const path = file(line('web01', key('ssh-rsa', 5), 'ssh-rsa'));
    expect(preferKnown(book(path), ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'])).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
  });
});
