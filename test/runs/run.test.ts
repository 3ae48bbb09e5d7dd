import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/lib/refusal.ts';
import { atWork } from './at-work.ts';

const hosts = (count: number, site = 'bne') => Array.from({ length: count }, (_, n) => ({ name: `web${String(n + 1).padStart(2, '0')}`, site, ring: 'prod' }));

describe('a run from its plan to its end', () => {
  test('waits for somebody else, goes canary first in waves that fit, and ends with every slot given back', async () => {
    const world = await atWork({ hosts: hosts(5) });
    expect(await world.type('shake @all batch 2')).toBe('ok');
    expect(world.shown.join('\n')).toContain('R1');
    expect((await world.run()).state).toBe('planned');
    expect(await world.type('approve R1')).toBe('refused');
    expect((await world.run()).state).toBe('planned');
    expect(await world.type('approve R1', 'ada')).toBe('ok');
    const run = await world.run();
    expect(run.state).toBe('done');
    expect(run.hosts.map(({ host, outcome, wave }) => [host, outcome, wave])).toEqual([
      ['web01', 'ok', 0],
      ['web02', 'ok', 1],
      ['web03', 'ok', 1],
      ['web04', 'ok', 2],
      ['web05', 'ok', 2],
    ]);
    expect(await world.held()).toEqual([]);
    expect(world.acted.map(({ host }) => host)).toHaveLength(5);
    expect(world.shown.at(-1)).toContain('5/5');
  });
});

describe('a run halts by itself', () => {
  const noReturn = (name: string) => (host: string, step: string, context: { since: number; clock: { now(): number } }) =>
    host === name && step === 'verify'
      ? context.clock.now() < context.since + 120_000
        ? ({ step: 'wait', lookAgainIn: 60_000, waitingFor: 'it to come back' } as const)
        : ({ step: 'end', outcome: 'lost', detail: 'did not come back' } as const)
      : undefined;

  test('on the first lost host: nothing new begins, its slots stay held, an incident and a page are recorded, and the line says halted', async () => {
    const world = await atWork({ hosts: hosts(6), behave: noReturn('web02') });
    await world.type('shake @all batch 2');
    expect(await world.type('approve R1', 'ada')).toBe('halted');
    const run = await world.run();
    expect(run.state).toBe('halted');
    expect(run.outcomes).toMatchObject({ web01: 'ok', web02: 'lost', web03: 'ok', web04: 'waiting', web05: 'waiting', web06: 'waiting' });
    expect(run.incident).toBe('INC-1');
    expect((await world.held()).map(({ host }) => host)).toEqual(['web02', 'web02']);
    expect((await world.events('INC-1')).map(({ type }) => type)).toEqual(['opened', 'hosts down', 'paged']);
    expect((await world.events('PG1'))[0]?.data['text']).toContain('web02');
    expect(world.shown.at(-1)).toContain('halted');
    await world.pass(3_600_000);
    expect(world.acted.map(({ host }) => host).sort()).toEqual(['web01', 'web02', 'web03']);
  });

  test('go lets it go on without the lost one, and what it took stays taken until somebody says otherwise', async () => {
    const world = await atWork({ hosts: hosts(6), behave: noReturn('web02') });
    await world.type('shake @all batch 2');
    await world.type('approve R1', 'ada');
    expect(await world.type('go R1', 'ada')).toBe('failed');
    const run = await world.run();
    expect(run.state).toBe('done');
    expect(Object.values(run.outcomes).filter((outcome) => outcome === 'ok')).toHaveLength(5);
    expect((await world.held()).map(({ host }) => host)).toEqual(['web02', 'web02']);
    expect(await world.type('release slot web02 because it is scrap', 'ada')).toBe('refused');
    expect(await world.type('release slot web02 because it is scrap')).toBe('ok');
    expect(await world.held()).toEqual([]);
  });

  test('go retry looks at the lost one again before anything else: it came back meanwhile and is not shaken twice', async () => {
    let gone = true;
    const world = await atWork({ hosts: hosts(4), behave: (host, step, context) => (gone ? noReturn('web02')(host, step, context) : undefined) });
    await world.type('shake @all batch 2');
    await world.type('approve R1', 'ada');
    gone = false;
    expect(await world.type('go R1 retry', 'ada')).toBe('ok');
    expect((await world.run()).outcomes).toEqual({ web01: 'ok', web02: 'ok', web03: 'ok', web04: 'ok' });
    expect(world.acted.filter(({ host }) => host === 'web02')).toHaveLength(1);
    expect(await world.held()).toEqual([]);
  });

  test('a failed one keeps the place of its redundancy group, and go retry begins it anew under another intent', async () => {
    let broken = true;
    const pair = hosts(3).map((host, n) => ({ ...host, redundancy: n < 2 ? ['pair'] : [] }));
    const world = await atWork({
      hosts: pair,
      behave: (host, step) =>
        broken && host === 'web01' && step === 'verify' ? { step: 'end', outcome: 'failed', detail: 'back, but nginx failed' } : undefined,
    });
    await world.type('shake @all batch 2');
    expect(await world.type('approve R1', 'ada')).toBe('halted');
    expect((await world.held()).map(({ budget }) => budget)).toEqual(['redundancy:pair']);
    broken = false;
    expect(await world.type('go R1 retry', 'ada')).toBe('ok');
    expect(world.acted.filter(({ host }) => host === 'web01').map(({ intent }) => intent.replace(/-[^-]*$/, ''))).toEqual(['R1-web01-1', 'R1-web01-2']);
    expect(await world.held()).toEqual([]);
  });
});

describe('stop', () => {
  test('nothing new begins anywhere; what is in flight gets its outcome, and each run goes on only by its own word', async () => {
    const world = await atWork({ hosts: hosts(6) });
    await world.type('shake @all batch 1');
    const line = world.begin('approve R1', 'ada');
    await line;
    await world.pass(30_000);
    expect(world.acted).toHaveLength(1);
    expect(await world.type('stop because the gateway flaps', 'ben')).toBe('ok');
    await world.pass(3_600_000);
    const run = await world.run();
    expect(run.state).toBe('halted');
    expect(run.outcomes).toMatchObject({ web01: 'ok', web02: 'waiting' });
    expect(world.acted).toHaveLength(1);
    expect(run.incident).toBeNull();
    expect(await world.type('go R1', 'ada')).toBe('refused');
    expect(await world.type('go', 'ada')).toBe('ok');
    expect(world.shown.at(-1)).toContain('go R1');
    expect(await world.type('go R1', 'ada')).toBe('ok');
    expect((await world.run()).state).toBe('done');
    expect(world.acted).toHaveLength(6);
  });

  test('what has not begun is cancelled, and cannot be approved any more', async () => {
    const world = await atWork({ hosts: hosts(3) });
    await world.type('shake @all');
    await world.type('stop R1', 'ben');
    expect((await world.run()).state).toBe('cancelled');
    expect(await world.type('approve R1', 'ada')).toBe('refused');
    expect(world.acted).toEqual([]);
  });
});

describe('approval', () => {
  test('a request nobody answers ends after an hour, and nothing was done', async () => {
    const world = await atWork({ hosts: hosts(3) });
    await world.type('shake @all');
    await world.pass(61 * 60_000);
    expect((await world.run()).state).toBe('expired');
    expect(await world.type('approve R1', 'ada')).toBe('refused');
  });

  test('whoever has the role elsewhere only may not approve', async () => {
    const world = await atWork({ hosts: hosts(3) });
    await world.type('shake @all');
    expect(await world.type('approve R1', 'kim')).toBe('refused');
    expect(await world.type('approve R1', 'ben')).toBe('refused');
    expect((await world.run()).state).toBe('planned');
  });

  test('every eligible person is asked at once, the requester is not', async () => {
    const world = await atWork({ hosts: hosts(3) });
    await world.type('shake @all because the kernel is old');
    await world.pass(1000);
    expect(world.shown.filter((text) => text.startsWith('to ada'))).toHaveLength(1);
    expect(world.shown.filter((text) => text.startsWith('to you'))).toHaveLength(0);
    expect(world.shown.join('\n')).toContain('because the kernel is old');
  });

  test('the glass breaks for the requester after five minutes without an answer: one at a time, and everybody hears of it', async () => {
    const world = await atWork({ hosts: hosts(4) });
    await world.type('shake @all batch 2');
    expect(await world.type('approve R1 break glass because bne is dark')).toBe('refused');
    await world.pass(6 * 60_000);
    expect(await world.type('approve R1 break glass')).toBe('refused');
    expect(await world.type('approve R1 break glass because bne is dark')).toBe('ok');
    const run = await world.run();
    expect(run.state).toBe('done');
    const spans = world.acted.map(({ from, to }) => [from, to as number] as const);
    for (const [n, [from]] of spans.entries())
      for (const [m, [other, to]] of spans.entries()) if (n !== m && other < from) expect(to).toBeLessThanOrEqual(from);
    expect(world.shown.some((text) => text.startsWith('to ada') && text.includes('BROKE THE GLASS'))).toBe(true);
    expect((await world.events('R1')).map(({ type }) => type)).toContain('glass broken');
  });
});

describe('two runs at once', () => {
  test('their hosts share the budgets: never two of a site more than allowed, never two of a redundancy group', async () => {
    const all = [
      ...hosts(4).map((host, n) => ({ ...host, redundancy: [`pair${n % 2}`] })),
      ...hosts(4).map((host, n) => ({ ...host, name: `db0${n + 1}`, redundancy: [`pair${n % 2}`] })),
    ];
    const world = await atWork({ hosts: all });
    await world.type('shake web[01-04] batch 2');
    await world.type('shake db[01-04] batch 2');
    await world.begin('approve R1', 'ada');
    await world.begin('approve R2', 'ada');
    await world.pass(4 * 3_600_000);
    expect((await world.run('R1')).state).toBe('done');
    expect((await world.run('R2')).state).toBe('done');
    const of = new Map(all.map((host) => [host.name, host]));
    const moments = world.acted.map(({ from }) => from);
    for (const at of moments) {
      const now = world.acted.filter(({ from, to }) => from <= at && at < (to as number)).map(({ host }) => host);
      expect(now.length).toBeLessThanOrEqual(2);
      const groups = now.flatMap((host) => of.get(host)?.redundancy ?? []);
      expect(new Set(groups).size).toBe(groups.length);
    }
    expect(world.acted).toHaveLength(8);
  });
});

describe('undo', () => {
  test('of one’s own run needs nobody; it goes over the hosts that were touched, and ends the story', async () => {
    const undone: string[] = [];
    const world = await atWork({
      hosts: hosts(3),
      behave: (host, step) => (step === 'undo' && undone.push(host) ? { step: 'done', detail: 'put back' } : undefined),
    });
    await world.type('shake web01,web02');
    await world.type('approve R1', 'ada');
    expect(await world.type('undo R1')).toBe('ok');
    expect((await world.run('R2')).state).toBe('done');
    expect(undone.sort()).toEqual(['web01', 'web02']);
  });
});

describe('a crash in between', () => {
  test('a step that begins again hands the host the same intent, and what was already done is not done again', async () => {
    let thrown = 0;
    const world = await atWork({
      hosts: hosts(2),
      behave: (host, step) => {
        if (host === 'web01' && step === 'act' && thrown++ === 0) throw new Error('the worker fell over');
        return undefined;
      },
    });
    await world.type('shake @all');
    await world.type('approve R1', 'ada');
    expect((await world.run()).outcomes['web01']).toBe('unverified');
    expect((await world.run()).state).toBe('halted');
  });
});

describe('what a person can mend', () => {
  test('is said in its own words, and not as a fault of ours', async () => {
    const world = await atWork({
      hosts: hosts(1),
      behave: (_, step) => {
        if (step === 'act') throw new Refusal('drain is not the script that was planned; plan it again');
        return undefined;
      },
    });
    await world.type('shake web01');
    await world.type('approve R1', 'ada');
    const [host] = (await world.run()).hosts;
    expect(host).toMatchObject({ outcome: 'unverified', detail: 'drain is not the script that was planned; plan it again' });
  });
});

describe('evidence', () => {
  const lostOnce = (host: string, step: string) =>
    host === 'web01' && step === 'verify' ? ({ step: 'end', outcome: 'lost', detail: 'did not come back' } as const) : undefined;

  test('a lost host that a check finds back gives its slots back, and go retry sees that it is well without touching it again', async () => {
    let gone = true;
    const world = await atWork({ hosts: hosts(2), behave: (host, step) => (gone ? lostOnce(host, step) : undefined) });
    await world.type('shake @all');
    expect(await world.type('approve R1', 'ada')).toBe('halted');
    expect(await world.held()).not.toEqual([]);
    await world.heard('web01', { boot_id: '11111111-2222-3333-4444-555555555555' });
    expect(await world.held()).toEqual([]);
    gone = false;
    expect(await world.type('go R1 retry', 'ada')).toBe('ok');
    expect((await world.run()).outcomes).toEqual({ web01: 'ok', web02: 'ok' });
    expect(world.acted.map(({ host }) => host)).toEqual(['web01', 'web02']);
  });
});

test('a run that waits for the place of a lost host holds up nobody’s next line: it says so, and goes on when the place is given back', async () => {
  const all = hosts(4).map((host) => ({ ...host, redundancy: ['quartet'] }));
  const world = await atWork({
    hosts: all,
    behave: (host, step) => (host === 'web01' && step === 'verify' ? { step: 'end', outcome: 'lost', detail: 'did not come back' } : undefined),
  });
  await world.type('shake @all');
  expect(await world.type('approve R1', 'ada')).toBe('halted');
  expect(await world.type('go R1', 'ada')).toBe('failed');
  expect((await world.run()).waiting?.for).toBe('budget');
  expect(world.shown.at(-1)).toContain('web01');
  expect(await world.type('release slot web01 because it is off')).toBe('ok');
  await world.pass(3_600_000);
  expect((await world.run()).state).toBe('done');
});

describe('a host that was made ready', () => {
  const ready = (host: string, step: string) => (host === 'web01' && step === 'prepare' ? ({ step: 'done', remember: { drained: true } } as const) : undefined);
  const job = (behave: (host: string, step: 'prepare', context: never) => unknown) => ({
    prepare: async (host: { name: string }, context: unknown) => (behave(host.name, 'prepare', context as never) ?? { step: 'done' }) as never,
  });

  test('is held by a stop, goes on where it was held, and is not made ready a second time', async () => {
    let drains = 0;
    let busy = true;
    const prepare = (host: string, step: string) => {
      if (step !== 'prepare') return undefined;
      drains += 1;
      return busy ? { step: 'wait', lookAgainIn: 60_000, waitingFor: '3 guests still here', remember: { drain: 'begun' } } : ready(host, step);
    };
    const world = await atWork({ hosts: hosts(1), job: job(prepare as never) as never });
    await world.type('shake @all');
    await world.begin('approve R1', 'ada');
    await world.pass(150_000);
    expect(await world.type('stop R1 because the switch flaps', 'ben')).toBe('ok');
    await world.pass(120_000);
    expect((await world.run()).outcomes).toEqual({ web01: 'held' });
    expect(await world.held()).not.toEqual([]);
    const before = drains;
    busy = false;
    expect(await world.type('go R1 on web01', 'ada')).toBe('ok');
    expect(drains).toBe(before + 1);
    expect(world.acted).toHaveLength(1);
    expect((await world.run()).state).toBe('done');
    expect(await world.held()).toEqual([]);
  });

  test('is moved back by undo of that host alone', async () => {
    const undone: string[] = [];
    const prepare = () => ({ step: 'wait', lookAgainIn: 60_000, waitingFor: '3 guests still here', remember: { drain: 'begun' } });
    const world = await atWork({
      hosts: hosts(2).map((host) => ({ ...host, redundancy: ['pair'] })),
      job: job(prepare as never) as never,
      behave: (host, step) => (step === 'undo' && undone.push(host) ? { step: 'done', detail: 'guests are back' } : undefined),
    });
    await world.type('shake @all');
    await world.begin('approve R1', 'ada');
    await world.pass(150_000);
    await world.type('stop R1', 'ben');
    await world.pass(120_000);
    expect(await world.type('undo R1 on web01')).toBe('ok');
    expect(undone).toEqual(['web01']);
    expect(await world.held()).toEqual([]);
  });
});
