import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigSchema } from '../src/config/schema.ts';
import { liveSets } from '../src/live-sets.ts';
import type { Store } from '../src/store/db.ts';
import { openDb } from '../src/store/open.ts';
import { quiet } from './store/quiet.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  await db.query(
    `insert into holds (id, kind, expression, owner, begun, until) values ('H1', 'updates', '@all', 'ada', now(), now()), ('H2', 'updates', '@web', 'ada', now(), now())`,
  );
  await db.query(`update holds set state = 'ended' where id = 'H2'`);
  await db.query(`insert into hold_hosts (hold, host, state) values ('H1', 'web01', 'held'), ('H1', 'web02', 'unverified'), ('H1', 'web03', 'resumed')`);
  await db.query(`insert into facts (host, reach, asked) values ('web01', 'ok', now()), ('web02', 'refused', now())`);
  await db.query(
    `insert into incidents (id, code, title, severity, by, began, opened, changed) values ('INC-1', 'abc', 'down', 'major', 'ada', now(), now(), now())`,
  );
  await db.query(
    `insert into incident_hosts (incident, host, nth, down, source) values ('INC-1', 'web01', 1, null, 'person'), ('INC-1', 'web02', 1, now(), 'check'), ('INC-1', 'web02', 2, now(), 'check')`,
  );
});
afterAll(() => db.close());

const groups = new Map([
  ['web', ['web01', 'web02']],
  ['db', ['db01', 'web01']],
  ['lab', ['lab01']],
]);
/** Groups she owns, and a service he owns. */
const config = ConfigSchema.parse({
  groups: { web: { owner: 'ada' }, db: { owner: 'ada' }, lab: {} },
  people: { ada: {}, kim: {}, lee: {} },
  services: { trial: { owner: 'lee', hosts: '@lab' } },
});
const sets = () =>
  liveSets(db, {
    fleet: () => ({ hosts: new Map(['web01', 'web02', 'db01', 'lab01'].map((name) => [name, { name } as never])), groups }),
    config: () => config,
  });

describe('sets that come and go', () => {
  test.each([
    ['down', ['web02']],
    ['H1', ['web01', 'web02']],
    ['h1:Unverified', ['web02']],
    ['H1:resumed', ['web03']],
    ['INC-1', ['web02', 'web01']],
    ['inc-1', ['web02', 'web01']],
    ['owner:ada', ['web01', 'web02', 'db01']],
    ['owner:kim', []],
    ['owner:lee', ['lab01']],
  ])('@%s', async (name, hosts) => {
    expect(await sets().hosts(name)).toEqual(hosts);
  });

  test.each(['R1', 'R1:failed', 'H9', 'H1:nosuch', 'INC-9', 'INC-1:failed', 'owner', 'owner:bob', 'downs', 'H', ''])('@%s is none', async (name) => {
    expect(await sets().hosts(name)).toBeUndefined();
  });

  test('are offered by name, those that are over left out', async () => {
    const names = await sets().names();
    expect(names).toEqual(expect.arrayContaining(['down', 'owner:ada', 'H1', 'H1:unverified', 'INC-1']));
    expect(names).not.toContain('H2');
  });

  test('every name that is offered is a set', async () => {
    for (const name of await sets().names()) expect(await sets().hosts(name), name).toBeDefined();
  });
});
