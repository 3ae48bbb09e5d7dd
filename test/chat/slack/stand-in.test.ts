import { webApi } from '@slack/bolt';
import { expect, onTestFinished, test } from 'vitest';
import { handClock } from '../../fake/slack/clock.ts';
import { openFakeSlack } from '../../fake/slack/open.ts';

/** The stand-in judges everything else here: it must be able to say no. */
async function workspace() {
  const clock = handClock();
  const slack = await openFakeSlack({ clock });
  onTestFinished(() => slack.close());
  slack.user('ada');
  const ops = slack.channel('ops', ['ada']);
  const client = new webApi.WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true });
  return { slack, clock, ops, client };
}

test('a message that breaks a written limit is refused as Slack refuses it, and noted', async () => {
  const { slack, ops, client } = await workspace();
  const header = { type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } };
  await expect(client.chat.postMessage({ channel: ops, text: 'x', blocks: [header] })).rejects.toThrow('invalid_blocks');
  expect(slack.violations.join()).toContain('header has 151 characters');
  expect(slack.sees('ada', ops)).toEqual([]);
});

test('a post that is dropped after Slack took it stands there once, and is found by its marker', async () => {
  const { slack, ops, client } = await workspace();
  slack.faults.add('chat.postMessage', { kind: 'drop', taken: true });
  const metadata = { event_type: 'holdfast_message', event_payload: { marker: 'm1' } };
  await expect(client.chat.postMessage({ channel: ops, text: 'hello', metadata, unfurl_links: false, unfurl_media: false })).rejects.toThrow();
  const { messages = [] } = await client.conversations.history({ channel: ops, include_all_metadata: true });
  expect(messages.map(({ text, metadata: kept }) => [text, kept?.event_payload])).toEqual([['hello', { marker: 'm1' }]]);
});

test('a trigger is good once and for three seconds, a response URL five times and for half an hour', async () => {
  const { slack, clock } = await workspace();
  const [first, second] = [slack.triggers.trigger(), slack.triggers.trigger()];
  expect([slack.triggers.exchange(first), slack.triggers.exchange(first)]).toEqual([undefined, 'exchanged_trigger_id']);
  clock.advance(3001);
  expect(slack.triggers.exchange(second)).toBe('expired_trigger_id');
  const url = slack.triggers.responseUrl({ user: 'U1', channel: 'C1' }).split('/').at(-1) as string;
  const uses = Array.from({ length: 6 }, () => slack.triggers.use(url) !== undefined);
  expect(uses).toEqual([true, true, true, true, true, false]);
  const late = slack.triggers.responseUrl({ user: 'U1', channel: 'C1' }).split('/').at(-1) as string;
  clock.advance(30 * 60_000 + 1);
  expect(slack.triggers.use(late)).toBeUndefined();
});

test('a command nobody hears fails before the eyes of who typed it', async () => {
  const { slack, ops } = await workspace();
  expect(await slack.types('ada', ops, '/ops status')).toEqual({ ok: false, why: 'no connection' });
  expect(slack.sees('ada', ops).map(({ by, text, alone }) => ({ by, text, alone }))).toEqual([
    { by: 'slackbot', text: '/ops failed because the app did not respond', alone: true },
  ]);
});
