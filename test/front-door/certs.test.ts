import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataDirectory, piped } from './holdfast.ts';

/** The morning after somebody first looked: the expired certificate of the sandbox's cluster, and who is asked about it. */
const { dataDir, remove } = dataDirectory();
afterAll(remove);

/** Minutes until people are asked: ten past eight in Brisbane, where the sandbox is (UTC+10, no summer time), the day after where that is near. */
function untilAsked(): number {
  const day = 24 * 60;
  const minutes = (22 * 60 + 10 - ((Date.now() / 60_000) % day) + day) % day;
  return Math.ceil(minutes < 60 ? minutes + day : minutes);
}

interface Certs {
  certs: { host: string; path: string; kind: string; serial: string; pin: string; days_left: number; served: boolean; served_at?: string[] }[];
}

describe('in the sandbox', () => {
  let code: number | null;
  let stdout: string;
  beforeAll(async () => {
    const lines = [
      '/ops certs @kaza',
      '/ops certs @kaza --json',
      '/ops check kyousuke',
      '/ops certs expiring 90d',
      `wait ${untilAsked()}m`,
      '@ada /ops ack PG1',
      '/ops show PG1 --json',
      '/ops rotate certs kyousuke',
      '@ada /ops approve R1',
      'wait 20m',
      '/ops show PG1 --json',
    ];
    ({ code, stdout } = await piped(lines, { env: { HOLDFAST_DATA: dataDir } }));
  }, 180_000);
  const documents = (): Record<string, unknown>[] =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));

  test('certs @kaza shows the expired leaf first, and the authority', () => {
    expect(stdout).toMatch(/^✗ @kaza: 1 expired; 9 leaves and 1 authority on 5 hosts$/m);
    expect(stdout).toMatch(/^kyousuke critical: certificate kube-apiserver expired 61 d ago: \/etc\/kubernetes\/pki\/apiserver\.crt, served on 6443$/m);
    expect(stdout).toMatch(/kubernetes +CA +ends in 32\d\d d/);
    expect(code).toBe(0);
  });

  test('as JSON each has its host, path, kind, serial, pin and days, and whether it is served', () => {
    const { certs } = documents()[0] as unknown as Certs;
    expect(certs[0]).toMatchObject({ host: 'kyousuke', path: '/etc/kubernetes/pki/apiserver.crt', kind: 'leaf', days_left: -61, served: true });
    expect(certs[0]?.served_at?.[0]).toMatch(/^127\.0\.0\.1:\d+$/);
    for (const { serial, pin } of certs) expect([serial, pin]).toEqual([expect.stringMatching(/^[0-9A-F]+$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    const authorities = certs.filter(({ kind }) => kind === 'ca');
    expect(new Set(authorities.map(({ host }) => host)).size).toBe(5);
    expect(new Set(authorities.map(({ pin }) => pin)).size).toBe(1);
  });

  test('a check carries it as a finding, and certs without a target is what is known', () => {
    expect(stdout).toMatch(/^✗ kyousuke with findings \(1 critical\)$/m);
    expect(stdout).toMatch(/^✗ all that is known: 1 expired; 1 ends within 90 d; 9 leaves and 1 authority on 5 hosts$/m);
  });

  test('the owner is asked in the morning, critical, with the plan and a button for it', () => {
    expect(stdout).toMatch(
      /^to ada by sms .*PG1: certificate kube-apiserver expired 61 d ago: kyousuke:\/etc\/kubernetes\/pki\/apiserver\.crt, served on 6443$/m,
    );
    expect(stdout).toMatch(/^ {2}plan: LEAF renew kyousuke:\/etc\/kubernetes\/pki\/apiserver\.crt; CA untouched CN=kubernetes \(pin [0-9a-f]{12}\)$/m);
    expect(stdout).toContain('/ops rotate certs kyousuke cert /etc/kubernetes/pki/apiserver.crt   [Rotate]');
    expect(documents().at(-2)).toMatchObject({ id: 'PG1', state: 'acked', acked: { by: 'ada' } });
  });

  test('once it was rotated nobody is asked any more, without waiting for the next morning', () => {
    expect(stdout).toMatch(/R1 done: 1\/1/);
    expect(documents().at(-1)).toMatchObject({ id: 'PG1', state: 'resolved' });
  });
});
