import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULTS, type Defaults } from '../../src/config/defaults.ts';
import type { Host } from '../../src/fleet/host.ts';
import type { ExecResult, ScriptCall } from '../../src/fleet/ssh/transport.ts';
import { beginHold } from '../../src/holds/begin.ts';
import { holdsHeard } from '../../src/holds/heard.ts';
import { lookAtHold } from '../../src/holds/look.ts';
import { toResume } from '../../src/holds/resume.ts';
import { type HoldHostRow, holdRow, nextHoldId } from '../../src/holds/rows.ts';
import { holdHostEnded, holdRunEnded } from '../../src/holds/run-ends.ts';
import { heldHosts, holdSet, pausedFrom } from '../../src/holds/sets.ts';
import { holdTimer } from '../../src/holds/timer.ts';
import type { HostOutcome, HostResult } from '../../src/jobs.ts';
import type { HostEnd } from '../../src/runs/world.ts';
import { answerCall } from '../../src/sandbox/answer.ts';
import { freshModel, type HostModel } from '../../src/sandbox/model.ts';
import { HOSTS } from '../../src/sandbox/roster.ts';
import { become } from '../../src/sandbox/simulated.ts';
import type { Store } from '../../src/store/db.ts';
import { eventsOf } from '../../src/store/events.ts';
import { openDb } from '../../src/store/open.ts';
import { startWork, unqueued } from '../../src/store/outbox.ts';
import { quiet } from '../store/quiet.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;
const BEGUN = Date.UTC(2026, 10, 20, 12);
const PLACE = { platform: 'terminal' as const, channel: 'terminal:here', zone: 'UTC' };

let db: Store;
let now = BEGUN;
let models: Map<string, HostModel>;
/** Hosts that do not answer. */
const dead = new Set<string>();
const told: { key: string; title: string }[] = [];

beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
afterEach(async () => {
  await db.query('truncate outbox, facts, timers, hold_hosts, holds, run_counts, run_hosts, runs');
  dead.clear();
  told.length = 0;
  now = BEGUN;
});

/** Hosts of the sandbox, asked without SSH. */
async function exec(host: Host, call: ScriptCall): Promise<ExecResult> {
  const roster = HOSTS.find(({ name }) => name === host.name);
  const model = models.get(host.name);
  if (!roster || !model || dead.has(host.name)) return { reach: 'refused', detail: 'nobody listens', ms: 1 };
  const { becomes, code, stdout, stderr } = answerCall({ script: call.script, version: 1, args: [...call.args] }, roster, model, now);
  if (becomes) models.set(host.name, become(model, becomes));
  return { reach: 'ok', code, stdout, stderr, cut: false, ms: 1 };
}

const tell = {
  tell: async (_: unknown, { key, card }: { key: string; card: { title: string } }) => void told.push({ key, title: card.title }),
  repost: async () => undefined,
};
const world = () => ({
  db,
  ssh: { exec, load: () => ({ open: 0, waiting: 0 }), close: async () => undefined },
  clock: { now: () => now, wallUntil: () => 0, speed: 1, onJump: () => () => undefined },
  log: quiet,
  tell: tell as never,
  config: () => ({ holds: { units: [] } }) as never,
  fleet: () => ({ hosts: new Map(HOSTS.map(({ name }) => [name, { name } as Host])), groups: new Map() }),
  ending: new AbortController().signal,
});

/** A hold over these hosts, and the run that paused them, with how it went on each. */
async function hold(hosts: Record<string, HostOutcome>, length = 3 * HOUR): Promise<string> {
  models = new Map(HOSTS.map((host) => [host.name, freshModel(host, now)]));
  const id = await nextHoldId(db);
  const run = `R${id.slice(1)}`;
  const names = Object.keys(hosts);
  await db.query(
    `insert into runs (id, job, state, plan, hash, prediction, by, owner, place, size, planned_at) values ($1, 'pause updates', 'done', '{}', '', '{}', 'ada', 'ada', '{}', 1, $2)`,
    [run, new Date(now)],
  );
  await db.query(
    `insert into run_hosts (run, host, stamp, position, ring, planned, state) select $1, value, 's', ordinality, 0, '{}', 'ended' from jsonb_array_elements_text($2::jsonb) with ordinality`,
    [run, JSON.stringify(names)],
  );
  const made = { id, expression: '@kvm', sources: ['kernelcare'], owner: 'ada', begun: now, until: now + length, lookIn: 15 * MIN };
  await db.tx((tx) => beginHold(tx, made, { id: run, line: { place: PLACE, at: now } as never, hosts: names }));
  for (const [host, outcome] of Object.entries(hosts)) {
    const record = outcome === 'ok' ? ['boot kcare.service - - - -'] : [];
    if (outcome === 'ok') await pausedAlready(id, host);
    await ended({
      run,
      job: 'pause updates',
      mode: 'do',
      host,
      outcome,
      detail: outcome === 'already' ? 'has no kernelcare' : '',
      memory: { record },
      at: now,
    });
  }
  await db.tx((tx) => holdRunEnded(tx, tell as never, { run, job: 'pause updates', state: 'done', at: now }));
  told.length = 0;
  return id;
}

const ended = (end: HostEnd) => db.tx((tx) => holdHostEnded(tx, end));

async function pausedAlready(id: string, name: string): Promise<void> {
  const row = await holdRow(db, id);
  const key = `${id}-${row?.begun.toISOString().slice(0, 19).replace(/[-:]/g, '')}`;
  await exec({ name } as Host, { script: 'pause-updates', args: ['i', key, 'u', 'ada', 'R1', '', '', 'kernelcare'], timeout: 1 });
}

const states = async (id: string): Promise<Record<string, string>> =>
  Object.fromEntries((await db.query<HoldHostRow>('select * from hold_hosts where hold = $1 order by host', [id])).map(({ host, state }) => [host, state]));
const happened = async (id: string): Promise<string[]> => (await eventsOf(db, id)).map(({ type }) => type);

/** Its timer is due now: answers when it wants to be asked again. */
const tick = (id: string) =>
  db.tx((tx) =>
    holdTimer({
      now: () => now,
      defaults: () => Object.fromEntries(Object.entries(DEFAULTS).map(([name, { value }]) => [name, value])) as unknown as Defaults,
      tell: tell as never,
    })(tx, {
      id: '1',
      kind: 'hold',
      ref: id,
      due: new Date(now),
      data: {},
      rev: 1,
    }),
  );

/** Does the work that waits. */
async function work(): Promise<string[]> {
  const rows = await unqueued(db, 100);
  for (const { id, rev } of rows) {
    const row = await startWork(db, id, rev, 'A:1');
    if (row) await lookAtHold(world(), row);
  }
  return rows.map(({ ref }) => ref);
}

const heardOf = (host: string): HostResult => ({ host, outcome: 'ok', reach: 'ok', ms: 1 });

describe('who is held, for plans, targets and other jobs', () => {
  test('live sets follow what is known of each host', async () => {
    const id = await hold({ kvm01: 'ok', kvm02: 'unverified', web01: 'already' });
    expect(await holdSet(db, id)).toEqual(['kvm01', 'kvm02']);
    expect(await holdSet(db, `${id}:unverified`)).toEqual(['kvm02']);
    expect(await holdSet(db, `${id.toLowerCase()}:held`)).toEqual(['kvm01']);
    expect(await holdSet(db, `${id}:nonsense`)).toBeUndefined();
    expect(await holdSet(db, 'H99')).toBeUndefined();
  });

  test('a plan sees by which hold, whose, and until when', async () => {
    const id = await hold({ kvm01: 'ok', web01: 'already' });
    const held = await heldHosts(db, ['kvm01', 'web01', 'db01']);
    expect([...held]).toEqual([['kvm01', [{ hold: id, state: 'held', sources: ['kernelcare'], owner: 'ada', until: new Date(BEGUN + 3 * HOUR) }]]]);
  });

  test('before a patch is taken off: where its updates are stopped, and where there is none', async () => {
    await hold({ kvm01: 'ok', kvm02: 'unverified', web01: 'already' });
    expect(await pausedFrom(db, ['kvm01', 'kvm02', 'kvm03', 'web01'], 'kernelcare')).toEqual({
      covered: new Set(['kvm01', 'kvm02']),
      without: new Set(['web01']),
    });
    expect((await pausedFrom(db, ['kvm01'], 'apt')).covered.size).toBe(0);
  });
});

describe('a host that did not answer', () => {
  test('stays unverified, is tried at every look, and is paused as soon as it answers', async () => {
    const id = await hold({ kvm01: 'ok', kvm05: 'unverified' });
    dead.add('kvm05');
    now += 15 * MIN;
    expect(await tick(id)).toBe(now + 15 * MIN);
    expect(await work()).toEqual([`${id}/0`]);
    expect(await states(id)).toEqual({ kvm01: 'held', kvm05: 'unverified' });
    dead.delete('kvm05');
    now += 15 * MIN;
    await tick(id);
    await work();
    expect(await states(id)).toEqual({ kvm01: 'held', kvm05: 'held' });
    expect(await happened(id)).toContain('paused on first contact');
    expect(told).toEqual([]);
  });

  test('is paused at first contact, when any check hears of it, and its record is kept', async () => {
    const id = await hold({ kvm01: 'ok', kvm05: 'unverified' });
    await db.tx((tx) => holdsHeard(tx, [heardOf('kvm01'), heardOf('kvm05'), heardOf('web01')], now));
    expect(await work()).toEqual([`${id}/heard:kvm05`]);
    expect(await states(id)).toEqual({ kvm01: 'held', kvm05: 'held' });
    const [row] = await db.query<HoldHostRow>(`select * from hold_hosts where host = 'kvm05'`);
    expect(row?.recorded.lines?.join()).toContain('/etc/cron.d/kcare-cron');
  });

  test('is left to the run that pauses it while that is at it', async () => {
    const id = await hold({ kvm05: 'unverified' });
    await db.query(`update run_hosts set state = 'going'`);
    await db.tx((tx) => holdsHeard(tx, [heardOf('kvm05')], now));
    expect(await work()).toEqual([]);
    expect(await states(id)).toEqual({ kvm05: 'unverified' });
  });
});

describe('what comes back by itself', () => {
  test('is a critical finding, an event of the hold and one page, however many follow', async () => {
    const id = await hold({ kvm01: 'ok', kvm02: 'ok', kvm03: 'ok' });
    await db.query(
      `insert into facts (host, reach, asked, findings) select 'kvm0' || n, 'ok', now(), '[{"hazard":"other","severity":"info","text":"x"}]' from generate_series(1, 3) as n`,
    );
    await db.query(`delete from facts where host = 'kvm03'`);
    const drift = (host: string): void =>
      void models.set(host, { ...(models.get(host) as HostModel), set: { update_agents: [{ name: 'kernelcare', state: 'on' }] } });
    drift('kvm02');
    await tick(id);
    await work();
    expect(await states(id)).toEqual({ kvm01: 'held', kvm02: 'drifted', kvm03: 'held' });
    const [facts] = await db.query<{ findings: { hazard: string; severity: string; text: string }[] }>(`select findings from facts where host = 'kvm02'`);
    expect(facts?.findings).toEqual([
      { hazard: 'hold-drift', severity: 'critical', text: expect.stringContaining(`paused by ${id}, and /etc/cron.d/kcare-cron: is there again`) },
      expect.objectContaining({ hazard: 'other' }),
    ]);
    expect(told.map(({ title }) => title)).toEqual([
      expect.stringContaining(`${id}: updates are paused and kvm02 updates all the same: /etc/cron.d/kcare-cron`),
    ]);
    const pages = (): Promise<unknown[]> => db.query(`select 1 from events where thing like 'PG%' and data ->> 'about' = $1`, [id]);
    expect(await pages()).toHaveLength(1);

    drift('kvm03');
    now += 15 * MIN;
    await tick(id);
    await work();
    expect(await pages()).toHaveLength(1);
    expect((await happened(id)).filter((type) => type === 'drifted')).toHaveLength(2);

    // One nobody has checked yet is in the list of what needs somebody all the same.
    expect(await db.query(`select reach, answered, findings -> 0 ->> 'hazard' as hazard from facts where host = 'kvm03'`)).toEqual([
      { reach: 'ok', answered: null, hazard: 'hold-drift' },
    ]);

    // Mended: the finding goes with it.
    models.set('kvm02', { ...(models.get('kvm02') as HostModel), set: {} });
    now += 15 * MIN;
    await tick(id);
    await work();
    expect((await states(id)).kvm02).toBe('held');
    const [after] = await db.query<{ findings: { hazard: string }[] }>(`select findings from facts where host = 'kvm02'`);
    expect(after?.findings.map(({ hazard }) => hazard)).toEqual(['other']);
  });

  test('stays a finding when a check, which knows nothing of holds, has written its own', async () => {
    const id = await hold({ kvm02: 'ok' });
    await db.query(`update hold_hosts set state = 'drifted', detail = 'cron is back' where hold = $1`, [id]);
    await db.query(`insert into facts (host, reach, asked, findings) values ('kvm02', 'ok', now(), '[]')`);
    await db.tx((tx) => holdsHeard(tx, [heardOf('kvm02')], now));
    const [facts] = await db.query<{ findings: unknown[] }>(`select findings from facts where host = 'kvm02'`);
    expect(facts?.findings).toEqual([{ hazard: 'hold-drift', severity: 'critical', text: `paused by ${id}, and cron is back` }]);
  });
});

describe('the end of a hold', () => {
  test('never comes by itself: its owner is asked, again a day later, and hosts stay held', async () => {
    const id = await hold({ kvm01: 'ok' });
    now = BEGUN + 2 * HOUR;
    await tick(id);
    expect(told.map(({ title }) => title)).toEqual([
      `${id} ends in 1 h and does not by itself: "resume updates ${id}" gives the hosts their updates back, a few at a time (1 host)`,
    ]);
    now += 23 * HOUR;
    await tick(id);
    expect(told).toHaveLength(1);
    now += 2 * HOUR;
    await tick(id);
    expect(told).toHaveLength(2);
    await work();
    expect(await states(id)).toEqual({ kvm01: 'held' });
    expect((await holdRow(db, id))?.state).toBe('open');
    expect(await db.query(`select data ->> 'urgency' as urgency from events where thing like 'PG%' and data ->> 'about' = $1`, [id])).toContainEqual({
      urgency: 'low',
    });
  });

  test('comes when a run has given every host its updates back', async () => {
    const id = await hold({ kvm01: 'ok', kvm02: 'ok' });
    const memories = await (await toResume(db, id)).memories(['kvm01', 'kvm02', 'web01']);
    expect([...memories]).toEqual([
      ['kvm01', { holds: [id], records: { [id]: ['boot kcare.service - - - -'] } }],
      ['kvm02', { holds: [id], records: { [id]: ['boot kcare.service - - - -'] } }],
    ]);
    await resumeRun(id, { kvm01: 'ok', kvm02: 'failed' });
    expect((await holdRow(db, id))?.state).toBe('open');
    expect(await states(id)).toEqual({ kvm01: 'resumed', kvm02: 'held' });
    await resumeRun(id, { kvm02: 'ok' });
    expect((await holdRow(db, id))?.state).toBe('ended');
    expect(await tick(id)).toBeUndefined();
    await expect(toResume(db, id)).rejects.toThrow(/ended .*: its hosts have their updates back/);
  });

  test('does not wait for a host nobody reaches: that one gets its updates back when it is heard of', async () => {
    const id = await hold({ kvm01: 'ok', kvm05: 'ok' });
    dead.add('kvm05');
    await resumeRun(id, { kvm01: 'ok', kvm05: 'unverified' });
    expect((await holdRow(db, id))?.state).toBe('ended');
    expect(await tick(id)).toBe(now + 15 * MIN);
    await work();
    expect(await states(id)).toEqual({ kvm01: 'resumed', kvm05: 'unverified' });
    dead.delete('kvm05');
    await db.tx((tx) => holdsHeard(tx, [heardOf('kvm05')], now));
    await work();
    expect(await states(id)).toEqual({ kvm01: 'resumed', kvm05: 'resumed' });
    expect(await happened(id)).toContain('resumed on first contact');
    expect(await tick(id)).toBeUndefined();
  });

  test('is at once where no host had anything to pause', async () => {
    const id = await hold({ web01: 'already', web02: 'already' });
    expect((await holdRow(db, id))?.state).toBe('ended');
  });

  test('undoing the run that paused is the same as resuming', async () => {
    const id = await hold({ kvm01: 'ok' });
    await ended({ run: `R${id.slice(1)}`, job: 'pause updates', mode: 'undo', host: 'kvm01', outcome: 'ok', detail: '', memory: {}, at: now });
    expect(await states(id)).toEqual({ kvm01: 'resumed' });
  });
});

async function resumeRun(id: string, hosts: Record<string, HostOutcome>): Promise<void> {
  const run = `R9${Math.floor(now / MIN)}${Object.keys(hosts).length}`;
  await db.query(
    `insert into runs (id, job, state, plan, hash, prediction, by, owner, place, size, planned_at) values ($1, 'resume updates', 'done', $2, '', '{}', 'ada', 'ada', '{}', 1, $3)`,
    [run, JSON.stringify({ params: { holds: [id] } }), new Date(now)],
  );
  for (const [host, outcome] of Object.entries(hosts))
    await ended({ run, job: 'resume updates', mode: 'do', host, outcome, detail: '', memory: { holds: [id] }, at: now });
  await db.tx((tx) => holdRunEnded(tx, tell as never, { run, job: 'resume updates', state: 'done', at: now }));
}
