import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Watchdog, WatchdogEntry } from '../../src/config/watch.ts';
import { openWatchdog } from '../../src/watch/watchdog.ts';
import { watchdogDecides } from '../../src/watch/watchdog-decides.ts';
import { allProviders } from '../deliver/channels/all-providers.ts';
import { kept } from '../store/quiet.ts';

const MINUTE = 60_000;

/** A Holdfast elsewhere that says of itself what the test has it say, and a watchdog whose time the test moves. */
async function watched() {
  const all = await allProviders();
  let answers: { status: number; body: unknown } | 'silence' = { status: 200, body: { ready: true, well: true, age: 1_000 } };
  const server = createServer((_, response) => {
    if (answers !== 'silence') response.writeHead(answers.status, { 'content-type': 'application/json' }).end(JSON.stringify(answers.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  let now = Date.UTC(2026, 10, 26);
  const watchdog: Watchdog = WatchdogEntry.parse({ url, page: 'ada' });
  const dog = openWatchdog({ watchdog, people: [all.ada], channels: Object.values(all.channels), log: kept(), wall: () => now });
  return {
    ...all,
    url,
    server,
    says: (next: typeof answers) => {
      answers = next;
    },
    after: (ms: number) => {
      now += ms;
      return dog.look();
    },
    pushes: () => all.ntfy.phone.map(({ title }) => title.replace(url, 'URL')),
  };
}

describe('a watchdog', () => {
  test('is quiet while Holdfast is well, and through a blink', async () => {
    const { after, says, pushes } = await watched();
    await after(0);
    says({ status: 503, body: { ready: false } });
    await after(15_000);
    await after(MINUTE);
    says({ status: 200, body: { ready: true, well: true, age: 0 } });
    await after(15_000);
    says({ status: 503, body: { ready: false } });
    await after(15_000);
    expect(pushes()).toEqual([]);
  });

  test('pages by everything its people have when Holdfast is silent, again while it lasts, and says when it is back', async () => {
    const { after, server, pushes, twilio, smtp, webhook, says } = await watched();
    await after(0);
    says({ status: 503, body: { ready: false } });
    await after(15_000);
    await after(2 * MINUTE);
    expect(pushes()).toEqual(['Holdfast at URL is gone for 2 min: it is not ready: HTTP 503.']);
    await after(MINUTE);
    await after(5 * MINUTE);
    expect(pushes()).toHaveLength(2);
    expect([twilio.texts.length, twilio.calls.length, smtp.mailboxes.length, webhook.got.length]).toEqual([2, 2, 2, 2]);
    says({ status: 200, body: { ready: true, well: true, age: 0 } });
    await after(15_000);
    expect(pushes()[2]).toBe('Holdfast at URL is back, after 8 min 15 s.');
    expect([twilio.texts.length, twilio.calls.length]).toEqual([3, 2]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await after(15_000);
    await after(3 * MINUTE);
    expect(pushes()[3]).toBe('Holdfast at URL is gone for 3 min: ECONNREFUSED.');
  });

  test.each([
    [{ ready: true, well: false, because: ['pages are 40 s late'], age: 0 }, 'it is unwell: pages are 40 s late'],
    [{ ready: true, well: true, age: 90_000 }, 'it has not looked at itself for 1 min 30 s'],
    [{ nonsense: true }, 'it is not ready: HTTP 200'],
  ])('believes no life that does not say it is well: %j', async (body, because) => {
    const { after, says, pushes } = await watched();
    says({ status: 200, body });
    await after(0);
    await after(2 * MINUTE);
    expect(pushes()).toEqual([`Holdfast at URL is gone for 2 min: ${because}.`]);
  });

  test('that could reach nobody tries again at its next look', async () => {
    const { after, says, ntfy, twilio, smtp, webhook, pushes } = await watched();
    for (const { faults } of [ntfy, twilio, smtp, webhook]) faults.fault = 'no';
    says({ status: 503, body: {} });
    await after(0);
    await after(2 * MINUTE);
    ntfy.faults.fault = 'none';
    await after(15_000);
    expect(pushes()).toHaveLength(1);
  });
});

test('what it decides follows from what it saw and the time alone', () => {
  const times = { after: 120_000, again: 300_000 };
  const gone = { well: false as const, because: 'x' };
  expect(watchdogDecides({}, { well: true }, 0, times)).toMatchObject({ say: 'nothing', mind: {} });
  expect(watchdogDecides({}, gone, 5, times)).toMatchObject({ say: 'nothing', mind: { since: 5 } });
  expect(watchdogDecides({ since: 5 }, gone, 120_005, times)).toMatchObject({ say: 'gone', mind: { since: 5, paged: 120_005 } });
  expect(watchdogDecides({ since: 5, paged: 120_005 }, gone, 420_004, times).say).toBe('nothing');
  expect(watchdogDecides({ since: 5, paged: 120_005 }, gone, 420_005, times).say).toBe('again');
  expect(watchdogDecides({ since: 5, paged: 120_005 }, { well: true }, 130_000, times)).toMatchObject({ say: 'back', mind: {} });
});
