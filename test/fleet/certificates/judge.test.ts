import { beforeAll, describe, expect, test } from 'vitest';
import { judgeRenewed } from '../../../src/fleet/certificates/judge.ts';
import type { KeptFile } from '../../../src/fleet/certificates/kept.ts';
import type { Leaf, Seen } from '../../../src/fleet/certificates/shapes.ts';
import { authorityKeyOf } from '../../../src/fleet/certificates/signer.ts';
import type { Pair } from '../../../src/sandbox/certificates/authority.ts';
import { authority, leaf, leafOf, NOW, PKI, seen, spki, trusted } from './some-pki.ts';

const LEAF = `${PKI}/apiserver.crt`;
const CA = `${PKI}/ca.crt`;
const file = (path: string, sha256: string, more: Partial<KeptFile> = {}): KeptFile => ({ path, sha256, mode: '600', owner: '0 0', mtime: 1, ...more });
const KEPT = [file(LEAF, 'a'), file(`${PKI}/apiserver.key`, 'b'), file(CA, 'c'), file(`${PKI}/ca.key`, 'd')];
const RENEWED = [file(LEAF, 'a2'), file(`${PKI}/apiserver.key`, 'b2'), file(CA, 'c'), file(`${PKI}/ca.key`, 'd')];

let ca: Pair;
let other: Pair;
let old: Pair;
beforeAll(async () => {
  [ca, other] = await Promise.all([authority(), authority()]);
  old = await leafOf(ca, -61);
});

const judge = (after: readonly Seen[], files: readonly KeptFile[] = RENEWED, leaves: readonly Leaf[] = [leaf(LEAF, old.cert, spki(ca.cert))]) =>
  judgeRenewed({
    leaves,
    authorities: [trusted(CA, ca.cert)],
    signers: { [spki(ca.cert)]: ca.cert },
    ...{ after, kept: KEPT, files, keys: new Set(), now: NOW },
  });

describe('a renewed leaf may stay', () => {
  test('when it is new, ends later, has its key and its names, and the same authority signed it', async () => {
    const made = await leafOf(ca, 365);
    const judged = judge([seen(LEAF, made.cert, made.key), seen(CA, ca.cert)]);
    expect(judged).toMatchObject({ wrong: [], authority: false });
    expect(judged.renewed).toEqual([expect.objectContaining({ path: LEAF, serial: seen(LEAF, made.cert).serial })]);
  });
});

describe('it may not stay', () => {
  test('when another authority of the same name signed it: the names of the issuers are equal, the signature is not', async () => {
    const made = await leafOf(other, 365);
    const { wrong } = judge([seen(LEAF, made.cert, made.key), seen(CA, ca.cert)]);
    expect(wrong).toEqual([`${LEAF} is not signed by the authority of before (key ${spki(ca.cert).slice(0, 12)}), though it names the same issuer`]);
  });

  test('when a new authority of the same name stands beside it: found by the pin of its key', async () => {
    const made = await leafOf(other, 365);
    const { wrong, authority: written } = judge([seen(LEAF, made.cert, made.key), seen(CA, other.cert)]);
    expect(written).toBe(true);
    expect(wrong[0]).toBe(
      `${CA} is another certificate authority under the same name: its key was ${spki(ca.cert).slice(0, 12)} and is ${spki(other.cert).slice(0, 12)}`,
    );
  });

  test('when an authority is gone, or one that nobody knew has come, or its private key alone was written', async () => {
    const made = await leafOf(ca, 365);
    const well = seen(LEAF, made.cert, made.key);
    expect(judge([well]).wrong).toEqual([`the certificate authority ${CA} is gone`]);
    expect(judge([well, seen(CA, ca.cert), seen(`${PKI}/new.crt`, other.cert)]).wrong).toEqual([
      `a certificate authority that was not there before stands in ${PKI}/new.crt (key ${spki(other.cert).slice(0, 12)})`,
    ]);
    const { wrong, authority: written } = judge(
      [well, seen(CA, ca.cert)],
      RENEWED.map((one) => (one.path.endsWith('ca.key') ? { ...one, sha256: 'e' } : one)),
    );
    expect([written, wrong]).toEqual([true, [`${PKI}/ca.key, a certificate authority, was written`]]);
  });

  test('when the private key of an authority was written that stands elsewhere than beside it', async () => {
    const made = await leafOf(ca, 365);
    const key = '/etc/ssl/private/ca.key';
    const { wrong, authority: written } = judgeRenewed({
      leaves: [leaf(LEAF, old.cert, spki(ca.cert))],
      authorities: [{ ...trusted(CA, ca.cert), key }],
      signers: { [spki(ca.cert)]: ca.cert },
      ...{ after: [seen(LEAF, made.cert, made.key), seen(CA, ca.cert)], keys: new Set(), now: NOW },
      ...{ kept: [...KEPT, file(key, 'k')], files: [...RENEWED, file(key, 'k2')] },
    });
    expect([written, wrong]).toEqual([true, [`${key}, a certificate authority, was written`]]);
  });

  test('when it is the old one still, or is gone, or lost a name, or ends no later', async () => {
    expect(judge([seen(LEAF, old.cert), seen(CA, ca.cert)]).wrong).toEqual([`${LEAF} is still the old one`]);
    expect(judge([seen(CA, ca.cert)]).wrong).toEqual([`${LEAF} is no longer a certificate that can be read`]);
    const fewer = await leafOf(ca, 365, ['kubernetes']);
    expect(judge([seen(LEAF, fewer.cert, fewer.key), seen(CA, ca.cert)]).wrong).toEqual([`${LEAF} no longer names DNS:kyousuke`]);
    const shorter = await leafOf(ca, -62);
    expect(judge([seen(LEAF, shorter.cert, shorter.key), seen(CA, ca.cert)]).wrong).toEqual([
      `${LEAF} ends no later than the one before`,
      `${LEAF} has ended 62 d ago already`,
    ]);
  });

  test('when its authority is nowhere on the host and another key signed it, or nobody could tell: the name alone is never enough', async () => {
    const [made, stranger] = await Promise.all([leafOf(ca, 365), leafOf(other, 365)]);
    const authorityKey = authorityKeyOf(old.cert);
    expect(authorityKey).toMatch(/^[0-9a-f]{40}$/);
    const { signedBy: _, ...away } = leaf(LEAF, old.cert, '');
    const judged = (pem: string, before: Leaf) =>
      judgeRenewed({ leaves: [before], authorities: [], signers: {}, after: [seen(LEAF, pem)], keys: new Set(), kept: KEPT, files: RENEWED, now: NOW }).wrong;
    expect(judged(made.cert, { ...away, authorityKey } as Leaf)).toEqual([]);
    expect(judged(stranger.cert, { ...away, authorityKey } as Leaf)).toEqual([`${LEAF} was signed by another key of CN=kubernetes than the one before`]);
    expect(judged(made.cert, away)).toEqual([
      `which authority signed ${LEAF} cannot be told but by its name, CN=kubernetes: name the file of that authority under certificates.paths in holdfast.yaml`,
    ]);
  });

  test('when its key is gone or can no longer be read, which is not known of one that nobody ever saw', async () => {
    const made = await leafOf(ca, 365);
    const before = { ...leaf(LEAF, old.cert, spki(ca.cert)), keyMatches: true };
    expect(judge([seen(LEAF, made.cert), seen(CA, ca.cert)], RENEWED, [before]).wrong).toEqual([
      `the private key of ${LEAF} is gone, or can no longer be read`,
    ]);
    expect(judge([seen(LEAF, made.cert, made.key), seen(CA, ca.cert)], RENEWED, [before]).wrong).toEqual([]);
    expect(judge([seen(LEAF, made.cert), seen(CA, ca.cert)]).wrong).toEqual([]);
  });

  test('when it does not hold yet, but for the clock of a host that is some seconds before ours', async () => {
    const made = await leafOf(ca, 365);
    const begins = (ms: number) => judge([{ ...seen(LEAF, made.cert, made.key), begins: NOW + ms }, seen(CA, ca.cert)]).wrong;
    expect(begins(20 * 3_600_000)).toEqual([`${LEAF} holds only in 20 h`]);
    expect(begins(10_000)).toEqual([]);
  });

  test('when its key is another one, or more people may read the key than before', async () => {
    const [made, stranger] = await Promise.all([leafOf(ca, 365), leafOf(ca, 365)]);
    expect(judge([seen(LEAF, made.cert, stranger.key), seen(CA, ca.cert)]).wrong).toEqual([`${LEAF} does not belong to the private key beside it`]);
    const open = RENEWED.map((one) => (one.path.endsWith('apiserver.key') ? { ...one, mode: '644' } : one));
    expect(judge([seen(LEAF, made.cert, made.key), seen(CA, ca.cert)], open).wrong).toEqual([
      `${PKI}/apiserver.key may now be read by more than before (mode 644, was 600)`,
    ]);
  });
});

test('a private key is told by where one was seen, whatever its file is called: opened to everybody it may not stay', async () => {
  const made = await leafOf(ca, 365);
  const both = '/etc/haproxy/tls/www.pem';
  const judged = (keys: readonly string[]) =>
    judgeRenewed({
      ...{ leaves: [leaf(both, old.cert, spki(ca.cert))], authorities: [], signers: { [spki(ca.cert)]: ca.cert }, now: NOW },
      ...{ after: [seen(both, made.cert, made.key)], keys: new Set(keys), kept: [file(both, 'a')], files: [file(both, 'a2', { mode: '644' })] },
    }).wrong;
  expect(judged([both])).toEqual([`${both} may now be read by more than before (mode 644, was 600)`]);
  expect(judged([])).toEqual([]);
});

test('an authority that was copied to another place by the renewal is no new one', async () => {
  const made = await leafOf(ca, 365);
  expect(judge([seen(LEAF, made.cert, made.key), seen(CA, ca.cert), seen('/etc/nginx/chain.crt', ca.cert)]).wrong).toEqual([]);
});
