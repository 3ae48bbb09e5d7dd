import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataDirectory, finished, piped } from './holdfast.ts';

/** The way a person goes at night: a host is gone, is looked at from outside, and brought back. */
const { dataDir, remove } = dataDirectory();
const env = { HOLDFAST_DATA: dataDir };
afterAll(remove);

const documents = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

describe('in the sandbox', () => {
  let stdout: string;
  beforeAll(async () => {
    const lines = [
      '/ops check kvm05,web01',
      '/ops sandbox kvm05 dead',
      '/ops check kvm05',
      '/ops power status kvm05,web01 --json',
      '/ops power console kvm05',
      '/ops stop because we look first',
      '@ada /ops power cycle kvm05 because it panicked',
      '/ops go',
      '/ops show R1 --json',
      '/ops power cycle web01',
      '/ops power log kvm05',
    ];
    ({ stdout } = await piped(lines, { env }));
  }, 60_000);

  test('a dead host is seen from outside: its power is on, and its console says why', () => {
    expect(documents(stdout)[0]).toEqual({
      hosts: [
        { host: 'web01', outcome: 'ok', power: 'on', lines: ['power on (running)'] },
        { host: 'kvm05', outcome: 'ok', power: 'on', lines: ['power on'] },
      ],
    });
    expect(stdout).toMatch(/^✓ console of kvm05$/m);
    expect(stdout).toContain('Kernel panic - not syncing');
  });

  test('one person power cycles it, also while everything is stopped, and it is believed by its new boot id', () => {
    const run = documents(stdout).find(({ id }) => id === 'R1') as {
      state: string;
      approvals: unknown[];
      hosts: { outcome: string; detail: string; boot_before: string; boot_after: string }[];
    };
    expect(run).toMatchObject({ state: 'done', approvals: [], hosts: [{ host: 'kvm05', outcome: 'ok' }] });
    const [host] = run.hosts;
    expect(host?.boot_after).toMatch(/^[0-9a-f-]{36}$/);
    expect(host?.boot_after).not.toBe(host?.boot_before);
    expect(host?.detail).toMatch(/before: power on; console: .*Kernel panic - not syncing.*; log: .*OS Critical Stop/);
  });

  test('a living one waits for a second person', () => {
    expect(stdout).toMatch(/R2 waits for approval: power cycle web01/);
    expect(stdout).toContain('power cycle, hard, though it is alive');
    expect(stdout).toMatch(/^✓ log of kvm05$/m);
  });

  test('doctor examines the way to the power of every class', async () => {
    const { stdout: said } = await finished(['doctor'], { env });
    expect(said).toMatch(/ok {7} power: `bmc` \(19 hosts\): \w+ is on/);
    expect(said).toMatch(/ok {7} power: `guests` \(10 hosts\): \w+ is on/);
  }, 60_000);
});
