import { describe, expect, test } from 'vitest';
import { alertsAtWork } from './alerts-at-work.ts';

const MINUTE = 60_000;

describe('alerts that are paused', () => {
  test('ask nobody, end at their time, and say what was silenced; what still burns then asks', async () => {
    const work = await alertsAtWork();
    expect(await work.type('pause alerts @web for 2h')).toBe('ok');
    await work.fires('web01');
    await work.fires('web02', { summary: 'disk full' });
    await work.resolves('web02', { summary: 'disk full' });
    expect(await work.pages()).toEqual([]);
    expect(work.took().some((line) => line.includes('H1: alerts of @web ask nobody until'))).toBe(true);
    await work.pass(121 * MINUTE);
    const told = work.took();
    expect(told.some((line) => line.includes('H1 is over: alerts of @web are heard again'))).toBe(true);
    expect(told.some((line) => line.includes('silenced meanwhile (2): 2 alerts of web on web[01-02]: HTTP 5xx, disk full'))).toBe(true);
    expect(told.some((line) => line.includes('burns still (1): web01: HTTP 5xx; PG1 asks now'))).toBe(true);
    expect(await work.pages()).toEqual(['PG1 open web: web01: HTTP 5xx']);
    expect(told.filter((line) => line.includes('to ada') && line.includes('PG1'))).not.toEqual([]);
  });

  test('rest the pages that ask about nothing else, and leave what else burns', async () => {
    const work = await alertsAtWork();
    await work.fires('web01');
    await work.type('pause alerts web01 for 1h');
    expect(await work.pages()).toEqual(['PG1 silenced web: web01: HTTP 5xx']);
    await work.take({ hosts: ['web02'] }, { hosts: ['web03'] });
    await work.type('pause alerts web02 for 1h');
    expect((await work.pages())[1]).toBe('PG2 open web: web03: HTTP 5xx');
    // About both at once: only one of them is paused.
    await work.take({ hosts: ['web01', 'web03'], summary: 'replication broken' });
    expect((await work.pages())[1]).toBe('PG2 open web: 2 alerts of web on web[01,03]: HTTP 5xx, replication broken');
  });

  test('are heard again before that when somebody says so: all of them, or one host of many', async () => {
    const work = await alertsAtWork();
    await work.type('pause alerts @web for 2h');
    await work.take({ hosts: ['web01'] }, { hosts: ['web02'] });
    expect(await work.type('resume alerts web02')).toBe('ok');
    expect(await work.pages()).toEqual(['PG1 open web: web02: HTTP 5xx']);
    expect(await work.type('resume alerts H1')).toBe('ok');
    expect((await work.pages()).at(-1)).toBe('PG1 open web: 2 alerts of web on web[01-02]: HTTP 5xx (2)');
    expect(await work.type('resume alerts H1')).toBe('refused');
    expect(await work.type('resume alerts @web')).toBe('refused');
    await work.pass(180 * MINUTE);
    expect(work.took().filter((line) => line.includes('H1 is over')).length).toBe(1);
  });

  test('of two hosts paused apart ask as soon as one of them is heard again', async () => {
    const work = await alertsAtWork();
    await work.type('pause alerts web01 for 10h');
    await work.type('pause alerts web02 for 1h');
    await work.take({ hosts: ['web01', 'web02'], summary: 'replication broken' });
    expect(await work.pages()).toEqual([]);
    await work.pass(61 * MINUTE);
    expect(await work.pages()).toEqual(['PG1 open web: web[01-02]: replication broken']);
  });

  test('of a whole service silence what names no host of it', async () => {
    const work = await alertsAtWork();
    await work.type('pause alerts web01 for 1h');
    await work.take({ service: 'web', summary: 'slow' });
    expect(await work.pages()).toHaveLength(1);
    await work.type('pause alerts @web for 1h');
    expect((await work.pages())[0]).toContain('PG1 silenced');
  });
});

test('a maintenance silences what begins on its hosts in its window, and what burns still when it is over asks', async () => {
  const work = await alertsAtWork();
  const now = work.clock.now();
  await work.db.query(
    `insert into incidents (id, code, state, kind, title, severity, by, began, opened, scheduled_for, scheduled_until, changed)
     values ('INC-9', 'abcdefghijkl', 'in_progress', 'maintenance', 'a new switch', 'minor', 'ada', $1, $1, $1, $2, $1)`,
    [new Date(now), new Date(now + 60 * MINUTE)],
  );
  await work.db.query(`insert into incident_hosts (incident, host, source) values ('INC-9', 'kvm02', 'person')`);
  await work.take({ hosts: ['web03'] }, { hosts: ['web01'] });
  expect(await work.pages()).toEqual(['PG1 open web: web01: HTTP 5xx']);
  await work.pass(61 * MINUTE);
  expect((await work.pages())[1]).toBe('PG2 open web: web03: HTTP 5xx');
});

describe('a run that disrupts hosts', () => {
  const shaking = () =>
    alertsAtWork({
      behave: (_, step, context) => {
        if (step === 'verify' && context.memory['back'] !== true) return { step: 'wait', lookAgainIn: 20 * MINUTE, waitingFor: 'it', remember: { back: true } };
        return undefined;
      },
    });

  test('silences what it causes on its host and on the guests of it, never another host and nothing older, until a moment after it is well', async () => {
    const work = await shaking();
    await work.fires('web03', { summary: 'disk full' });
    await work.type('shake kvm02');
    await work.begin('approve R1', 'ada');
    await work.pass(MINUTE);
    expect((await work.run()).hosts[0]?.state).toBe('going');
    await work.take({ hosts: ['kvm02'], summary: 'does not answer' }, { hosts: ['web04'] });
    await work.fires('web02');
    expect(await work.pages()).toEqual([expect.stringContaining('PG1 open web: 2 alerts of web on web[02-03]')]);
    expect(await work.db.query(`select summary, silenced_by from alerts where silenced_by is not null order by id`)).toEqual([
      { summary: 'does not answer', silenced_by: 'R1' },
      { summary: 'HTTP 5xx', silenced_by: 'R1' },
    ]);
    await work.resolves('kvm02', { summary: 'does not answer' });
    await work.pass(22 * MINUTE);
    expect((await work.run()).outcomes).toEqual({ kvm02: 'ok' });
    expect(await work.pages()).toHaveLength(1);
    // It is well, and web04 is still said to be ill: five minutes are for senders that are slow to notice.
    await work.pass(6 * MINUTE);
    expect((await work.pages())[1]).toBe('PG2 open web: web04: HTTP 5xx');
  });

  test('whose worker dies with the host silences it no longer than any host may take to come back; what still burns then asks', async () => {
    const work = await alertsAtWork({ behave: (_, step) => (step === 'verify' ? { step: 'wait', lookAgainIn: 600 * MINUTE, waitingFor: 'it' } : undefined) });
    await work.type('shake kvm02');
    await work.begin('approve R1', 'ada');
    await work.pass(MINUTE);
    await work.take({ hosts: ['kvm02'], summary: 'does not answer' }, { hosts: ['web04'] });
    await work.pass(40 * MINUTE);
    expect(await work.pages()).toEqual([]);
    await work.pass(15 * MINUTE);
    expect((await work.run()).hosts[0]?.state).toBe('going');
    expect(await work.pages()).toEqual(['PG1 open kvm: kvm02 and 1 guest (web04): does not answer']);
  });

  test('that loses a host silences nothing of it: what is said of it belongs to the page of the halt, and to one of its own when that is over', async () => {
    const work = await alertsAtWork({ behave: (_, step) => (step === 'verify' ? { step: 'end', outcome: 'lost', detail: 'gone' } : undefined) });
    await work.type('shake mon01');
    await work.begin('approve R1', 'ada');
    await work.pass(2 * MINUTE);
    await work.pass(2 * MINUTE);
    expect((await work.run()).outcomes).toEqual({ mon01: 'lost' });
    await work.fires('mon01', { summary: 'does not answer' });
    const pages = await work.pages();
    expect(pages).toHaveLength(1);
    expect(pages[0]).toContain('PG1 open');
    await work.db.tx((tx) => tx.query(`update runs set state = 'cancelled' where id = 'R1'`));
    await work.pass(60 * MINUTE);
    expect((await work.pages()).slice(0, 2)).toEqual([expect.stringContaining('PG1 resolved'), expect.stringContaining('mon01: does not answer')]);
  });

  test('that leaves a host nobody could verify takes what is said of it while the page of the halt asks; once somebody has that, it asks anew', async () => {
    const work = await alertsAtWork({
      behave: (_, step) => (step === 'verify' ? { step: 'end', outcome: 'unverified', detail: 'nobody could look' } : undefined),
    });
    await work.type('shake kvm02');
    await work.begin('approve R1', 'ada');
    await work.pass(2 * MINUTE);
    await work.pass(2 * MINUTE);
    expect((await work.run()).outcomes).toEqual({ kvm02: 'unverified' });
    await work.fires('web03');
    expect(await work.pages()).toHaveLength(1);
    await work.fires('web03', { summary: 'no connection', urgency: 'critical' });
    expect((await work.pages())[1]).toBe('PG2 open web: web03: no connection');
    await work.type('ack PG1');
    await work.fires('kvm02', { summary: 'DiskFull' });
    expect((await work.pages())[2]).toBe('PG3 open kvm: kvm02: DiskFull');
  });
});
