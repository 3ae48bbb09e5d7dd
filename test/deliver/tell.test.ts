import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliverAttached } from '../../src/deliver/attached.ts';
import { openTell } from '../../src/deliver/tell.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { kept } from '../store/quiet.ts';

let db: Store;
let log = kept();
const AT = Date.UTC(2026, 10, 20);
const asks = { title: 'R1 waits for your approval: reboot @kvm, 12 hosts', actions: [{ label: 'Approve', command: 'approve R1' }] };
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
});
afterAll(() => db.close());
beforeEach(async () => {
  log = kept();
  await db.query('delete from messages');
  await db.query('delete from inbox');
});

const typedAt = (actor: string, channel: string) =>
  db.query(`insert into inbox (platform, event_id, actor, place, text, received, state) values ('terminal', $1, $2, $3, 'status', now(), 'ended')`, [
    `${actor} ${channel} ${Math.random()}`,
    actor,
    JSON.stringify({ platform: 'terminal', channel, zone: 'UTC' }),
  ]);
const place = (channel: string) => ({ platform: 'terminal' as const, channel, zone: 'UTC' });
const rows = () => db.query<{ channel: string; state: string; person: string }>(`select channel, state, person from messages order by id`);

describe('in the sandbox', () => {
  test('everything told to people is printed on the one terminal, with its id, and told once', async () => {
    const { tell } = openTell({ log, home: 'terminal:home' });
    for (let n = 0; n < 3; n++) await db.tx((tx) => tell(tx, { key: 'run:R1 approval ada', to: { person: 'ada' }, card: asks, at: AT }));
    const shown: string[] = [];
    const attached = await deliverAttached({ db, log, renderers: {} });
    attached.attach('terminal:home', async (text) => void shown.push(text));
    await expect.poll(() => shown).toHaveLength(1);
    const [row] = await db.query<{ id: string }>('select id from messages');
    expect(shown[0]?.split('\n')).toEqual([
      `to ada by dm (id m${row?.id}): R1 waits for your approval: reboot @kvm, 12 hosts`,
      '    /ops approve R1   [Approve]',
    ]);
    await expect.poll(async () => (await db.query('select state, provider_id from messages'))[0]).toEqual({ state: 'sent', provider_id: `m${row?.id}` });
    await attached.close();
  });
});

describe('on a fleet of one’s own', () => {
  test('a person is told at the terminals where they type, and where it was asked; a shell’s command that is over is no device', async () => {
    const { tell } = openTell({ log });
    await typedAt('ada', 'terminal:desk');
    await typedAt('ada', 'exec:gone');
    await db.tx((tx) => tell(tx, { key: 'k', to: { person: 'ada' }, card: asks, asked: place('terminal:yours'), at: AT }));
    expect((await rows()).map(({ channel }) => channel).sort()).toEqual(['terminal:desk', 'terminal:yours']);
    await db.tx((tx) => tell(tx, { key: 'k', to: { person: 'ada' }, card: asks, asked: place('terminal:yours'), at: AT }));
    expect(await rows()).toHaveLength(2);
  });

  test('somebody nobody can reach is kept as undeliverable, and the log says so once', async () => {
    const { tell } = openTell({ log });
    for (let n = 0; n < 2; n++) await db.tx((tx) => tell(tx, { key: 'k', to: { person: 'kim' }, card: asks, asked: place('exec:gone'), at: AT }));
    expect(await rows()).toEqual([{ channel: '', state: 'undeliverable', person: 'kim' }]);
    expect(log.said.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

test('a card that is posted again is rendered as the thing is when it is sent', async () => {
  const { repost } = openTell({ log, home: 'terminal:home' });
  let title = 'R1 waits';
  await db.tx((tx) => repost(tx, { key: 'R1 ring 1', thing: { kind: 'run', id: 'R1' }, place: place('terminal:home'), at: AT }));
  title = 'R1 goes';
  const shown: string[] = [];
  const attached = await deliverAttached({ db, log, renderers: { run: async () => ({ card: { title } }) } });
  attached.attach('terminal:home', async (text) => void shown.push(text));
  await expect.poll(() => shown).toEqual(['R1 goes']);
  await attached.close();
});
