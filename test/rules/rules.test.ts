import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exclude } from '../../commands/exclude.ts';
import { resolveTarget } from '../../src/fleet/target/resolve.ts';
import { startClock } from '../../src/lib/clocks.ts';
import type { Ops } from '../../src/ops.ts';
import { CONSOLE } from '../../src/people.ts';
import { askAboutRule } from '../../src/rules/ask.ts';
import { ruleShown, rulesShown } from '../../src/rules/card.ts';
import { exclusionsFor } from '../../src/rules/exclusions.ts';
import { endRule } from '../../src/rules/make.ts';
import { openRules } from '../../src/rules/rule.ts';
import { undoRule } from '../../src/rules/undo.ts';
import type { Store } from '../../src/store/db.ts';
import { eventsOf } from '../../src/store/events.ts';
import { openDb } from '../../src/store/open.ts';
import { runTimers } from '../../src/store/timers.ts';
import { fleetOf } from '../fleet/target/small-fleet.ts';
import { spine } from '../spine.ts';
import { kept } from '../store/quiet.ts';

/** Ten i3 on Xen 4.2, six m5 on 4.11, four on Nitro, which has no such thing; and one that nobody has asked yet. */
const XEN: Record<string, string | undefined> = {
  ...Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`old${n + 1}`, '4.2.amazon'])),
  ...Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`new${n + 1}`, '4.11.amazon'])),
  ...Object.fromEntries(Array.from({ length: 4 }, (_, n) => [`nitro${n + 1}`, undefined])),
};
const names = [...Object.keys(XEN), 'never1'];
let fleet = fleetOf(names, { old: names.filter((name) => name.startsWith('old')), db: ['new1', 'new2'] });

let db: Store;

const clock = startClock({ speed: 60, anchor: Date.UTC(2026, 10, 20, 9) });
let here: Awaited<ReturnType<typeof spine>>;
const world = { records: undefined as unknown as Store, fleet: () => fleet };
beforeEach(async () => {
  db = await openDb({ memory: true, log: kept() });
  for (const [host, xen] of Object.entries(XEN))
    await db.query(`insert into facts (host, reach, asked, answered, facts) values ($1, 'ok', now(), now(), $2)`, [
      host,
      JSON.stringify({ kernel: '6.1.0', ...(xen && { xen }) }),
    ]);
  world.records = db;
  fleet = fleetOf(names, { old: names.filter((name) => name.startsWith('old')), db: ['new1', 'new2'] });
  const targets = (expression: string) => resolveTarget(expression, { fleet, live: async () => undefined, known: async () => new Map() });
  here = await spine(db, { commands: [exclude], log: kept(), clock, ops: { fleet: () => fleet, targets } });
});
afterEach(async () => {
  await here.close();
  await db.close();
});

const hosts = (...wanted: string[]) => wanted.map((name) => fleet.hosts.get(name) as NonNullable<ReturnType<typeof fleet.hosts.get>>);
const all = () => [...fleet.hosts.values()];

describe('excluding the hosts that do not boot the new kernel', () => {
  const line = '/ops exclude @all where xen < 4.6 from package "linux-image*" because they do not boot it';

  test('compares versions as versions, and never takes an absent fact for a match', async () => {
    expect(await here.type(line)).toBe('ok');
    expect(here.shown.join('\n')).toMatch(/E1: @all where xen < 4\.6 stays off the package linux-image\*/);
    expect(here.shown.join('\n')).toMatch(/holds for 10 hosts now: old\[1-10\]/);
    expect(here.shown.join('\n')).toMatch(/E1 asks for xen, which is absent on 5 hosts: it does not hold for them \(never1,nitro\[1-4\]\)/);
    const { keptOff, excluded, notes } = await exclusionsFor(world, { job: 'patch', hosts: all() });
    expect([...keptOff.keys()].sort()).toEqual(fleet.groups.get('old')?.toSorted());
    expect(keptOff.get('old1')).toEqual([{ rule: 'E1', pattern: 'linux-image*' }]);
    expect(excluded.size).toBe(0);
    expect(notes).toEqual(['E1 asks for xen, which is absent on 5 hosts: it does not hold for them']);
  });

  test('is judged by what is known when it is asked: a host that is checked later is caught then', async () => {
    await here.type(line);
    expect((await exclusionsFor(world, { job: 'patch', hosts: hosts('never1') })).keptOff.size).toBe(0);
    await db.query(`insert into facts (host, reach, asked, facts) values ('never1', 'ok', now(), '{"xen": "4.2.0"}')`);
    expect((await exclusionsFor(world, { job: 'patch', hosts: hosts('never1') })).keptOff.get('never1')).toHaveLength(1);
  });

  test('needs a reason, a job that exists, and one thing to stay off', async () => {
    for (const wrong of [
      '/ops exclude @old from job script',
      '/ops exclude @old from job rebot because x',
      '/ops exclude @old because x',
      '/ops exclude @old from package "linux image; reboot" because x',
      '/ops exclude @old where zen < 4 from package linux* because x',
      '/ops exclude @down from job script because they are down',
      '/ops exclude @R1:failed from job script because they failed',
      '/ops exclude nosuch from job script because x',
    ])
      expect(await here.type(wrong), wrong).toBe('refused');
    expect(await openRules(db)).toEqual([]);
  });

  test('a phone may type it: curly quotes, a capital', async () => {
    expect(await here.type('Exclude @old from package “linux-image*” because they do not boot it')).toBe('ok');
    expect((await openRules(db))[0]?.applies).toEqual({ package: 'linux-image*' });
  });

  test('nobody excludes hosts outside their scope', async () => {
    expect(await here.type('/ops exclude @old from job script because x', 'kim')).toBe('refused');
    expect(await here.type('/ops exclude @db from job script because x', 'kim')).toBe('ok');
  });
});

describe('keeping hosts off a job', () => {
  test('leaves them out of that job and of no other, with the reason', async () => {
    await here.type('/ops exclude old1,old2 from job script because their disks are being copied');
    const excluded = (await exclusionsFor(world, { job: 'script', hosts: all() })).excluded;
    expect([...excluded]).toEqual([
      ['old1', { rule: 'E1', because: 'their disks are being copied' }],
      ['old2', { rule: 'E1', because: 'their disks are being copied' }],
    ]);
    expect((await exclusionsFor(world, { job: 'patch', hosts: all() })).excluded.size).toBe(0);
  });

  test('ends by a person, once; what is planned afterwards does not see it', async () => {
    await here.type('/ops exclude old1 from job script because x');
    expect(await db.tx((tx) => endRule(tx, 'E1', 'pepe', clock.now()))).toMatchObject({ id: 'E1', state: 'ended' });
    expect(await db.tx((tx) => endRule(tx, 'E1', 'pepe', clock.now()))).toBeUndefined();
    expect((await exclusionsFor(world, { job: 'script', hosts: all() })).excluded.size).toBe(0);
    expect((await eventsOf(db, 'E1')).map(({ type, by }) => `${type} ${by}`)).toEqual(['made ada', 'ended pepe']);
    await here.type('/ops exclude old1 from job script because y');
    expect((await openRules(db)).map(({ id }) => id)).toEqual(['E2']);
  });

  test('said again with another reason it is the same rule, renewed', async () => {
    await here.type('/ops exclude old1 from job script because x');
    await here.type('/ops exclude old1 from job script because y for 2d', 'root');
    expect(await openRules(db)).toMatchObject([{ id: 'E1', because: 'y', owner: 'root' }]);
  });

  test('when a group it names is gone from the inventory it holds for everybody, and says what to do', async () => {
    await here.type('/ops exclude @old from job script because x');
    fleet = fleetOf(['a1', 'a2']);
    const { excluded } = await exclusionsFor(world, { job: 'script', hosts: all() });
    expect(excluded.size).toBe(2);
    expect(excluded.get('a1')?.because).toMatch(/E1 can no longer be read \(.*@old.*\): undo E1, or make it anew/);
  });
});

describe('undo', () => {
  const ops = () =>
    ({
      records: db,
      fleet: () => fleet,
      targets: (expression: string) => resolveTarget(expression, { fleet, live: async () => undefined, known: async () => new Map() }),
    }) as unknown as Ops;

  test('ends a rule also when no host matches it now, and when its group is gone', async () => {
    await here.type('/ops exclude @old where xen < 1 from job script because x');
    expect((await undoRule(ops(), 'E1', CONSOLE)).card?.title).toBe('E1 no longer holds.');
    await here.type('/ops exclude @old from job script because y');
    fleet = fleetOf(['a1', 'a2']);
    expect((await undoRule(ops(), 'E2', CONSOLE)).card?.title).toBe('E2 no longer holds.');
    await expect(undoRule(ops(), 'E7', CONSOLE)).rejects.toThrow('There is no E7');
  });
});

describe('at its end', () => {
  test('the owner is asked, then every day; the rule stays in force until a person ends it', async () => {
    await here.type('/ops exclude old1 from job script because x for 2d');
    const told: unknown[] = [];
    const timers = await runTimers({
      db,
      clock,
      handlers: {
        rule: askAboutRule({
          now: clock.now,
          defaults: () => ({ 'hold.ask_again': 86_400_000 }),
          tell: { tell: async (_tx, { to, card }) => void told.push({ to, card }), repost: async () => {}, news: async () => {} },
        }),
      },
      failed: (error) => {
        throw error;
      },
    });
    const asked = async () =>
      (await db.query<{ text: string }>(`select data ->> 'text' as text from events where type = 'asked' and thing like 'PG%' order by id`)).map(
        ({ text }) => text,
      );
    clock.jumpTo(clock.now() + 2 * 86_400_000 + 1000);
    await expect.poll(asked).toHaveLength(1);
    expect((await asked())[0]).toMatch(/E1 was made until now: old1 stays off the job script because x\. It is still in force/);
    clock.jumpTo(clock.now() + 86_400_000 + 1000);
    await expect.poll(asked).toHaveLength(2);
    expect((await exclusionsFor(world, { job: 'script', hosts: all() })).excluded.size).toBe(1);
    await db.tx((tx) => endRule(tx, 'E1', 'ada', clock.now()));
    await timers.close();
    expect(told).toMatchObject([{ to: { person: 'ada' }, card: { actions: [{ command: 'undo E1' }] } }, { to: { person: 'ada' } }]);
    expect(await db.query(`select 1 from timers where kind = 'rule'`)).toEqual([]);
  });
});

describe('shown', () => {
  const TOLD = { now: Date.UTC(2026, 10, 20, 13), zone: 'Australia/Brisbane' };

  test('by its id with everybody it holds for, and in a list', async () => {
    await here.type('/ops exclude @all where xen < 4.6 from package "linux-image*" because they do not boot it for 7d');
    const { card, json } = await ruleShown(world, 'E1', TOLD);
    expect(card.title).toBe('E1: @all where xen < 4.6 stays off the package linux-image*');
    expect(card.actions).toEqual([{ label: 'End it', command: 'undo E1' }]);
    expect(card.fields?.find(({ name }) => name === 'until')?.value).toMatch(/^\w{3} \d+ \w{3} \d\d:\d\d Australia\/Brisbane$/);
    expect(json).toMatchObject({ id: 'E1', package: 'linux-image*', owner: 'ada', state: 'open', because: 'they do not boot it' });
    expect(json['hosts']).toHaveLength(10);
    expect((await rulesShown(world, TOLD)).card.title).toBe('1 rule is in force');
    await expect(ruleShown(world, 'E9', TOLD)).rejects.toThrow('There is no rule E9');
  });
});
