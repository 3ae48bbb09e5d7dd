// Holdfast on a Slack that other people wrote: it has no Socket Mode and no buttons, so lines come in by signed HTTP; its Web API
// takes what is answered, shows it in the channel, and knows scopes and archived channels.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createEmulator } from 'emulate';
import { freePort, start, until } from './holdfast.mjs';

const SECRET = 'a-signing-secret-of-the-cross-check';
const TOKEN = 'xoxb-cross-check';
const SCOPES = 'chat:write channels:read channels:history groups:read im:read im:history im:write users:read users:read.email files:write reactions:read';
const slack = await createEmulator({
  service: 'slack',
  port: await freePort(),
  seed: {
    slack: {
      users: [{ name: 'ada', real_name: 'Ada', email: 'ada@example.org' }],
      channels: [{ name: 'ops', topic: 'operations' }],
      bots: [{ name: 'holdfast' }],
      tokens: [{ token: TOKEN, user: 'ada', scopes: SCOPES.split(' ') }],
    },
  },
});
const call = async (method, form = {}) => {
  const answer = await fetch(`${slack.url}/api/${method}`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body: new URLSearchParams(form) });
  const said = await answer.json();
  assert.equal(said.ok, true, `${method}: ${JSON.stringify(said)}`);
  return said;
};
const channel = (await call('conversations.list')).channels.find(({ name }) => name === 'ops').id;
const user = (await call('users.list')).members.find(({ name }) => name === 'ada').id;
const port = await freePort();
const stop = start({
  name: 'cross-check',
  people: { ada: { role: 'admin', slack: user } },
  hosts: { web01: { address: '127.0.0.1', port: 9 } },
  // It is no host: nobody looks whether it answers.
  down: { watch: false },
  slack: { bot_token: TOKEN, signing_secret: SECRET, http: { port }, api_url: `${slack.url}/api/` },
  channels: { ops: { slack: channel } },
});
const type = (text, trigger) => {
  const at = String(Math.floor(Date.now() / 1000));
  const form = { command: '/ops', text, user_id: user, channel_id: channel, team_id: 'T000000001', trigger_id: trigger, response_url: `${slack.url}/nowhere` };
  const body = new URLSearchParams(form).toString();
  const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${at}:${body}`).digest('hex')}`;
  return fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-request-timestamp': at, 'x-slack-signature': signature },
    body,
  });
};
try {
  const taken = await until('Holdfast hears', () => type('status', '1.1'));
  assert.equal(taken.status, 200, await taken.text());
  // The same once more, as Slack sends what it thinks was lost: one row, one answer.
  assert.equal((await type('status', '1.1')).status, 200);
  const shown = async () =>
    (await call('conversations.history', { channel, limit: '50' })).messages.filter((one) => /1 hosts?, none asked yet/.test(JSON.stringify(one)));
  await until('the answer is shown', async () => ((await shown()).length > 0 ? true : undefined));
  assert.equal((await type('help check', '1.2')).status, 200);
  await until('what was typed next is answered', async () => {
    const { messages } = await call('conversations.history', { channel, limit: '50' });
    return messages.some((one) => /check <target>/.test(JSON.stringify(one).replaceAll('&lt;', '<').replaceAll('&gt;', '>'))) || undefined;
  });
  assert.equal((await shown()).length, 1, 'it is shown once');
  console.log('emulate: heard by signed HTTP, answered once in the channel');
} finally {
  await stop();
  await slack.close();
}
