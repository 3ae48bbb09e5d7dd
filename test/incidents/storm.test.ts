import { expect, onTestFinished, test } from 'vitest';
import { PACES } from '../../src/deliver/pace.ts';
import { runSender } from '../../src/deliver/sender.ts';
import { openIncident } from '../../src/incidents/begin.ts';
import { moveIncident } from '../../src/incidents/move.ts';
import { incidentRenderer } from '../../src/incidents/show.ts';
import { openDb } from '../../src/store/open.ts';
import { aMessenger } from '../deliver/a-messenger.ts';
import { comesAbout } from '../front-door/several.ts';
import { quiet } from '../store/quiet.ts';

/** Slack's distances, thirty times as short. */
const QUICKER = 30;

test('under a storm of a hundred events the card is one message, edited no more often than the pace allows, pinned once, and right in the end', {
  timeout: 60_000,
}, async () => {
  const db = await openDb({ memory: true, log: quiet });
  const platform = aMessenger('slack');
  const { slack } = PACES;
  const pace = { ...slack, edit: slack.edit / QUICKER, channel: slack.channel / QUICKER, firstWords: 10 };
  const world = { fleet: () => ({ hosts: new Map(), groups: new Map() }), clock: { now: () => Date.now() } as never };
  const sender = await runSender({ db, log: quiet, renderers: { incident: incidentRenderer(world) }, messenger: platform.messenger, holder: 'here', pace });
  onTestFinished(async () => {
    await sender.close();
    await db.close();
  });
  await db.tx(async (tx) => {
    await openIncident(tx, { title: 'hosts die', severity: 'major', hosts: [], by: 'ada', at: Date.now() });
    await tx.query(
      `insert into cards (thing_kind, thing_id, platform, channel, place, pin) values ('incident', 'INC-1', 'slack', 'C1', '{"channel":"C1","zone":"UTC"}', true)`,
    );
    await tx.notify('shown', 'incident');
  });
  await comesAbout('the card', () => platform.seen().length > 0);
  const began = Date.now();
  for (let n = 0; n < 100; n++) {
    const host = `web${String(n).padStart(3, '0')}`;
    const data = { source: 'check' as const, hosts: [{ host, at: new Date().toISOString() }] };
    await db.tx((tx) => moveIncident(tx, 'INC-1', { type: 'hosts down', data, by: 'holdfast', at: Date.now() }));
  }
  await comesAbout('all hundred on the card', () => platform.says('C1')[0]?.includes('100 hosts: web[000-099]'));
  await comesAbout('the pin', () => platform.pinned.size === 1);
  const took = Date.now() - began;
  const [card, ...others] = platform.seen();
  expect(others).toEqual([]);
  const edits = (card?.at ?? []).slice(1);
  for (const [n, at] of edits.entries()) expect(at - (card?.at[n] ?? 0)).toBeGreaterThanOrEqual(pace.edit - 5);
  expect(edits.length).toBeLessThanOrEqual(Math.ceil(took / pace.edit) + 1);
  expect(platform.calls.filter(({ does }) => does === 'pin')).toHaveLength(1);
});
