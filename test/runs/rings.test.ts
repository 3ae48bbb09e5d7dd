import { describe, expect, test } from 'vitest';
import { atWork } from './at-work.ts';

const HOUR = 3_600_000;
const hosts = [
  { name: 'lab01', site: 'bne', ring: 'lab' },
  { name: 'lab02', site: 'mel', ring: 'lab' },
  { name: 'web01', site: 'bne', ring: 'prod' },
  { name: 'web02', site: 'mel', ring: 'prod' },
];

describe('by rings', () => {
  test('the lab goes by itself where nobody has to be asked, days lie before production, and production asks again', async () => {
    const world = await atWork({ hosts });
    expect(await world.type('shake @all by rings')).toBe('ok');
    let run = await world.run();
    expect(run.outcomes).toEqual({ lab01: 'ok', lab02: 'ok', web01: 'waiting', web02: 'waiting' });
    expect(run.state).toBe('running');
    const asked = () => world.shown.filter((text) => text.startsWith('to ada'));
    expect(asked()).toHaveLength(1);
    expect(asked()[0]).toContain('ring prod');
    expect(await world.type('approve R1', 'ada')).toBe('ok');
    run = await world.run();
    expect(run.waiting?.for).toBe('ring soak');
    expect(run.outcomes['web01']).toBe('waiting');
    await world.pass(71 * HOUR);
    expect((await world.run()).outcomes['web01']).toBe('waiting');
    await world.pass(48 * HOUR);
    run = await world.run();
    expect(run.state).toBe('done');
    expect(run.outcomes).toEqual({ lab01: 'ok', lab02: 'ok', web01: 'ok', web02: 'ok' });
  });

  test('a canary of production that fails halts it there', async () => {
    const world = await atWork({
      hosts,
      behave: (host, step) => (host.startsWith('web') && step === 'verify' ? { step: 'end', outcome: 'failed', detail: 'back, but nginx failed' } : undefined),
    });
    await world.type('shake @all by rings');
    await world.type('approve R1', 'ada');
    // No further than to the halt: its page asks somebody every quarter of an hour from then on, for as many days as nobody answers.
    for (let hours = 0; hours < 6 * 24 && (await world.run()).state !== 'halted'; hours++) await world.pass(HOUR);
    const run = await world.run();
    expect(run.state).toBe('halted');
    expect(Object.values(run.outcomes).filter((outcome) => outcome === 'failed')).toHaveLength(1);
    expect(run.incident).toBe('INC-1');
  });
});

describe('windows and hours', () => {
  const nightly = {
    windows: [{ hosts: '@prod', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as never, from: '02:00', until: '04:00', zone: 'UTC' }],
  };

  test('a host waits for its window, and the line that approved does not hold up the next one', async () => {
    const world = await atWork({ hosts: hosts.slice(2), config: nightly });
    await world.type('shake @all');
    expect(await world.type('approve R1', 'ada')).toBe('ok');
    expect((await world.run()).waiting?.for).toBe('window');
    expect(world.acted).toEqual([]);
    await world.pass(20 * HOUR);
    expect((await world.run()).state).toBe('done');
    for (const { from } of world.acted) expect(new Date(from).getUTCHours()).toBeGreaterThanOrEqual(2);
    for (const { to } of world.acted) expect(new Date(to as number).getUTCHours()).toBeLessThan(4);
  });

  test('not before its hour, and then by itself', async () => {
    const world = await atWork({ hosts: hosts.slice(2) });
    await world.type('shake @all at 23:00');
    await world.type('approve R1', 'ada');
    await world.pass(30 * 60_000);
    expect(world.acted).toEqual([]);
    await world.pass(15 * HOUR);
    expect((await world.run()).state).toBe('done');
    expect(new Date(world.acted[0]?.from as number).getUTCHours()).toBe(23);
  });
});

describe('a plan only looked at', () => {
  test('begins nothing and takes no number', async () => {
    const world = await atWork({ hosts });
    expect(await world.type('shake @prod plan')).toBe('ok');
    expect(world.shown.at(-1)).toContain('Only a plan');
    expect(await world.db.query('select 1 from runs')).toEqual([]);
    await world.type('shake @prod');
    expect((await world.run('R1')).state).toBe('planned');
  });
});
