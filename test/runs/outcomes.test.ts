import { expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { parseLine } from '../../src/chat/parse.ts';
import { atWork } from './at-work.ts';

test('a run in which hosts of one kind failed says which kind, and offers the rule that leaves them out as a line that parses', async () => {
  const hosts = Array.from({ length: 12 }, (_, n) => ({
    name: `web${String(n + 1).padStart(2, '0')}`,
    site: n % 2 ? 'bne' : 'mel',
    ring: 'prod',
    ...(n % 3 === 2 ? {} : { vars: { xen: n % 3 === 1 ? '4.2' : '4.11' } }),
  }));
  const bad = new Set(hosts.filter(({ vars }) => vars?.xen === '4.2').map(({ name }) => name));
  const world = await atWork({
    hosts,
    config: { defaults: { 'halt.failed': 99 } },
    behave: (host, step) => (step === 'verify' && bad.has(host) ? { step: 'end', outcome: 'failed', detail: 'did not boot the new kernel' } : undefined),
  });
  await world.type('shake @all batch 2');
  await world.type('approve R1', 'ada');
  const lines = world.shown.at(-1)?.split('\n') ?? [];
  expect(lines[0]).toMatch(/^✗ R1 done: 8\/12/);
  expect(lines.find((line) => line.startsWith('xen'))).toMatch(/^xen 4\.2: 4\/4 failed/);
  const offer = /^ {2}(\/ops exclude .*?) {3}\[Exclude these\]$/m.exec(world.shown.at(-1) as string)?.[1] as string;
  const parsed = parseLine(offer, commands, { platform: 'terminal', now: world.clock.now(), zone: 'UTC' });
  expect(parsed.command.name).toBe('exclude');
  expect(parsed.options).toMatchObject({ target: expect.stringContaining('xen'), job: 'shake' });
});
