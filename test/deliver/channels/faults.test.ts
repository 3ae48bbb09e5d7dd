import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChannelName } from '../../../src/deliver/channel.ts';
import type { Store } from '../../../src/store/db.ts';
import { openDb } from '../../../src/store/open.ts';
import { freePort } from '../../engines.ts';
import type { Fault } from '../../fake/provider.ts';
import { kept } from '../../store/quiet.ts';
import { messageOf, putPage, rowsOf, sending } from '../some-pages.ts';
import { allProviders } from './all-providers.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
});
afterAll(() => db.close());
beforeEach(() => db.query('delete from pages'));

/** Wall ms a call has in these tests. */
const CALL = 500;

type Provider = 'ntfy' | 'smtp' | 'twilio' | 'webhook';
const OF: Partial<Record<ChannelName, Provider>> = { ntfy: 'ntfy', email: 'smtp', sms: 'twilio', voice: 'twilio', webhook: 'webhook' };
const FAULTS: [string, Fault][] = [
  ['says no', 'no'],
  ['fails', 'broken'],
  ['is asked too often, for ten minutes', { busy: 600 }],
  ['hangs', 'hang'],
  ['takes it and breaks off', 'reset'],
];

describe.each(Object.entries(OF) as [ChannelName, Provider][])('when the provider of %s', (name, provider) => {
  test.each(FAULTS)('%s, she is reached by her next channel at once', async (_, fault) => {
    const all = await allProviders({}, CALL);
    all[provider].faults.fault = fault;
    // Her next one: not of the same provider.
    const next = name === 'ntfy' ? all.channels.webhook : all.channels.ntfy;
    await putPage(db, 'PG1', [{ channel: name }]);
    const began = performance.now();
    await sending(db, [all.channels[name as keyof typeof all.channels], next], [all.ada]);
    const device = (): unknown[] => (name === 'ntfy' ? all.webhook.got : all.ntfy.phone);
    await expect.poll(device, { timeout: 8_000, interval: 20 }).toHaveLength(1);
    // One call's time, its grace, and what a busy machine takes; not the seconds of a back-off.
    expect(performance.now() - began).toBeLessThan(CALL + 4_000);
    const [first] = await rowsOf(db);
    expect(first).toMatchObject({ channel: name, state: expect.stringMatching(/waiting|failed/) });
    expect(first?.says).toBeTruthy();
  });
});

test('a storm of refusals that names its time is asked again then, and not before', async () => {
  const { channels, ada, ntfy } = await allProviders();
  ntfy.faults.fault = { busy: 600 };
  expect(await channels.ntfy.send(ada, messageOf('PG1', 1))).toEqual({
    sent: false,
    why: 'later',
    says: 'ntfy: HTTP 429, limit reached: too many requests',
    after: 600_000,
  });
  await putPage(db, 'PG1', [{}]);
  await sending(db, [channels.ntfy], [ada]);
  await expect.poll(async () => (await rowsOf(db))[0]?.says, { timeout: 8_000 }).toContain('429');
  const [row] = await db.query<{ wait: number }>('select extract(epoch from wall_not_before - now())::float8 as wait from page_attempts');
  expect(row?.wait).toBeGreaterThan(590);
  expect(ntfy.faults.calls).toBe(2);
});

test('an SMS that was taken before the connection broke is found, and not sent a second time', async () => {
  const { channels, ada, twilio } = await allProviders();
  twilio.faults.fault = 'reset';
  await putPage(db, 'PG1', [{ channel: 'sms' }]);
  await sending(db, [channels.sms], [ada]);
  await expect.poll(() => twilio.texts, { timeout: 8_000 }).toHaveLength(1);
  twilio.faults.fault = 'none';
  await expect.poll(async () => (await rowsOf(db))[0]?.state, { timeout: 15_000 }).toBe('sent');
  expect(twilio.texts).toHaveLength(1);
});

test('a call that may have been made is not made again', async () => {
  const { channels, ada, twilio } = await allProviders();
  twilio.faults.fault = 'reset';
  await putPage(db, 'PG1', [{ channel: 'voice' }]);
  await sending(db, [channels.voice], [ada]);
  await expect.poll(() => twilio.calls, { timeout: 8_000 }).toHaveLength(1);
  twilio.faults.fault = 'none';
  await expect.poll(async () => (await rowsOf(db))[0]?.state, { timeout: 15_000 }).toBe('failed');
  expect(twilio.calls).toHaveLength(1);
});

test('a provider nobody listens at is asked again later: it has taken nothing', async () => {
  const { channels, ada, config } = await allProviders();
  const nobody = await freePort();
  if (config.providers.smtp) config.providers.smtp.port = nobody;
  if (config.providers.ntfy) config.providers.ntfy.url = `http://127.0.0.1:${nobody}`;
  expect(await channels.email.send(ada, messageOf('PG1', 1))).toMatchObject({ sent: false, why: 'later' });
  expect(await channels.ntfy.send(ada, messageOf('PG1', 1))).toMatchObject({ sent: false, why: 'later', says: expect.stringContaining('ECONNREFUSED') });
});
