import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { KEY, listening, OTHER } from './a-listener.ts';

const HOSTS = [
  { name: 'kvm01', site: 'bne', ring: 'lab' },
  { name: 'web01', site: 'bne', ring: 'lab', parent: 'kvm01' },
  { name: 'web02', site: 'mel', ring: 'lab' },
];

describe('a run that a machine asks for', () => {
  test('waits for a person, with the count of hosts that carry others', async () => {
    const { send, acted, shown, type, run, get } = await listening({ hosts: HOSTS });
    const asked = await send({ command: 'shake @all because the image is new' });
    expect(asked).toMatchObject({ status: 202, json: { state: 'ended', outcome: 'ok', run: 'R1' } });
    expect(await run()).toMatchObject({ state: 'planned', by: 'machine:ci', place: { platform: 'http' } });
    await expect.poll(() => shown.join('\n')).toContain('automation asks, for 3 hosts, of which 1 carry guests');
    expect(shown.join('\n')).toMatch(/to ada .*R1 waits for your approval: shake @all, 3 hosts\n.*asked by machine:ci, because the image is new/);
    expect(acted).toEqual([]);

    expect((await get('/v1/runs/R1')).json).toMatchObject({ id: 'R1', state: 'planned' });
    await type('approve R1', 'ada');
    expect((await run()).state).toBe('done');
    const { status, json } = await get('/v1/runs/r1');
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: 'R1', state: 'done', hosts: [{ outcome: 'ok' }, { outcome: 'ok' }, { outcome: 'ok' }] });
  });

  test('is asked for by words or by values, which come to the same line', async () => {
    const { send, db } = await listening({ hosts: HOSTS });
    await send({ job: 'shake', target: 'web01, web02', batch: 2, byRings: true, because: 'said "so"' });
    const [line] = await db.query<{ text: string }>(`select text from inbox`);
    expect(line?.text).toBe('shake web01, web02 batch 2 by rings because "said \\"so\\""');
    const [run] = await db.query<{ because: string; plan: { expression: string } }>(`select because, plan from runs`);
    expect(run).toMatchObject({ because: 'said "so"', plan: { expression: 'web01, web02' } });
  });

  test('sent again under its key is one run, and its answer comes again', async () => {
    const { post, db } = await listening({ hosts: HOSTS });
    const again = () => post('/v1/runs', { command: 'shake @all' }, { headers: { 'idempotency-key': '"deploy-1"' } });
    const [first, second] = await Promise.all([again(), again()]);
    expect([first.json.run, second.json.run, (await again()).json.run]).toEqual(['R1', 'R1', 'R1']);
    expect(await db.query(`select id from runs`)).toHaveLength(1);
    const other = await post('/v1/runs', { command: 'shake web01' }, { headers: { 'idempotency-key': 'deploy-1' } });
    expect(other).toMatchObject({ status: 422, json: { what: expect.stringContaining('another request') } });
  });

  test('the same key of two machines is two requests', async () => {
    const { post, db } = await listening({ hosts: HOSTS });
    const headers = { 'idempotency-key': 'nightly' };
    await post('/v1/runs', { command: 'show @all' }, { headers });
    await post('/v1/runs', { command: 'show @all' }, { headers, key: OTHER });
    expect(await db.query(`select id from inbox`)).toHaveLength(2);
  });

  test('is refused in words where it is wrong, and nothing is planned', async () => {
    const { send, db } = await listening({ hosts: HOSTS });
    const refused = await send({ command: 'shake @nosuch' });
    expect(refused).toMatchObject({ status: 422, json: { outcome: 'refused', answer: { refused: expect.stringContaining('nosuch') } } });
    expect(await send({ job: 'shake', target: 'web01 batch 500' })).toMatchObject({
      status: 422,
      json: { what: expect.stringContaining('say something else') },
    });
    expect(await send({ job: 'shake', target: 'web01', because: 'two\nlines' })).toMatchObject({
      status: 422,
      json: { what: expect.stringContaining('line break') },
    });
    expect(await send({ job: 'shake', target: 'web01', nosuch: 1 })).toMatchObject({ status: 422, json: { what: expect.stringContaining('nosuch') } });
    expect(await db.query(`select id from runs`)).toEqual([]);
  });
});

describe('what a machine may', () => {
  test('approving, going on and taking over are for people', async () => {
    const { send, run } = await listening({ hosts: HOSTS });
    await send({ command: 'shake @all' });
    for (const command of ['approve R1', 'approve R1 break glass because we must', 'go R1', 'take R1']) {
      const answer = await send({ command }, { key: KEY });
      expect([command, answer.status, answer.text]).toEqual([command, 422, expect.stringContaining('is for people')]);
    }
    expect((await run()).state).toBe('planned');
  });

  test('ends at its scope', async () => {
    const { send, run } = await listening({ hosts: HOSTS });
    expect(await send({ command: 'shake web01' }, { key: OTHER })).toMatchObject({ status: 422, text: expect.stringContaining('@mel only') });
    expect(await send({ command: 'shake web02' }, { key: OTHER })).toMatchObject({ status: 202 });
    expect(await run()).toMatchObject({ by: 'machine:scoped' });
  });

  test('is written down under its name', async () => {
    const { send, db } = await listening({ hosts: HOSTS });
    await send({ command: 'shake @all' });
    expect(await db.query(`select who, command, outcome, place ->> 'platform' as from from audit`)).toEqual([
      { who: 'machine:ci', command: 'shake @all', outcome: 'ok', from: 'http' },
    ]);
  });

  test('its lines are its own', async () => {
    const { send, get } = await listening({ hosts: HOSTS });
    const { line } = (await send({ command: 'show web01' })).json;
    expect(await get(`/v1/lines/${line}`)).toMatchObject({ status: 200, json: { outcome: 'ok', answer: { hosts: [{ host: 'web01' }] } } });
    expect(await get(`/v1/lines/${line}`, OTHER)).toMatchObject({ status: 404 });
  });
});

test('every command by which a person judges is closed to machines; a new one is decided about here', () => {
  expect(commands.filter(({ peopleOnly }) => peopleOnly).map(({ name }) => name)).toEqual([
    'ack',
    'action done',
    'action drop',
    'approve',
    'away',
    'back',
    'board',
    'cover',
    'go',
    'hello',
    'incident open',
    'incident update',
    'incident identify',
    'incident monitor',
    'incident resolve',
    'incident reopen',
    'incident note',
    'incident affects',
    'incident severity',
    'incident lead',
    'incident merge',
    'incident maintenance',
    'incident postmortem',
    'lend slot',
    'link me',
    'confirm link',
    'refuse link',
    'remove link',
    'pass',
    'take',
  ]);
  const open = commands.filter(({ peopleOnly, role, sandboxOnly }) => !peopleOnly && role === 'operator' && !sandboxOnly).map(({ name }) => name);
  expect(open.filter((name) => /approve|ack|pass|take|go|release|lend|hello/.test(name))).toEqual([]);
});
