import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/deliver/connections.ts';
import type { FakeSlack } from '../../fake/slack/open.ts';
import { type AtSlack, atSlack, QUICK } from './at-slack.ts';

/** A rejection nobody hears would end the real process; here it would fail whichever test runs. */
const unheard: unknown[] = [];
const hear = (reason: unknown): void => void unheard.push(reason);
beforeAll(() => void process.on('unhandledRejection', hear));
afterAll(() => {
  process.off('unhandledRejection', hear);
  expect(unheard).toEqual([]);
});

const both = (slack: FakeSlack): Promise<unknown> => slack.until(() => slack.sockets.count() === 2);
const named = ({ connections }: AtSlack, name: string): Connection | undefined => connections.all().find((one) => one.name === name);
/** Types until it is taken: what somebody would do who sees that it failed. Answers how often it failed. */
async function untilTaken({ slack, ops }: AtSlack): Promise<number> {
  for (let failed = 0; ; failed += 1) if ((await slack.types('ada', ops, '/ops status')).ok) return failed;
}

describe('connections in Socket Mode', () => {
  test('are two, and while one is renewed the other takes what comes: no command fails', async () => {
    const world = await atSlack();
    const { slack } = world;
    for (const reason of ['refresh_requested', 'warning', 'link_disabled'] as const) {
      slack.sockets.disconnect(reason);
      expect(await untilTaken(world)).toBe(0);
      await both(slack);
    }
    expect(world.connections.all().every(({ ok }) => ok)).toBe(true);
  });

  test('are both back at once when both were cut, long before the five seconds of the SDK', async () => {
    const world = await atSlack();
    const began = performance.now();
    world.slack.sockets.cut(true);
    await world.slack.until(() => world.slack.sockets.count() === 0);
    await both(world.slack);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(await untilTaken(world)).toBe(0);
  });

  test('on a path that went dead are given up and made anew', { timeout: 30_000 }, async () => {
    const world = await atSlack({ times: { ...QUICK, pong: 3000 } });
    const { slack } = world;
    // A first pong has to have come before its absence says anything.
    await slack.until(() => slack.sockets.pings >= 4);
    const began = performance.now();
    slack.sockets.freeze();
    expect(slack.sockets.count()).toBe(1);
    await slack.until(() => slack.sockets.count() === 2, 20_000);
    expect(performance.now() - began).toBeLessThan(12_000);
  });

  test('that are never greeted are given up, said, and there as soon as Slack greets again', async () => {
    const world = await atSlack({
      connected: false,
      before: (slack) => {
        slack.sockets.noHello = true;
      },
    });
    const { slack } = world;
    await slack.until(() => named(world, 'slack socket 1')?.ok === false);
    expect(named(world, 'slack socket 1')?.says).toBe('Slack did not say hello within 0.6 s');
    slack.sockets.noHello = false;
    await both(slack);
    await slack.until(() => named(world, 'slack socket 1')?.ok === true);
  });

  test('that brought nothing for a long time are replaced before they are closed', async () => {
    const world = await atSlack({ times: { ...QUICK, silence: 300 } });
    const { slack } = world;
    const opened = () => slack.calls.filter(({ method }) => method === 'apps.connections.open').length;
    await slack.until(() => opened() >= 4);
    // In the moment in which one is closed it may be the one that was asked.
    expect(await untilTaken(world)).toBeLessThanOrEqual(1);
    expect(slack.sockets.count()).toBeGreaterThanOrEqual(1);
    expect(world.connections.all().every(({ ok }) => ok)).toBe(true);
  });

  test.each([
    ['errors of the server', { kind: 'status', status: 503 }, /HTTP 503/],
    ['a limit', { kind: 'ratelimited', retryAfter: 1 }, /asks to wait/],
    ['silence', { kind: 'hang' }, /did not/],
    ['connections that break', { kind: 'drop' }, /broke/],
  ] as const)('that are refused with %s are tried again until they are there', async (_, fault, says) => {
    const world = await atSlack();
    const { slack } = world;
    slack.faults.add('apps.connections.open', fault, { times: 4 });
    slack.sockets.cut(true);
    await slack.until(() => world.connections.all().some(({ ok, says: why }) => !ok && says.test(why)));
    await both(slack);
    await slack.until(() => world.connections.all().every(({ ok }) => ok));
    expect(await untilTaken(world)).toBe(0);
  });

  test('whose token was revoked say so and what to do, the process lives, and a good token is enough', async () => {
    const world = await atSlack({ times: { ...QUICK, again: [20, 50], test: 20, giveUp: 60 } });
    const { slack } = world;
    slack.refused.set(slack.appToken, 'token_revoked');
    slack.sockets.cut(true);
    const { says } = await slack.until(() => world.connections.all().find(({ ok, name }) => !ok && name === 'slack socket 1'));
    expect(says).toBe('Slack refuses the app token (token_revoked). Put a good one under slack.app_token in holdfast.yaml and reload.');
    // Looked at more often than it takes to give up: no other process would have a better token.
    const tests = (): number => slack.calls.filter(({ method }) => method === 'auth.test').length;
    const before = tests();
    await slack.until(() => tests() > before + 8);
    expect(world.gaveUp).toEqual([]);
  });

  test('survive whatever is no frame of Slack', async () => {
    const world = await atSlack();
    const { slack } = world;
    for (const frame of [
      '',
      'null',
      '{',
      '[]',
      '{"type":"events_api"}',
      '{"type":"events_api","payload":{}}',
      '{"type":"close"}',
      '{"type":"error"}',
      '{"envelope_id":1}',
    ])
      slack.sockets.raw(frame);
    expect(await untilTaken(world)).toBe(0);
    expect(slack.sockets.count()).toBe(2);
  });

  test('of which none can be had while Slack answers end the process, for its supervisor', async () => {
    const world = await atSlack({ times: { ...QUICK, test: 100, giveUp: 300 } });
    world.slack.sockets.noHello = true;
    world.slack.sockets.cut(true);
    await world.slack.until(() => world.gaveUp.length > 0);
    expect(world.gaveUp[0]).toMatch(/^Slack answers, and no connection in Socket Mode could be opened/);
  });
});

test('a bot token that was revoked is said as soon as a call meets it, and well again when it is taken', async () => {
  const world = await atSlack();
  const { slack, room, ops } = world;
  slack.refused.set(slack.botToken, 'account_inactive');
  await room.messenger.post({ channel: ops }, { marker: 'm', shown: {} });
  expect(named(world, 'slack web api')).toMatchObject({ ok: false, says: expect.stringContaining('slack.bot_token') });
  slack.refused.clear();
  await room.messenger.post({ channel: ops }, { marker: 'm', shown: {} });
  expect(named(world, 'slack web api')?.ok).toBe(true);
});
