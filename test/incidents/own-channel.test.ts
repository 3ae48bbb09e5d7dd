import { beforeAll, expect, test } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import { WANTS_OPENING } from '../../src/deliver/open-beside.ts';
import type { Incident } from '../../src/incident/shapes.ts';
import { askForChannel } from '../../src/incidents/own-channel.ts';
import type { IncidentsWorld } from '../../src/incidents/world.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { quiet } from '../store/quiet.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});

const world = {
  config: () => ({ channels: { ops: { slack: 'C0OPS', news: ['incident'], incident_channels: 'major' } } }) as unknown as Config,
  people: () => [{ name: 'ada', slack: 'U0ADA' }],
} as unknown as IncidentsWorld;
const ask = (state: Incident['state']) =>
  db.tx((tx) =>
    askForChannel(tx, world, { id: 'INC-1', kind: 'incident', title: 'the shop is slow', severity: 'major', state, by: 'ada' } as Incident, 'c0de'),
  );
const wanted = () =>
  db.query(`select opens ->> 'name' as name, ${WANTS_OPENING} as wanted from cards c where thing_id = 'INC-1' and opens is not null and opened is null`);

test('an incident that is over before its channel could be made gets none, whatever the platform says later', async () => {
  await db.query(`insert into cards (thing_kind, thing_id, platform, channel, place) values ('incident', 'INC-1', 'slack', 'C0OPS', '{}')`);
  await ask('investigating');
  expect(await wanted()).toEqual([{ name: 'inc-1-the-shop-is-slow', wanted: true }]);
  await ask('resolved');
  expect(await wanted()).toEqual([{ name: 'inc-1-the-shop-is-slow', wanted: false }]);
});
