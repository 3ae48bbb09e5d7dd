import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openIncident } from '../../src/incidents/begin.ts';
import { zincatiId } from '../../src/ingest/fleetlock/app-id.ts';
import { findProgram } from '../engines.ts';
import type { AtWorkOptions } from '../runs/at-work.ts';
import { AUTOMATION, KEY, listening, ZINCATI } from './a-listener.ts';

const MACHINE = '0123456789abcdef0123456789abcdef';
const HOSTS = [
  { name: 'kvm01', site: 'bne', ring: 'prod' },
  { name: 'web01', site: 'bne', ring: 'prod', redundancy: ['front'] },
  { name: 'web02', site: 'mel', ring: 'prod', redundancy: ['front'] },
  { name: 'web03', site: 'mel', ring: 'prod' },
  { name: 'guest', site: 'bne', ring: 'prod', parent: 'kvm01' },
];
const withFleetlock = (fleetlock: object, more: object = {}): AtWorkOptions => ({
  hosts: HOSTS,
  config: { automation: { ...AUTOMATION, zincati: { key: ZINCATI, role: 'operator', fleetlock } }, ...more },
});

describe('a client of FleetLock', () => {
  test('takes a slot, is told so again, gives it back, and may say so twice', async () => {
    const { fleetlock, held, db } = await listening({ hosts: HOSTS });
    expect((await fleetlock('steady-state', 'web01')).status).toBe(200);
    expect((await fleetlock('pre-reboot', 'web01')).status).toBe(200);
    expect((await fleetlock('pre-reboot', 'web01')).status).toBe(200);
    expect(await held()).toEqual(['site:bne', 'redundancy:front', 'fleetlock:default'].map((budget) => ({ budget, run: 'fleetlock', host: 'web01' })));
    expect((await fleetlock('steady-state', 'web01')).status).toBe(200);
    expect((await fleetlock('steady-state', 'web01')).status).toBe(200);
    expect(await held()).toEqual([]);
    expect(await db.query(`select distinct evidence from slots`)).toEqual([{ evidence: 'web01 said that it is well (machine:zincati)' }]);
    expect(await db.query(`select who, command from audit order by id`)).toEqual([
      { who: 'machine:zincati', command: 'fleetlock pre-reboot web01' },
      { who: 'machine:zincati', command: 'fleetlock steady-state web01' },
    ]);
  });

  test('shares every budget with runs, both ways', async () => {
    const { fleetlock, begin, run, pass } = await listening({ ...withFleetlock({ at_once: 9 }) });
    expect((await fleetlock('pre-reboot', 'web01')).status).toBe(200);
    const front = await fleetlock('pre-reboot', 'web02');
    expect(front).toMatchObject({ status: 409, json: { kind: 'failed_lock_semaphore_full', value: expect.stringContaining('redundancy:front has 1 of 1') } });
    expect((await fleetlock('pre-reboot', 'web03')).status).toBe(200);

    await begin('shake web02');
    await expect.poll(async () => (await run()).state).toBe('planned');
    await begin('approve R1', 'ada');
    await expect.poll(run).toMatchObject({ state: 'running', outcomes: { web02: 'waiting' }, waiting: { for: 'budget' } });
    await fleetlock('steady-state', 'web01');
    await pass(20_000);
    expect((await run()).outcomes).toMatchObject({ web02: 'going' });
    expect(await fleetlock('pre-reboot', 'web01')).toMatchObject({ status: 409, json: { kind: 'failed_lock_semaphore_full' } });
  });

  test('of many that ask at once, as many go as there is room for', async () => {
    const { fleetlock, held } = await listening(withFleetlock({ at_once: 2 }));
    const names = ['web01', 'web02', 'web03', 'guest'];
    const answers = await Promise.all(names.flatMap((name) => [fleetlock('pre-reboot', name), fleetlock('pre-reboot', name)]));
    const allowed = names.filter((_, n) => answers[2 * n]?.status === 200);
    expect(allowed).toHaveLength(2);
    expect(allowed).not.toEqual(['web01', 'web02']);
    expect(new Set((await held()).map(({ host }) => host)).size).toBe(2);
  });

  test('is told no while everything is stopped, also with a slot in hand; giving back works', async () => {
    const { fleetlock, type, ops, held } = await listening({ hosts: HOSTS });
    await fleetlock('pre-reboot', 'web01');
    ops.stop.set('ada', 'the gateway flaps');
    expect(await fleetlock('pre-reboot', 'web01')).toMatchObject({
      status: 409,
      json: { kind: 'stopped', value: expect.stringContaining('ada (the gateway flaps)') },
    });
    expect((await held()).length).toBeGreaterThan(0);
    expect((await fleetlock('steady-state', 'web01')).status).toBe(200);
    expect(await held()).toEqual([]);
    ops.stop.lift();
    await type('show slots');
    expect((await fleetlock('pre-reboot', 'web01')).status).toBe(200);
  });

  test('waits for its window, for an incident on it to end, and for a rule to be taken back', async () => {
    const { fleetlock, db } = await listening(withFleetlock({}, { windows: [{ hosts: 'web03', from: '01:00', until: '03:00' }] }));
    expect(await fleetlock('pre-reboot', 'web03')).toMatchObject({ status: 409, json: { kind: 'window_closed', value: expect.stringContaining('opens at') } });
    await db.tx((tx) => openIncident(tx, { severity: 'major', title: 'web is slow', hosts: ['web01'], by: 'ada', at: Date.now() }));
    expect(await fleetlock('pre-reboot', 'web01')).toMatchObject({ status: 409, json: { kind: 'incident_open', value: expect.stringContaining('INC-1') } });
    await db.query(
      `insert into rules (id, expression, applies, owner, because, made) values ('E1', 'web02', '{"job":"reboot"}', 'ada', 'its raid is fragile', now())`,
    );
    expect(await fleetlock('pre-reboot', 'web02')).toMatchObject({
      status: 409,
      json: { kind: 'excluded_by_rule', value: expect.stringContaining('E1 keeps reboots off web02') },
    });
  });

  test('that carries guests waits for a person, who is asked once', async () => {
    const { fleetlock, shown, db } = await listening({ hosts: HOSTS });
    for (let n = 0; n < 3; n++) expect(await fleetlock('pre-reboot', 'kvm01')).toMatchObject({ status: 409, json: { kind: 'waits_for_person' } });
    await expect.poll(() => shown.filter((text) => text.includes('to ada') && text.includes('kvm01 asks to reboot itself'))).toHaveLength(1);
    expect(await db.query(`select type from events where thing = 'PG1'`)).toEqual([{ type: 'asked' }, { type: 'asked for an answer' }]);
    expect(await db.query(`select thing from events where thing = 'PG2'`)).toEqual([]);
  });

  test('that does not come back keeps its slot; that is said once, and nothing more is lent', { timeout: 180_000 }, async () => {
    const { fleetlock, pass, held, db } = await listening(withFleetlock({ at_once: 9 }));
    await fleetlock('pre-reboot', 'web01');
    await pass(44 * 60_000);
    expect((await fleetlock('pre-reboot', 'web03')).status).toBe(200);
    await fleetlock('steady-state', 'web03');
    await pass(24 * 3_600_000);
    expect((await held()).map(({ host }) => host)).toContain('web01');
    const said = await db.query<{ data: { text: string } }>(`select data from events where type = 'asked'`);
    expect(said.map(({ data }) => data.text)).toEqual([expect.stringContaining('web01 has had a slot to reboot itself for 45 min')]);
    expect(await fleetlock('pre-reboot', 'web03')).toMatchObject({ status: 409, json: { kind: 'overdue' } });
    expect((await fleetlock('steady-state', 'web01')).status).toBe(200);
    expect((await fleetlock('pre-reboot', 'web03')).status).toBe(200);
  });
});

describe('which host a client is', () => {
  test('is known by the id Zincati makes, once a check has seen the machine-id; two with one id are none', async () => {
    const { fleetlock, db } = await listening({ hosts: HOSTS });
    const id = zincatiId(MACHINE) as string;
    await seen(db, 'web01', MACHINE);
    expect(await fleetlock('pre-reboot', id)).toMatchObject({ status: 200, json: { host: 'web01' } });
    await seen(db, 'web01', MACHINE.replace('0', 'f'));
    expect((await fleetlock('steady-state', id)).status).toBe(403);
  });

  test('that two hosts could be is said with both', async () => {
    const { fleetlock, db } = await listening({ hosts: HOSTS });
    for (const host of ['web01', 'web02']) await seen(db, host, MACHINE);
    expect(await fleetlock('pre-reboot', zincatiId(MACHINE) as string)).toMatchObject({
      status: 403,
      json: { value: expect.stringContaining('web01 or web02') },
    });
  });

  test('is said in the configuration for clients with ids of their own, and their groups hold', async () => {
    const { fleetlock } = await listening(withFleetlock({ hosts: { 'node-7': 'web01' }, groups: { workers: 'web01, web03' } }));
    expect(await fleetlock('pre-reboot', 'node-7', { group: 'workers' })).toMatchObject({ status: 200, json: { host: 'web01' } });
    expect((await fleetlock('pre-reboot', 'node-7')).json.value).toContain('no FleetLock group default');
    expect((await fleetlock('pre-reboot', 'web02', { group: 'workers' })).json.value).toContain('web02 is not in the FleetLock group workers');
    for (const id of ['__proto__', 'constructor', 'toString']) expect((await fleetlock('pre-reboot', id, { group: 'workers' })).status).toBe(403);
  });

  test.skipIf(!findProgram('systemd-id128') || !/^[0-9a-f]{32}$/m.test(readOr('/etc/machine-id')))(
    'is what systemd says it is (needs systemd-id128 and a machine-id)',
    () => {
      const said = execFileSync('systemd-id128', ['machine-id', '-a', 'de35106b6ec24688b63afddaa156679b'], { encoding: 'utf8' }).trim();
      expect(zincatiId(readOr('/etc/machine-id').trim())).toBe(said);
    },
  );

  test('is not made from what is no machine-id', () => {
    for (const wrong of [undefined, 7, '', 'uninitialized', `${MACHINE}0`, `${MACHINE.slice(1)}g`]) expect(zincatiId(wrong)).toBeUndefined();
  });
});

describe('who may ask', () => {
  test('a program with a key, the section and the role, in either form of login', async () => {
    const { ask, fleetlock, held } = await listening({ hosts: HOSTS });
    const body = { client_params: { id: 'web01', group: 'default' } };
    const headers = { 'fleet-lock-protocol': 'true' };
    expect(await ask('POST', '/v1/pre-reboot', { body, key: ZINCATI })).toMatchObject({ status: 400, json: { kind: 'bad_request' } });
    expect(await ask('POST', '/v1/pre-reboot', { body, key: '', headers })).toMatchObject({ status: 401, json: { kind: 'unauthorized' } });
    expect(await ask('POST', '/v1/pre-reboot', { body, key: 'x'.repeat(30), headers })).toMatchObject({ status: 401, json: { kind: 'unauthorized' } });
    expect(await fleetlock('pre-reboot', 'web01', { key: KEY })).toMatchObject({ status: 403, json: { kind: 'not_allowed' } });
    expect(await held()).toEqual([]);
    const basic = Buffer.from(`anything:${ZINCATI}`).toString('base64');
    expect((await ask('POST', '/v1/pre-reboot', { body, key: '', headers: { ...headers, authorization: `Basic ${basic}` } })).status).toBe(200);
    // Other endpoints take no password a browser may have kept.
    expect((await ask('GET', '/v1/runs/R1', { key: '', headers: { authorization: `Basic ${basic}` } })).status).toBe(401);
  });

  test('within its scope', async () => {
    const { fleetlock } = await listening({
      hosts: HOSTS,
      config: { automation: { zincati: { key: ZINCATI, role: 'operator on @mel', fleetlock: {} } } },
    });
    expect(await fleetlock('pre-reboot', 'web01')).toMatchObject({
      status: 403,
      json: { value: expect.stringContaining('does not have the role operator on web01') },
    });
    expect((await fleetlock('pre-reboot', 'web03')).status).toBe(200);
  });

  test('whatever is no request of the protocol is answered with a kind and a value', async () => {
    const { ask } = await listening({ hosts: HOSTS });
    const long = JSON.stringify({ client_params: { id: 'x'.repeat(5000), group: 'default' } });
    const sign = '{"client_params":{"id":"web01","group":"a/../b"}}';
    for (const body of [
      '{',
      '[]',
      '{"client_params":null}',
      '{"client_params":{"id":7,"group":"default"}}',
      '{"client_params":{"id":"","group":"d"}}',
      sign,
      long,
    ]) {
      const answer = await ask('POST', '/v1/pre-reboot', { body, key: ZINCATI, headers: { 'fleet-lock-protocol': 'true' } });
      expect(answer, body.slice(0, 60)).toMatchObject({ status: 400, json: { kind: 'bad_request', value: expect.stringMatching(/./) } });
    }
  });
});

const seen = (db: { query(sql: string, params?: unknown[]): Promise<unknown> }, host: string, machine: string) =>
  db.query(`insert into facts (host, reach, asked, facts) values ($1, 'ok', now(), $2) on conflict (host) do update set facts = excluded.facts`, [
    host,
    JSON.stringify({ machine_id: machine }),
  ]);

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
