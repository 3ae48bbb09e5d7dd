import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseCertificate } from '../../src/certificates/parse.ts';
import { readCertsAnswer } from '../../src/certificates/read-answer.ts';
import type { Pair } from '../../src/sandbox/certificates/authority.ts';
import { answer, made, oneLine } from './made.ts';

let ca: Pair;
let leaf: Pair;
let client: Pair;
beforeAll(async () => {
  const { authority, leaf: issue } = await made();
  ca = authority;
  leaf = await issue();
  client = await issue({ subject: 'O=ops, CN=admin', dns: [], for: 'client' });
});
const pem = ({ cert }: Pair): string => `pem=${oneLine(cert)}`;
const read = (files: Record<string, readonly string[]>) => readCertsAnswer(answer(files), 'certs v1');

describe('what a host says of its certificates', () => {
  test('is read block by block: a chain file has a leaf and its authority, a kubeconfig what stands in its fields', () => {
    const conf = [
      `at=client-certificate-data`,
      `b64=${Buffer.from(client.cert).toString('base64')}`,
      'at=certificate-authority-data',
      `b64=${Buffer.from(ca.cert).toString('base64')}`,
    ];
    const found = read({ '/etc/nginx/site.crt': [pem(leaf), pem(ca)], '/etc/kubernetes/admin.conf': conf });
    expect(found?.held.map(({ path, kind, n, subject }) => [path, kind, n, subject])).toEqual([
      ['/etc/nginx/site.crt', 'leaf', 0, 'CN=web01'],
      ['/etc/nginx/site.crt', 'ca', 1, 'CN=test authority'],
      ['/etc/kubernetes/admin.conf#client-certificate-data', 'leaf', 0, 'O=ops, CN=admin'],
      ['/etc/kubernetes/admin.conf#certificate-authority-data', 'ca', 1, 'CN=test authority'],
    ]);
    const truth = new X509Certificate(leaf.cert);
    expect(found?.held[0]).toMatchObject({
      serial: truth.serialNumber,
      fingerprint: truth.fingerprint256.replaceAll(':', '').toLowerCase(),
      sans: ['DNS:web01.example.org'],
      issuer: 'CN=test authority',
      trust: true,
      mode: '644',
      ends: Date.parse(truth.validTo),
    });
    expect(found?.held[1]).toMatchObject({ selfIssued: true });
  });

  test('says whether the key beside a certificate is its own', () => {
    const { pin = '' } = parseCertificate(oneLine(leaf.cert)) as { pin?: string };
    expect(pin).toMatch(/^[0-9a-f]{64}$/);
    const found = read({
      '/a.crt': [pem(leaf), 'key=/a.key', `keypin=${pin}`],
      '/b.crt': [pem(leaf), 'key=/b.key', `keypin=${'0'.repeat(64)}`],
      '/c.crt': [pem(leaf), 'key=/c.key', 'keywhy=root'],
    });
    expect(found?.held.map(({ key }) => key)).toEqual(['match', 'mismatch', undefined]);
  });

  test('an authority of the same name with another key has another pin', async () => {
    const { authority: impostor } = await made();
    const [one, other] = [ca, impostor].map(({ cert }) => parseCertificate(oneLine(cert)) as { subject: string; pin: string });
    expect(one?.subject).toBe(other?.subject);
    expect(one?.pin).not.toBe(other?.pin);
  });

  test('one that signed itself and says nothing of authorities is one when it is of version 1 or signed another one here; a server’s own is a leaf', () => {
    const kinds = (files: Record<string, readonly string[]>) => read(files)?.held.map(({ path, kind, trust }) => `${path} ${kind}${trust ? ' trust' : ''}`);
    expect(kinds({ '/old.crt': [VERSION_1] })).toEqual(['/old.crt ca trust']);
    expect(kinds({ '/own.crt': [UNMARKED], '/leaf.crt': [pem(leaf)] })).toEqual(['/own.crt leaf', '/leaf.crt leaf']);
    expect(kinds({ '/below.crt': [BELOW], '/root.crt': [UNMARKED] })).toEqual(['/below.crt leaf', '/root.crt ca trust']);
    // The key of the file is its leaf's, and that is told once it is known which of both is the authority.
    const { pin = '' } = parseCertificate(BELOW.slice(4)) as { pin?: string };
    expect(read({ '/both.crt': [UNMARKED, BELOW, `keypin=${pin}`] })?.held.map(({ key }) => key)).toEqual([undefined, 'match']);
  });

  test.each([
    ['truncated', () => pem(leaf).slice(0, 200), /is no certificate|is no base64/],
    ['of another encoding', () => 'pem=????????', 'is no base64'],
    ['with nothing in it', () => 'pem=', 'is empty'],
    ['that are no certificate', () => `pem=${Buffer.from('hello').toString('base64')}`, /is no certificate/],
    ['longer than any certificate', () => `pem=${'A'.repeat(100_000)}`, 'is longer than any certificate'],
    ['without an end', () => 'broken=no end', 'has no end'],
    [
      'with something behind it',
      () => `der=${Buffer.concat([new X509Certificate(leaf.cert).raw, Buffer.from('more')]).toString('base64')}`,
      /something else behind it|is no certificate/,
    ],
  ])('a block %s is told with its file, and the others of it are read', (_, block, says) => {
    const found = read({ '/etc/ssl/a.pem': [block(), pem(leaf)] });
    expect(found?.held.map(({ n }) => n)).toEqual([1]);
    expect(found?.wrong).toHaveLength(1);
    expect(found?.wrong[0]?.path).toBe('/etc/ssl/a.pem');
    expect(found?.wrong[0]?.says).toMatch(says);
  });

  test('of a bundle of 500 the first hundred are watched, and that is said', () => {
    const found = read({ '/etc/ssl/bundle.pem': Array(500).fill(pem(ca)) });
    expect(found?.held).toHaveLength(100);
    expect(found?.wrong).toEqual([{ path: '/etc/ssl/bundle.pem', says: 'holds more than 100 certificates: the others are not watched' }]);
  });

  test('that did not come to its end is not believed', () => {
    expect(readCertsAnswer(answer({ '/a.crt': [pem(leaf)] }).replace('end=certs v1\n', ''), 'certs v1')).toBeUndefined();
  });

  test('never fails and never hangs, whatever it is: cut, shuffled, bent in any byte', () => {
    const whole = answer({
      '/a.crt': [pem(leaf), pem(ca), 'key=/a.key', `keypin=${'0'.repeat(64)}`],
      '/k.conf': ['at=x', `b64=${Buffer.from(ca.cert).toString('base64')}`],
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.string({ minLength: 0, maxLength: 3 })), { maxLength: 8 }),
        fc.nat(whole.length),
        (bends, cut) => {
          let text = whole;
          for (const [at, by] of bends) text = text.slice(0, at) + by + text.slice(at + 1);
          const found = readCertsAnswer(`${text.slice(0, cut)}\nend=certs v1\n`, 'certs v1');
          for (const one of found?.held ?? []) expect(`${one.path}${one.subject}${one.sans}`).not.toMatch(/\p{Cc}/u);
          for (const one of found?.wrong ?? []) expect(one.says).not.toMatch(/\p{Cc}/u);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('DER with any byte bent is a certificate or says why it is none', () => {
    const der = new X509Certificate(leaf.cert).raw;
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, byte, length) => {
        const bent = Buffer.from(der);
        bent[at] = byte;
        const read = parseCertificate(bent.subarray(0, length).toString('base64'));
        expect('says' in read ? read.says : read.serial).toMatch(/./);
      }),
      { numRuns: 1000 },
    );
  });
});

/** By `openssl x509 -req -signkey`: CN=old-root, of version 1; CN=unmarked, of version 3 without basicConstraints; and CN=below, which that one signed. */
const VERSION_1 =
  'pem=MIIBITCByQIUDW26Vpm2+yOyn1TVyXy6Osbgy4QwCgYIKoZIzj0EAwIwEzERMA8GA1UEAwwIb2xkLXJvb3QwIBcNMjYxMTI2MjIwMTM5WhgPMjEyNjExMDIyMjAxMzlaMBMxETAPBgNVBAMMCG9sZC1yb290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE27wfXKYEwVNypWboLAZP/JewZHZ7jOdC5hSzKfIuBs5vS/ug80YK+ZRx+YNtD1qSSEUcUAhvWPLcEuW5lw+dZTAKBggqhkjOPQQDAgNHADBEAiALOvu1+m4qyImb4neRf/EQpVbE+ADDy5Hs0fiq57ZVKAIgI4aMLiFI5HM00U/6xOgbJa5KXe2sEgNYBQSN5LBLrtQ=';
const UNMARKED =
  'pem=MIIBSjCB8aADAgECAhQnnZJLylihcQks5peaOBGOBz0oEzAKBggqhkjOPQQDAjATMREwDwYDVQQDDAh1bm1hcmtlZDAgFw0yNjExMjYyMjAxMzlaGA8yMTI2MTEwMjIyMDEzOVowEzERMA8GA1UEAwwIdW5tYXJrZWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASQfRWMZ+8sOadcg3yOuC9+P2enzt2xYH9bM829eMntfWNyoRVnnXnrWVJfYddka1eLq5T60v6fhp/+Tib01UgxoyEwHzAdBgNVHQ4EFgQUs2gqnVpncdm7M/s+zsfcwTyG0XAwCgYIKoZIzj0EAwIDSAAwRQIhAKIVyuiZ9LgK0tFXBHOFkIp5qt6cEDi9auOWAwq0EDMgAiAaXj1yGJ5VAEg3M5adPXdradLDB2gK6lPoy5kwTh40QA==';
const BELOW =
  'pem=MIIBajCCAQ+gAwIBAgIUdPopVS8URn4qkzNTFY0bS+h04XAwCgYIKoZIzj0EAwIwEzERMA8GA1UEAwwIdW5tYXJrZWQwIBcNMjYxMTI2MjIwMTM5WhgPMjEyNjExMDIyMjAxMzlaMBAxDjAMBgNVBAMMBWJlbG93MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEl8jsq3SgC0k/uWql2fguydZ5rSXMCbk48KfJhfC+/yJKz6pas0qNxfhNW35zRZGyCXTEONGT2D2ujiEx1DLIZqNCMEAwHQYDVR0OBBYEFD74+ueCVtTXpNRLaPDdjbmjg3t9MB8GA1UdIwQYMBaAFLNoKp1aZ3HZuzP7Ps7H3ME8htFwMAoGCCqGSM49BAMCA0kAMEYCIQDBKekdURzaAIzphI4mz4TzQ/Lltd3GmYNRziHCWd/wigIhAKUDmK7sdV+tGBq7Ge+bQ7EXiwDlbamYMdAua87p7cQM';
