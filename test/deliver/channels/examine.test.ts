import { expect, test } from 'vitest';
import { examineProviders } from '../../../src/deliver/channels/examine.ts';
import { reachedBy } from '../../../src/deliver/reaches.ts';
import { allProviders } from './all-providers.ts';

async function examined(more: Parameters<typeof allProviders>[0] = {}) {
  const all = await allProviders(more);
  const look = () => examineProviders({ config: all.config, people: [all.ada], reaches: reachedBy(all.config, false), connections: [], timeout: 1_000 });
  return { ...all, look };
}

test('doctor asks every provider that somebody is reached by, and nobody gets a message by it', async () => {
  const { look, smtp, ntfy, twilio, webhook } = await examined();
  expect((await look()).map(({ says, remedy }) => [says, remedy])).toEqual([
    [expect.stringMatching(/^the mail server .* lets us in$/), undefined],
    [expect.stringMatching(/^ntfy on 127\.0\.0\.1:\d+ is well$/), undefined],
    ['Twilio knows the account, and it is active', undefined],
    ['the webhook of ada answers', undefined],
  ]);
  expect([smtp.mailboxes, ntfy.phone, twilio.texts, twilio.calls]).toEqual([[], [], [], []]);
  expect(webhook).toBeDefined();
});

test('a provider that would not take a page is a problem, in its own words, with what to look at', async () => {
  const { look, ntfy } = await examined({ twilio: { token: 'another-token' }, smtp: { port: 1 } });
  ntfy.faults.fault = 'broken';
  const found = await look();
  expect(found.map(({ says }) => says)).toEqual([
    expect.stringMatching(/^the mail server .*: .*ECONNREFUSED/),
    expect.stringMatching(/^ntfy on .*: HTTP 500$/),
    'Twilio: HTTP 401, Authenticate',
    'the webhook of ada answers',
  ]);
  expect(found.filter(({ remedy }) => remedy === undefined)).toHaveLength(1);
  expect(found[0]?.remedy).toContain('providers.smtp');
});
