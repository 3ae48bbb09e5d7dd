import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FACTS } from '../../../src/fleet/facts/catalogue.ts';
import { clockOffset, deriveFacts } from '../../../src/fleet/facts/derive.ts';
import { parseFacts } from '../../../src/fleet/facts/parse.ts';

const answer = (...lines: string[]): string => `${[...lines, 'end=check v1'].join('\n')}\n`;

describe('what a host said becomes facts', () => {
  test('each by its type: numbers, versions as text, yes and no, times as ISO, lists and tables', () => {
    const { facts, unseen, whole } = parseFacts(
      answer(
        'uptime=18252000.5',
        'xen=4.11.amazon',
        'reboot_required=no',
        'livepatch_pulled=1529316000',
        'failed_units[]=nginx.service',
        'failed_units[]=backup.service',
        'package_holds[]=',
        'disk_used{}={"mount":"/","used_percent":97,"free_mb":812,"inodes_percent":12}',
        'update_agents{}={"name":"apt-daily.timer","state":"on","next":1529316000}',
        'smart_failing?=root',
        'kernel_errors?=timeout',
      ),
    );
    expect(whole).toBe(true);
    expect(unseen).toEqual({ smart_failing: 'root', kernel_errors: 'timeout' });
    expect(facts).toEqual({
      uptime: 18252000.5,
      xen: '4.11.amazon',
      reboot_required: false,
      livepatch_pulled: '2018-06-18T10:00:00.000Z',
      failed_units: ['nginx.service', 'backup.service'],
      package_holds: [],
      disk_used: [{ mount: '/', used_percent: 97, free_mb: 812, inodes_percent: 12 }],
      disk_worst: 97,
      inodes_worst: 12,
      update_agents: [{ name: 'apt-daily.timer', state: 'on', next: '2018-06-18T10:00:00.000Z' }],
      unseen: ['smart_failing: root', 'kernel_errors: timeout'],
    });
  });

  test('an answer that was cut says so, and what had arrived is kept', () => {
    expect(parseFacts('kernel=6.1.0-40-amd64\nos=deb')).toEqual({ facts: { kernel: '6.1.0-40-amd64' }, unseen: {}, whole: false });
  });

  test('nothing after the end counts', () => {
    expect(parseFacts(`${answer('os=debian')}kernel=6.1\n`).facts).toEqual({ os: 'debian' });
  });

  test('a number that is none is not seen, rather than zero', () => {
    expect(parseFacts(answer('uptime=soon', 'cpus=1e99999', 'mem_total_mb=NaN'))).toMatchObject({
      facts: { unseen: expect.any(Array) },
      unseen: { uptime: 'unreadable', cpus: 'unreadable', mem_total_mb: 'unreadable' },
    });
  });
});

describe('a host that says what it likes', () => {
  test('cannot plant keys, pollute objects or contradict itself', () => {
    const { facts } = parseFacts(
      answer(
        '__proto__=x',
        'constructor=x',
        'toString[]=x',
        'evil=1',
        'disk_worst=3',
        'os=debian',
        'os=other',
        'os[]=list',
        'listeners=443',
        'probes{}={"name":"a","ok":true,"__proto__":{"x":1},"more":1}',
        'probes{}=[1]',
        'probes{}=null',
        'probes{}={"name":"a"}',
        'os?=root',
      ),
    );
    expect(facts).toEqual({ os: 'debian', probes: [{ name: 'a', ok: true }] });
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test('gives bounded, printable facts the database takes, whatever bytes come', () => {
    const { facts } = parseFacts(
      answer(`os=\ud800a\u0000b\u2028${'x'.repeat(900)}`, ...Array.from({ length: 99 }, (_, i) => `listeners[]=${i}`), `product=${'y'.repeat(3000)}`),
    );
    expect(facts.os).toMatch(/^\ufffda b x+$/);
    expect((facts.os as string).length).toBeLessThanOrEqual(500);
    expect(facts.listeners).toHaveLength(40);
    expect(facts.product).toBeUndefined();
  });

  test('never makes it throw, and only facts of the catalogue come out', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(
          fc.constantFrom(...Object.keys(FACTS), '__proto__', 'x'),
          fc.constantFrom('=', '[]=', '{}=', '?=', ''),
          fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.double().map(String)),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), (lines, end) => {
        const { facts, whole } = parseFacts(`${lines.join('\n')}\n${end ? 'end=check v1\n' : ''}`);
        if (end) expect(whole).toBe(true);
        expect(Object.keys(facts).filter((key) => !Object.hasOwn(FACTS, key))).toEqual([]);
        expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
        expect(JSON.stringify(facts)).not.toContain('\\u0000');
      }),
      { numRuns: 500 },
    );
  });

  test('ten megabytes of it cost no noticeable time', () => {
    const began = performance.now();
    parseFacts('listeners[]=1\n'.repeat(700_000));
    parseFacts('a'.repeat(10_000_000));
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('facts that follow from others', () => {
  test('when it booted, the worst disk, the family of an instance', () => {
    const facts = { uptime: 3600, host_time: '2018-06-18T10:00:00.000Z', instance_type: 'm4.large' };
    deriveFacts(facts);
    expect(facts).toMatchObject({ booted: '2018-06-18T09:00:00.000Z', instance_family: 'm4' });
    const azure = { instance_type: 'Standard_D2s_v3' };
    deriveFacts(azure);
    expect(azure).toMatchObject({ instance_family: 'D' });
  });

  test('a clock inside what the round trip leaves unsure is not off', () => {
    const at = Date.parse('2018-06-18T10:00:00Z');
    expect(clockOffset('2018-06-18T10:00:00Z', at - 300, at + 300)).toBe(0);
    expect(clockOffset('2018-06-18T10:00:05Z', at - 300, at + 300)).toBe(4_700);
    expect(clockOffset('2018-06-18T09:59:00Z', at - 300, at + 300)).toBe(-59_700);
  });
});
