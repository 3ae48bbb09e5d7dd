import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dataDirectory, holdfast, listening } from './holdfast.ts';

/** Alerts as anything with curl sends them, into the sandbox as a stranger starts it: one page for one trouble, and silence that ends. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

interface Said {
  summary: string;
  host?: string;
  state?: string;
}

async function sandboxed() {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  const program = holdfast(['start', '--speed', '2'], { env: { HOLDFAST_DATA: dataDir, HOLDFAST_LOG: 'info', PRIVATE_PORT: '0', PORT: '0' } });
  leftovers.push(() => program.child.kill('SIGKILL'));
  const [, url = ''] = await program.logs(/other automation is heard on (http:\/\/[\d.:]+)/);
  await listening(dataDir, program);
  const key = readFileSync(join(dataDir, 'sandbox', 'alert-key'), 'utf8');
  const post = async (...alerts: Said[]): Promise<number> => {
    const each = alerts.map((alert) => ({ ...alert, dedup: `${alert.summary} ${alert.host}` }));
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return (await fetch(`${url}/in/generic`, { method: 'POST', headers, body: JSON.stringify(each) })).status;
  };
  const pages = async (): Promise<{ id: string; state: string; text: string; to: string | null }[]> =>
    JSON.parse((await program.asks('/ops show pages --json', /^\{"pages".*$/m)).match(/^\{"pages".*$/m)?.[0] ?? '').pages;
  return { program, post, pages };
}

test('paused alerts ask nobody for two hours; then it is said what was silenced, and what burns still is paged for', { timeout: 180_000 }, async () => {
  const { program, post, pages } = await sandboxed();
  await program.asks('/ops pause alerts @web for 2h', /H1: alerts of @web ask nobody until .*\(in 2 h\)/);
  expect(await post({ summary: 'HTTP 5xx', host: 'web02:9100' }, { summary: 'disk full', host: 'web03' })).toBe(200);
  expect(await post({ summary: 'disk full', host: 'web03', state: 'resolved' })).toBe(200);
  await program.asks('/ops status', /alerts: 1 burn, 1 silenced/);
  expect(await pages()).toEqual([]);
  const end = await program.asks('wait 2h', /2 h went by/);
  expect(end).toContain('H1 is over: alerts of @web are heard again');
  expect(end).toContain('silenced meanwhile (2): 2 alerts of web on web[02-03]');
  expect(end).toContain('burns still (1): web02: HTTP 5xx; PG1 asks now');
  await program.says(/^to ada by dm \(id \S+\): .*PG1: web02: HTTP 5xx$/m);
  await post({ summary: 'HTTP 5xx', host: 'web02:9100', state: 'resolved' });
  await program.says(/^to ada by \w+ \(id \S+\): .*PG1 is over: curl says it is over/m);
  program.end();
  expect((await program.ended).code).toBe(0);
});

test('a storm of one service is one page that says how many and which; a dead parent with its guests is one to whoever answers for it', {
  timeout: 180_000,
}, async () => {
  const { program, post, pages } = await sandboxed();
  await post(
    ...['web01', 'web02', 'web03', 'web04'].flatMap((host) => [
      { summary: 'HTTP 5xx', host },
      { summary: 'slow', host },
    ]),
  );
  await program.says(/^to ada by dm \(id \S+\): .*PG1: 8 alerts of web on web\[01-04\]: HTTP 5xx \(4\), slow \(4\)$/m);
  expect(await pages()).toHaveLength(1);
  await program.asks('@ada /ops ack PG1', /PG1 is with ada/);
  await post({ summary: 'no connection', host: 'db01' }, { summary: 'does not answer', host: 'kvm04' }, { summary: 'HTTP 5xx', host: 'web05' });
  const open = (await pages()).filter(({ state }) => state === 'open').map(({ text, to }) => `${to} ${text}`);
  expect(open.sort()).toEqual(['service:kvm kvm04 and 1 guest (db01): does not answer', 'service:web web05: HTTP 5xx']);
  program.end();
  await program.ended;
});

test('a reboot silences what is said of its host while it goes on, and nothing of another', { timeout: 180_000 }, async () => {
  const { program, post, pages } = await sandboxed();
  program.type('/ops reboot lab01 &');
  await program.asks('/ops status', /R1 .*(running|in flight)/);
  await post({ summary: 'does not answer', host: 'lab01' }, { summary: 'HTTP 5xx', host: 'web01' });
  expect((await pages()).map(({ text }) => text)).toEqual(['web01: HTTP 5xx']);
  await program.asks('/ops show alerts', /does not answer .*R1/);
  await post({ summary: 'does not answer', host: 'lab01', state: 'resolved' });
  await program.asks('wait 30m', /30 min went by/);
  expect(await pages()).toHaveLength(1);
  program.end();
  await program.ended;
});
