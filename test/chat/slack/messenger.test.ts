import { describe, expect, test } from 'vitest';
import type { Outgoing } from '../../../src/deliver/messenger.ts';
import { atSlack, QUICK } from './at-slack.ts';

const hello: Outgoing = { marker: 'm1', shown: { card: { title: 'hello' } } };

/** One room on a stand-in; its messages as ada reads them in #ops. */
async function posting() {
  const world = await atSlack();
  const { slack, room, ops } = world;
  return { ...world, messenger: room.messenger, read: () => slack.sees('ada', ops).map(({ text }) => text) };
}

describe('a message to Slack', () => {
  test('stands where it was sent, can be changed in place, and is found by its marker', async () => {
    const { messenger, ops, read, slack } = await posting();
    const sent = await messenger.post({ channel: ops }, hello);
    expect(sent).toEqual({ sent: true, id: slack.sees('ada', ops)[0]?.ts });
    const id = sent.sent ? sent.id : '';
    expect(await messenger.edit({ channel: ops }, id, { marker: 'm1', shown: { card: { title: 'done', tone: 'good' } } })).toEqual({ sent: true, id });
    expect(read()).toEqual(['✓ done']);
    expect([await messenger.find({ channel: ops }, 'm1'), await messenger.find({ channel: ops }, 'm2')]).toEqual([id, undefined]);
    expect(slack.violations).toEqual([]);
  });

  test('into a thread stands there, and is found there', async () => {
    const { messenger, ops, slack } = await posting();
    const { ts } = await slack.says('ada', ops, 'it began');
    await messenger.post({ channel: ops, thread: ts }, hello);
    expect(slack.sees('pepe', ops).map(({ text, thread }) => [text, thread])).toEqual([
      ['it began', undefined],
      ['hello', ts],
    ]);
    expect([await messenger.find({ channel: ops, thread: ts }, 'm1'), await messenger.find({ channel: ops }, 'm1')]).toEqual([
      slack.sees('ada', ops)[1]?.ts,
      undefined,
    ]);
  });

  test('to a person alone is a direct message, whose channel is told and asked for once', async () => {
    const { messenger, slack } = await posting();
    const person = slack.workspace.userNamed('ada').id;
    expect(await messenger.post({ person }, hello)).toMatchObject({ sent: true, channel: slack.dm('ada') });
    await messenger.post({ person }, { ...hello, marker: 'm2' });
    expect(slack.dms('ada').map(({ text }) => text)).toEqual(['hello', 'hello']);
    expect(slack.calls.filter(({ method }) => method === 'conversations.open')).toHaveLength(1);
    expect(await messenger.find({ person }, 'm2')).toBe(slack.dms('ada')[1]?.ts);
  });

  test('to an asker alone is seen by them and nobody else, and is refused when the address ran out', async () => {
    const { messenger, slack, ops, taken, random } = await posting();
    await slack.types('ada', random, '/ops status');
    const to = { reply: taken[0]?.reply?.by };
    for (let n = 0; n < 5; n += 1) expect(await messenger.post(to, hello)).toMatchObject({ sent: true });
    expect(await messenger.post(to, hello)).toEqual({ sent: false, why: 'no', says: 'HTTP 404' });
    expect([slack.sees('ada', random).length, slack.sees('pepe', random).length, slack.sees('ada', ops).length]).toEqual([5, 0, 0]);
    expect(await messenger.post({ reply: { url: 'file:///etc/passwd', user: 'U1' } }, hello)).toMatchObject({ why: 'no' });
    expect(slack.violations).toEqual([]);
  });

  test('longer than Slack takes has all of it as a file in its thread, once, however often it is changed', async () => {
    const { messenger, ops, slack } = await posting();
    const whole = Array.from({ length: 2000 }, (_, n) => `line ${n}`);
    const card = { title: 'Much', attachment: { name: 'check.txt', text: whole.join('\n') } };
    const sent = await messenger.post({ channel: ops }, { marker: 'm1', shown: { card } });
    const id = sent.sent ? sent.id : '';
    await messenger.edit({ channel: ops }, id, { marker: 'm1', shown: { card: { ...card, title: 'Much more' } } });
    const [message, file, ...more] = slack.sees('ada', ops);
    expect(message?.text).toBe('Much more\nThe whole is attached as check.txt.');
    expect([file?.thread, file?.files]).toEqual([id, [{ name: 'check.txt', content: whole.join('\n') }]]);
    expect(more).toEqual([]);
  });

  test('whose file cannot be uploaded is sent all the same, and says how the file begins', async () => {
    const { messenger, ops, slack } = await posting();
    slack.faults.add('upload', { kind: 'status', status: 500 });
    const card = { title: 'Much', attachment: { name: 'check.txt', text: 'a <b>\n'.repeat(2000) } };
    expect(await messenger.post({ channel: ops }, { marker: 'm1', shown: { card } })).toMatchObject({ sent: true });
    expect(slack.sees('ada', ops)[1]?.text).toMatch(/^check\.txt could not be attached \(.*HTTP 500\); this is how it begins\.\n```\na <b>\n/);
    expect(slack.violations).toEqual([]);
  });
});

describe('a call that fails', () => {
  test.each([
    ['Slack asks to wait', { kind: 'ratelimited', retryAfter: 7 }, { why: 'later', after: 7000, scope: 'channel' }, 0],
    ['a server error', { kind: 'status', status: 502 }, { why: 'unsure' }, 0],
    ['an answer that does not come', { kind: 'hang' }, { why: 'unsure', says: 'Slack did not answer in time' }, 0],
    ['an answer that does not come, to what was done', { kind: 'hang', taken: true }, { why: 'unsure' }, 1],
    ['a connection that breaks', { kind: 'drop' }, { why: 'unsure' }, 0],
    ['a connection that breaks after it was done', { kind: 'drop', taken: true }, { why: 'unsure' }, 1],
    ['fatal_error, after which nobody knows', { kind: 'error', error: 'fatal_error' }, { why: 'unsure' }, 0],
    ['a token that was revoked', { kind: 'error', error: 'token_revoked' }, { why: 'later', scope: 'workspace' }, 0],
    ['a right that is missing', { kind: 'error', error: 'missing_scope' }, { why: 'no', says: expect.stringContaining('manifest slack') }, 0],
  ] as const)('%s: one try, and what is known of it', async (_, fault, says, there) => {
    const { messenger, ops, slack, read } = await posting();
    slack.faults.add('chat.postMessage', fault);
    const began = performance.now();
    expect(await messenger.post({ channel: ops }, hello)).toMatchObject({ sent: false, ...says });
    expect(performance.now() - began).toBeLessThan(QUICK.call + 600);
    expect(read()).toHaveLength(there);
    // And whether it is there can be looked up.
    expect(await messenger.find({ channel: ops }, 'm1')).toBe(slack.sees('ada', ops)[0]?.ts);
    expect(slack.faults.next('chat.postMessage', {})).toBeUndefined();
  });

  test('a channel that will not have it says what a person can do, and that it is the channel, not the message', async () => {
    const { messenger, slack } = await posting();
    const elsewhere = slack.channel('elsewhere', ['ada'], { bot: false });
    const old = slack.channel('old', ['ada'], { archived: true });
    const says = async (channel: string): Promise<unknown> => {
      const sent = await messenger.post({ channel }, hello);
      return sent.sent ? sent : `${sent.why}${sent.why === 'no' && sent.gone ? ', gone' : ''}: ${sent.says}`;
    };
    expect(await says(elsewhere)).toBe('no, gone: not_in_channel: invite me there: /invite @holdfast');
    expect(await says('C0NOWHERE')).toMatch(/^no, gone: channel_not_found: .*\/invite @holdfast/);
    expect(await says(old)).toMatch(/^no, gone: is_archived/);
    slack.faults.add('chat.postMessage', { kind: 'error', error: 'msg_too_long' });
    expect(await says(slack.channel('well', ['ada']))).toBe('no: msg_too_long');
  });

  test('a Slack that cannot be reached has taken nothing', async () => {
    const { messenger, ops, slack } = await posting();
    await slack.close();
    // What was kept open is found broken first.
    await messenger.post({ channel: ops }, hello);
    expect(await messenger.post({ channel: ops }, hello)).toMatchObject({
      sent: false,
      why: 'later',
      scope: 'workspace',
      says: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('a message that is gone cannot be changed, and one that cannot be looked up is not said to be missing', async () => {
    const { messenger, ops, slack } = await posting();
    expect(await messenger.edit({ channel: ops }, '1.000001', hello)).toMatchObject({ why: 'no', says: 'message_not_found' });
    slack.faults.add('conversations.history', { kind: 'status', status: 503 });
    expect(await messenger.find({ channel: ops }, 'm1')).toBe('unsure');
    slack.faults.add('conversations.history', { kind: 'ratelimited', retryAfter: 30 });
    expect(await messenger.find({ channel: ops }, 'm1')).toBe('unsure');
  });

  test('one channel that has to wait holds up no other', async () => {
    const { messenger, ops, random, slack } = await posting();
    slack.faults.add('chat.postMessage', { kind: 'ratelimited', retryAfter: 30 }, { where: ({ channel }) => channel === ops });
    const [waits, goes] = await Promise.all([messenger.post({ channel: ops }, hello), messenger.post({ channel: random }, hello)]);
    expect([waits.sent, goes.sent]).toEqual([false, true]);
  });
});
