import { describe, expect, test } from 'vitest';
import { atWork, PEOPLE } from '../runs/at-work.ts';

const hosts = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `web${String(n + 1).padStart(2, '0')}`, site: 'bne', ring: 'prod' }));

/** web02 never comes back; the run halts on it with web03 beside it. */
async function halted() {
  const world = await atWork({
    hosts: hosts(5),
    config: { people: Object.fromEntries(PEOPLE.map(({ name }) => [name, { role: 'operator' }])) },
    behave: (host, step) => (host === 'web02' && step === 'verify' ? { step: 'end', outcome: 'lost', detail: 'did not come back' } : undefined),
  });
  await world.type('shake @all batch 2');
  await world.type('approve R1', 'ada');
  const said = async (line: string, actor = 'you'): Promise<string> => {
    const before = world.shown.length;
    await world.type(line, actor);
    return world.shown.slice(before).join('\n');
  };
  return { ...world, said, json: async (line: string) => JSON.parse(await said(`${line} --json`)) as Record<string, unknown> };
}

test('an answer that reached nobody is in the audit with the reason, and the status says so, beside connections that are gone', async () => {
  const world = await atWork({ hosts: hosts(1) });
  await world.type('status');
  await world.db.query(`update messages set state = 'undeliverable', says = 'account_inactive'`);
  world.ops.connections.report({ name: 'slack socket 1', platform: 'slack', ok: false, says: 'no pong for 5 s' });
  const before = world.shown.length;
  await world.type('show audit');
  await world.type('show audit --json');
  await world.type('status');
  const [audit, document, status] = world.shown.slice(before) as [string, string, string];
  expect(audit).toContain('ok; its answer reached nobody (account_inactive)');
  expect((JSON.parse(document) as { audit: { unheard?: string }[] }).audit.map(({ unheard }) => unheard)).toContain('account_inactive');
  expect(status).toMatch(/slack socket 1 is gone for .*: no pong for 5 s/);
  expect(status).toContain('1 message reached nobody in the last 24 h');
});

describe('what is shown of a run that halted', () => {
  test('as a document and as lists: each host once, in the order of the plan, with its outcome, its times and its boot ids; what is still taken', async () => {
    const world = await halted();
    const run = (await world.json('show R1')) as { hosts: Record<string, unknown>[] } & Record<string, unknown>;
    expect(run).toMatchObject({
      id: 'R1',
      state: 'halted',
      job: 'shake',
      by: 'you',
      target: '@all',
      limits: { 'run:R1': 2 },
      counts: { ok: 2, lost: 1 },
      incident: 'INC-1',
    });
    expect(run['halted']).toMatchObject({ reason: 'lost', by: 'holdfast' });
    expect(run['approvals']).toMatchObject([{ ring: 0, by: 'ada', break_glass: false }]);
    expect(run.hosts.map(({ host, outcome, wave }) => [host, outcome, wave])).toEqual([
      ['web01', 'ok', 0],
      ['web02', 'lost', 1],
      ['web03', 'ok', 1],
      ['web04', 'not started', 2],
      ['web05', 'not started', 2],
    ]);
    const [first, lost, , waits] = run.hosts;
    expect(first).toMatchObject({ boot_before: 'a', boot_after: 'b', rule: null });
    expect(Date.parse(first?.['ended'] as string)).toBeGreaterThan(Date.parse(first?.['started'] as string));
    expect(lost).toMatchObject({ ended: null, detail: 'did not come back' });
    expect(lost?.['started']).not.toBeNull();
    expect(waits).toMatchObject({ started: null, ended: null, boot_before: null });
    for (const host of run.hosts) {
      expect(
        Object.values(host).every((value) => value === null || typeof value !== 'object'),
        'flat',
      ).toBe(true);
      expect(Object.keys(host).sort()).toEqual(['boot_after', 'boot_before', 'detail', 'ended', 'host', 'outcome', 'ring', 'rule', 'started', 'wave']);
    }

    // `show R1 plan` has every host on a line of its own.
    const lines = (await world.said('show R1 plan')).split('\n');
    const table = lines.slice(lines.indexOf('--- R1.tsv ---') + 1).map((line) => line.split('\t'));
    expect(table.map(([host, , wave, outcome]) => [host, wave, outcome])).toEqual([
      ['host', 'wave', 'outcome'],
      ['web01', '1', 'ok'],
      ['web02', '2', 'lost'],
      ['web03', '2', 'ok'],
      ['web04', '3', 'not started'],
      ['web05', '3', 'not started'],
    ]);

    // `show runs` says that a person is needed, and `show slots` what is still taken of how much.
    expect(await world.said('show runs')).toMatch(/^✗ 1 run is open\n[\s\S]*R1 +shake @all +halted +3 of 5 +a person: 1 lost \(web02\)/);
    expect(await world.json('show runs')).toMatchObject({
      runs: [{ id: 'R1', state: 'halted', target: '@all', by: 'you', hosts: 5, counts: { ok: 2, lost: 1 } }],
    });
    expect(await world.said('show slots')).toMatch(/site:bne +1 of 2 +web02 +R1/);
    const { slots } = (await world.json('show slots')) as { slots: Record<string, unknown>[] };
    expect(slots.map(({ budget, run, host, limit }) => [budget, run, host, limit])).toEqual([
      ['run:R1', 'R1', 'web02', 2],
      ['site:bne', 'R1', 'web02', 2],
    ]);
  });

  test('of one host, in the status, and as sets of hosts that can be named', async () => {
    const world = await halted();
    expect(await world.said('show web02')).toContain('R1 (shake, halted): lost');
    expect(await world.said('show web05')).toContain('R1 (shake, halted): its turn has not come');
    expect(await world.json('show web02')).toMatchObject({ hosts: [{ host: 'web02', runs: [{ id: 'R1', outcome: 'lost' }], holds: [], rules: [] }] });

    // Status begins with it.
    expect((await world.said('status')).split('\n')[0]).toBe('✗ PG1 waits for your answer · R1 halted · 1 of 5 need you');
    expect(await world.json('status')).toMatchObject({ hosts: 5, down: ['web02'], runs: [{ id: 'R1', state: 'halted' }] });

    // Its hosts can be named by how it went.
    const named = async (target: string): Promise<unknown> =>
      ((await world.json(`show ${target}`)) as { hosts: { host: string }[] }).hosts.map(({ host }) => host);
    expect(await named('@R1:lost')).toEqual(['web02']);
    expect(await named('@r1:OK')).toEqual(['web01', 'web03']);
    expect(await named('@R1:notstarted')).toEqual(['web04', 'web05']);
    expect(await named('@R1')).toEqual(['web01', 'web02', 'web03', 'web04', 'web05']);
    expect(await named('@R1 ! @R1:ok')).toEqual(['web02', 'web04', 'web05']);
    expect(await named('@INC-1')).toEqual(['web02']);
    expect(await named('@down')).toEqual(['web02']);
    expect(await world.said('show @R1:failed')).toContain('"@R1:failed" matches none of 5 hosts.');
    expect(await world.said('show @R1:lots')).toContain('Did you mean @R1:lost');
    expect(await world.said('show @R2')).toContain('Did you mean @R1');
  });
});

test('a run that waits for a yes is in the title of whoever may give it, and not as theirs for whoever asked', async () => {
  const world = await atWork({ hosts: hosts(3) });
  await world.type('shake @all');
  await world.type('status', 'ada');
  expect(world.shown.at(-1)?.split('\n')[0]).toContain('R1 waits for your approval');
  await world.type('status', 'you');
  expect(world.shown.at(-1)?.split('\n')[0]).toContain('R1 waits for approval');
  expect(world.shown.filter((text) => text.startsWith('! R1 waits for approval: shake'))).toHaveLength(1);
});

test('an id of nothing is refused, with where to look', async () => {
  const world = await atWork({ hosts: hosts(1) });
  expect(await world.type('show R9')).toBe('refused');
  expect(world.shown.at(-1)).toContain('There is no R9');
});
