import { describe, expect, test } from 'vitest';
import { handClock } from '../../fake/slack/clock.ts';
import { postSigned } from '../../fake/slack/deliver.ts';
import { atSlack } from './at-slack.ts';

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  const at = (more: Parameters<typeof atSlack>[0] = {}) => atSlack({ transport, ...more });
  const m1 = { marker: 'm1', shown: {} };

  test('what somebody types after /ops is a line of theirs, answered for everybody where the channel is bound', async () => {
    const { slack, ops, random, taken } = await at();
    expect(await slack.types('ada', ops, '/ops check @web where xen < 4.6')).toEqual({ ok: true, payload: { response_type: 'in_channel' } });
    expect(await slack.types('pepe', random, '/oncall web')).toEqual({ ok: true, payload: {} });
    expect(taken.map(({ actor, text, place }) => [actor, text, place.channel, place.alone])).toEqual([
      ['ada', '/ops check @web where xen &lt; 4.6', ops, undefined],
      ['pepe', '/oncall web', random, true],
    ]);
    expect(taken[1]?.reply?.until).toBeGreaterThan(Date.now() + 25 * 60_000);
  });

  test('a mention is a line, in a channel and in a thread, where slash commands cannot go', async () => {
    const { slack, ops, taken } = await at();
    const { ts } = await slack.says('ada', ops, '@holdfast check @web');
    await slack.says('pepe', ops, 'take @holdfast', { thread: ts });
    await slack.says('pepe', ops, 'nobody is meant');
    expect(taken.map(({ actor, text, place }) => [actor, text, place.thread])).toEqual([
      ['ada', '/ops check @web', undefined],
      ['pepe', '/ops take', ts],
    ]);
  });

  test('what somebody tells the bot alone is a line, and its answer goes there', async () => {
    const { slack, room, taken } = await at();
    await slack.says('ada', slack.dm('ada'), 'status');
    expect(taken.map(({ actor, text, place }) => [actor, text, place.channel, place.alone])).toEqual([['ada', '/ops status', slack.dm('ada'), undefined]]);
    await room.messenger.post({ channel: taken[0]?.place.channel as string }, { marker: 'a', shown: { card: { title: 'all well' } } });
    expect(slack.dms('ada').map(({ text }) => text)).toEqual(['all well']);
  });

  test('a button is its line, said by whoever pressed it', async () => {
    const { slack, room, ops, taken } = await at();
    const actions = [{ label: 'Approve', command: 'approve R1' }];
    await room.messenger.post({ channel: ops }, { marker: 'r1', shown: { card: { title: 'R1', actions } } });
    const [card] = slack.sees('pepe', ops);
    expect(await slack.presses('pepe', card as never, 'Approve')).toEqual({ ok: true, payload: {} });
    expect(taken.map(({ actor, text, place }) => [actor, text, place.channel])).toEqual([['pepe', '/ops approve R1', ops]]);
  });

  test('a dangerous button asks first, and does nothing when the answer is no', async () => {
    const { slack, room, ops, taken } = await at();
    const actions = [{ label: 'Cut', command: 'power off kvm01', style: 'danger' as const }];
    await room.messenger.post({ channel: ops }, { marker: 'r1', shown: { card: { title: 'R1', actions } } });
    const [card] = slack.sees('ada', ops);
    await slack.presses('ada', card as never, 'Cut', { yes: false });
    expect(taken).toEqual([]);
    await slack.presses('ada', card as never, 'Cut');
    expect(taken.map(({ text }) => text)).toEqual(['/ops power off kvm01']);
  });

  test('a button that needs a reason asks for it in a form, and the line holds it word for word', async () => {
    const { slack, room, ops, taken } = await at();
    const actions = [{ label: 'Break glass…', command: 'approve R1 break glass because …', style: 'danger' as const }];
    await room.messenger.post({ channel: ops }, { marker: 'r1', shown: { card: { title: 'R1', actions } } });
    const [card] = slack.sees('ada', ops);
    await slack.presses('ada', card as never, 'Break glass…');
    expect(taken).toEqual([]);
    await slack.until(() => slack.modal('ada'));
    expect(slack.modal('pepe')).toBeUndefined();
    await slack.submits('ada', { Because: 'half of "web" < is\\ down & <!channel>' });
    expect(taken.map(({ actor, text, place }) => [actor, text, place.channel])).toEqual([
      ['ada', '/ops approve R1 break glass because "half of \\"web\\" &lt; is\\\\ down &amp; &lt;!channel&gt;"', ops],
    ]);
    expect(taken[0]?.reply).toBeDefined();
    expect(slack.modal('ada')).toBeUndefined();
  });

  test('a form for a trigger that ran out does nothing, and says so with what to type', async () => {
    const clock = handClock(Date.now());
    const { slack, room, ops, taken } = await at({ clock });
    const actions = [{ label: 'Down', command: 'release slot kvm01 because …' }];
    await room.messenger.post({ channel: ops }, { marker: 'r1', shown: { card: { title: 'R1', actions } } });
    const trigger = slack.triggers.trigger();
    clock.advance(3001);
    await slack.presses('ada', slack.sees('ada', ops)[0] as never, 'Down', { trigger });
    const said = await slack.until(() => slack.sees('ada', ops).find(({ alone }) => alone));
    expect(said.text).toBe('The form could not be opened in time; nothing was done. Press again, or type: /ops release slot kvm01 because …');
    expect(taken).toEqual([]);
  });

  test('a message goes to the timeline by its menu, and once by a mark, however many mark it', async () => {
    const { slack, ops, taken } = await at();
    const { ts } = await slack.says('pepe', ops, 'the "MTU" of eth1 is\n9000 & wrong');
    await slack.shortcut('ada', { ts }, 'add_to_timeline');
    await slack.reacts('ada', { ts }, 'eyes');
    await slack.reacts('ada', { ts }, 'pushpin');
    await slack.reacts('pepe', { ts }, 'pushpin');
    const note = '/incident note "the \\"MTU\\" of eth1 is\n9000 &amp; wrong (said by pepe)"';
    expect(taken.map(({ actor, text }) => [actor, text])).toEqual([
      ['ada', note],
      ['ada', note],
    ]);
  });

  test('a mark by somebody who may not, or that came too early, stands in the way of no other', async () => {
    const { slack, ops, taken, mayNot } = await at();
    const { ts } = await slack.says('pepe', ops, 'eth1 flaps');
    mayNot.add('pepe');
    await slack.reacts('pepe', { ts }, 'pushpin');
    await slack.reacts('ada', { ts }, 'pushpin');
    await slack.reacts('ada', { ts }, 'pushpin');
    expect(taken.map(({ actor }) => actor)).toEqual(['pepe', 'ada']);
  });

  test('a marked message in a thread is the one that was marked, not the first of the thread', async () => {
    const { slack, ops, taken } = await at();
    const { ts } = await slack.says('ada', ops, 'it began');
    const reply = await slack.says('pepe', ops, 'and went on', { thread: ts });
    await slack.reacts('ada', reply, 'pushpin');
    expect(taken.map(({ text, place }) => [text, place.thread])).toEqual([['/incident note "and went on (said by pepe)"', ts]]);
  });

  test('everything delivered twice is taken once', async () => {
    const { slack, room, ops, taken } = await at();
    await room.messenger.post({ channel: ops }, { marker: 'r1', shown: { card: { title: 'R1', actions: [{ label: 'Approve', command: 'approve R1' }] } } });
    slack.deliveries.twice = 3;
    await slack.types('ada', ops, '/ops status');
    await slack.says('ada', ops, '@holdfast status');
    await slack.presses('ada', slack.sees('ada', ops)[0] as never, 'Approve');
    await slack.types('ada', ops, '/ops help');
    expect(taken.map(({ text }) => text)).toEqual(['/ops status', '/ops status', '/ops approve R1', '/ops help']);
  });

  test('what is acknowledged too late is taken all the same, and once however often Slack sends it again', async () => {
    const clock = handClock(Date.now());
    const { slack, room, ops, taken } = await at({ clock });
    await room.messenger.post({ channel: ops }, { marker: 'r1', shown: { card: { title: 'R1', actions: [{ label: 'Approve', command: 'approve R1' }] } } });
    const tries = () => slack.deliveries.attempts.filter(({ kind }) => kind === 'events_api');
    const tried = async (count: number) => {
      await slack.until(() => tries().length === count);
      await settled();
    };
    slack.deliveries.late = 2;
    expect(await slack.types('ada', ops, '/ops stop')).toEqual({ ok: false, why: 'not acknowledged' });
    expect(await slack.presses('ada', slack.sees('ada', ops)[0] as never, 'Approve')).toEqual({ ok: false, why: 'not acknowledged' });
    slack.deliveries.late = 3;
    await slack.says('ada', ops, '@holdfast status');
    await tried(2);
    clock.advance(60_000);
    await tried(3);
    clock.advance(300_000);
    await tried(4);
    expect(tries().map(({ acked }) => acked.ok)).toEqual([false, false, false, true]);
    expect(taken.map(({ text }) => text)).toEqual(['/ops stop', '/ops approve R1', '/ops status']);
  });

  test('what the database did not take is said by each acknowledgement itself, and an event comes again until it is taken', async () => {
    const clock = handClock(Date.now());
    const world = await at({ clock });
    const { slack, room, ops, taken } = world;
    const actions = [
      { label: 'Approve', command: 'approve R1' },
      { label: 'Why', command: 'take R1 because …' },
    ];
    await room.messenger.post({ channel: ops }, { marker: 'r1', shown: { card: { title: 'R1', actions } } });
    const card = slack.sees('ada', ops)[0] as never;
    await slack.presses('ada', card, 'Why');
    await slack.until(() => slack.modal('ada'));

    world.refuses = 'Not taken: the database does not answer. Try again.';
    expect(await slack.types('ada', ops, '/ops stop')).toMatchObject({ ok: true, payload: { text: world.refuses, response_type: 'ephemeral' } });
    expect(await slack.submits('ada', { Because: 'x' })).toMatchObject({ errors: { Because: world.refuses } });
    expect(slack.modal('ada')).toBeDefined();
    const pressed = slack.presses('ada', card, 'Approve');
    await slack.until(() => slack.sees('ada', ops).filter(({ text }) => text === world.refuses).length === 2);
    if (transport === 'socket') clock.advance(3001);
    expect(await pressed).toMatchObject({ ok: false });

    const said = slack.says('ada', ops, '@holdfast stop');
    // Two tries, at once: neither was acknowledged.
    for (const tries of [1, 2]) {
      if (transport === 'socket') {
        await slack.until(() => slack.calls.length > 0);
        await settled();
        clock.advance(3001);
      }
      await slack.until(() => slack.deliveries.attempts.filter(({ kind }) => kind === 'events_api').length >= tries);
    }
    expect((await said).acked).toMatchObject({ ok: false });
    expect(taken).toEqual([]);
    world.refuses = undefined;
    clock.advance(60_000);
    await slack.until(() => taken.length > 0);
    expect(taken.map(({ text }) => text)).toEqual(['/ops stop']);
    await slack.submits('ada', { Because: 'x' });
    expect(taken.map(({ text }) => text)).toEqual(['/ops stop', '/ops take R1 because "x"']);
  });

  test('nothing we send breaks a rule of the vendor, and nothing unknown that comes ends anything', async () => {
    const { slack, ops, room, taken } = await at();
    await room.messenger.post({ channel: ops }, m1);
    expect(await slack.deliveries.interact('interactive', { type: 'view_closed', trigger_id: 'x' })).toMatchObject({ ok: true });
    expect(await slack.deliveries.event({ type: 'team_join', user: {} })).toMatchObject({ ok: true });
    expect(await slack.deliveries.event({ type: 'message', channel_type: 'im', channel: 'D1', bot_id: 'B1', user: 'U1', text: 'x', ts: '1.1' })).toMatchObject({
      ok: true,
    });
    await slack.types('ada', ops, '/ops status');
    expect(taken).toHaveLength(1);
    expect(slack.violations).toEqual([]);
  });
});

/** What is on its way in this process has arrived. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('signed HTTP', () => {
  test('is heard from Slack only: a wrong or an old signature is refused, and nothing is taken', async () => {
    const { slack, taken } = await atSlack({ transport: 'http' });
    const url = slack.deliveries.http as string;
    const body = new URLSearchParams({ command: '/ops', text: 'stop', channel_id: 'C1', user_id: 'U1', trigger_id: 't', response_url: 'http://x' }).toString();
    const wrong = await postSigned(url, body, { secret: 'another', form: true, now: Date.now() });
    const old = await postSigned(url, body, { secret: slack.signingSecret, form: true, now: Date.now() - 6 * 60_000 });
    expect([wrong.status, old.status]).toEqual([401, 401]);
    expect(taken).toEqual([]);
  });

  test('answers the challenge by which Slack looks whether it is there', async () => {
    const { slack } = await atSlack({ transport: 'http' });
    const answer = await postSigned(slack.deliveries.http as string, JSON.stringify({ type: 'url_verification', challenge: 'abc' }), {
      secret: slack.signingSecret,
      form: false,
      now: Date.now(),
    });
    expect(await answer.json()).toEqual({ challenge: 'abc' });
  });
});
