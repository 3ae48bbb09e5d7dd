import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { typeLine } from '../../src/control/client.ts';
import { uniqueId } from '../../src/lib/ids.ts';
import { engines, findProgram, freePort, startOwnPostgres, temporary } from '../engines.ts';
import { fakeNtfy } from '../fake/ntfy.ts';
import { dataDirectory, holdfast, listening, type Program } from './holdfast.ts';
import { comesAbout } from './several.ts';

/** What other systems send to the whole program, and what lies on ada's telephone then: a push server on loopback. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers) await leftover();
});

const KEY = 'k'.repeat(32);
const UUID = '0f4f2b5e-7b0a-4d3e-9c1d-5a6b7c8d9e0f';
const [embedded, postgres] = engines();
const noPostgres = postgres?.available === true ? '' : ` (skipped: ${postgres?.available})`;
const noAlertmanager = findProgram('prometheus-alertmanager') ? '' : ' (skipped: there is no prometheus-alertmanager)';
const noCurl = findProgram('curl') ? '' : ' (skipped: there is no curl)';

async function begin(databaseUrl?: string) {
  const { dataDir, remove } = dataDirectory();
  const ntfy = await fakeNtfy();
  const config = join(dataDir, 'holdfast.yaml');
  writeFileSync(
    config,
    `data: ${dataDir}
${databaseUrl ? `database: { url: "${databaseUrl}" }\n` : ''}people: { ada: { role: operator, ntfy: "\${env:TOPIC}" } }
hosts: { "web[01-03]": { address: 127.0.0.1, port: 1, groups: web } }
services: { web: { owner: ada } }
down: { watch: false }
providers: { ntfy: { url: "${ntfy.url}" } }
integrations: { am: { kind: alertmanager, key: "\${env:KEY}", service: web } }
heartbeats: { backup: { key: "\${env:UUID}", every: 1d, service: web } }
`,
    { mode: 0o600 },
  );
  const env = { HOLDFAST_DATA: dataDir, TOPIC: 'ada-topic', KEY, UUID, PRIVATE_PORT: String(await freePort()), HOLDFAST_LOG: 'info' };
  leftovers.push(remove);
  return {
    phone: ntfy.phone,
    url: `http://127.0.0.1:${env.PRIVATE_PORT}`,
    async start(): Promise<Program> {
      const program = holdfast(['start', '--config', config], { stdin: 'ignore', env });
      leftovers.unshift(() => program.child.kill('SIGKILL'));
      await listening(dataDir, program);
      return program;
    },
    json: async (line: string): Promise<Record<string, unknown>> => {
      const said: string[] = [];
      await typeLine({ dataDir, text: line, login: 'you', zone: 'UTC', print: (text) => said.push(text), warn: () => {}, id: uniqueId() });
      return JSON.parse(said.join('\n'));
    },
  };
}

const alert = (host: string) => ({
  status: 'firing',
  labels: { alertname: 'HostDown', instance: `${host}:9100`, severity: 'critical' },
  annotations: { summary: `${host} does not answer` },
  startsAt: '2026-11-17T08:50:00Z',
  fingerprint: `f-${host}`,
});

/** What Alertmanager would post; how it is answered, and after how many ms. */
async function deliver(url: string, hosts: readonly string[]): Promise<{ status: number; took: number }> {
  const from = performance.now();
  const body = JSON.stringify({ version: '4', groupKey: 'g', status: 'firing', alerts: hosts.map(alert) });
  const { status } = await fetch(`${url}/in/alertmanager`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body });
  return { status, took: performance.now() - from };
}

describe.skipIf(noAlertmanager !== '')(`the real Alertmanager${noAlertmanager}`, () => {
  test('fires and resolves through us: a group it sends again and again pages once, its end rests the page, and it never counts a failed notification', {
    timeout: 120_000,
  }, async () => {
    const { phone, url, start, json } = await begin();
    const program = await start();
    const port = await freePort();
    const folder = temporary('alertmanager');
    writeFileSync(join(folder, 'holdfast.key'), KEY);
    writeFileSync(
      join(folder, 'alertmanager.yml'),
      `route: { receiver: holdfast, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1s }
receivers:
  - name: holdfast
    webhook_configs: [{ url: "${url}/in/alertmanager", send_resolved: true, http_config: { authorization: { credentials_file: ${join(folder, 'holdfast.key')} } } }]
`,
    );
    const alertmanager = spawn(
      findProgram('prometheus-alertmanager') as string,
      [`--config.file=${join(folder, 'alertmanager.yml')}`, `--storage.path=${folder}`, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='],
      { stdio: 'ignore' },
    );
    leftovers.unshift(() => alertmanager.kill('SIGKILL'));
    const its = `http://127.0.0.1:${port}`;
    await comesAbout('Alertmanager', async () => (await fetch(`${its}/-/ready`).catch(() => undefined))?.ok === true);
    const tell = async (hosts: string[], endsAt?: string) => {
      const body = hosts.map((host) => ({
        labels: { alertname: 'HostDown', instance: host, severity: 'critical' },
        annotations: { summary: `${host} does not answer` },
        ...(endsAt && { endsAt }),
      }));
      expect(
        (await fetch(`${its}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).status,
      ).toBe(200);
    };
    const counted = async (name: string): Promise<number> => {
      const line = (await (await fetch(`${its}/metrics`)).text()).split('\n').find((one) => one.startsWith(`${name}{integration="webhook"`));
      return Number(line?.split(' ').at(-1));
    };
    await tell(['web01', 'web02']);
    await comesAbout('a push', () => phone.length > 0);
    const before = await counted('alertmanager_notifications_total');
    await comesAbout('the group sent again', async () => (await counted('alertmanager_notifications_total')) > before + 2);
    const page = await json('show PG1 --json');
    expect(page).toMatchObject({ id: 'PG1', state: 'open' });
    expect((await json('show pages --json'))['pages']).toHaveLength(1);
    expect(phone.filter(({ message, title }) => `${title} ${message}`.includes('PG1'))).toHaveLength(1);
    await tell(['web01', 'web02'], new Date(Date.now() - 1000).toISOString());
    await comesAbout('the end', async () => (await json('show PG1 --json'))['state'] === 'resolved');
    await comesAbout('its end on the telephone', () => phone.length === 2);
    expect(await counted('alertmanager_notifications_failed_total')).toBe(0);
    alertmanager.kill('SIGTERM');
    program.child.kill('SIGTERM');
    await program.ended;
  });
});

test.skipIf(noCurl !== '')(`a line of cron with curl works by its URL alone${noCurl}`, { timeout: 60_000 }, async () => {
  const { url, start, json } = await begin();
  const program = await start();
  for (const line of [`curl -fsS -m 10 --retry 5 -o /dev/null ${url}/ping/${UUID}/start`, `curl -fsS -m 10 --retry 5 -o /dev/null ${url}/ping/${UUID}`]) {
    const code = await new Promise((resolve) => spawn('sh', ['-c', line], { stdio: 'ignore' }).once('close', resolve));
    expect([line, code]).toEqual([line, 0]);
  }
  expect((await json('show heartbeats --json'))['heartbeats']).toMatchObject([{ name: 'backup', state: 'up', took_ms: expect.any(Number) }]);
  program.child.kill('SIGTERM');
  await program.ended;
});

for (const engine of [embedded, postgres]) {
  const skip = engine?.available === true ? '' : ` (skipped: ${engine?.available})`;
  test.skipIf(skip !== '')(
    `killed by SIGKILL right after it said 200, what was acknowledged is there, and ada is paged once it runs again: ${engine?.name}${skip}`,
    { timeout: 90_000 },
    async () => {
      const running = await engine?.start();
      leftovers.push(() => running?.stop());
      const { phone, url, start, json } = await begin(running?.databaseUrl);
      const first = await start();
      // Nothing has been sent to her yet in the moment of the answer, or it has: both are well.
      expect((await deliver(url, ['web01', 'web02'])).status).toBe(200);
      first.child.kill('SIGKILL');
      await first.ended;
      const second = await start();
      await comesAbout('a push', () => phone.some(({ title, message }) => `${title} ${message}`.includes('PG1')));
      const { alerts } = (await json('show alerts --json')) as { alerts: { dedup: string }[] };
      expect(alerts.map(({ dedup }) => dedup.split(' ')[0]).sort()).toEqual(['f-web01', 'f-web02']);
      expect((await deliver(url, ['web01', 'web02'])).status).toBe(200);
      expect((await json('show pages --json'))['pages']).toHaveLength(1);
      second.child.kill('SIGTERM');
      await second.ended;
    },
  );
}

test.skipIf(noPostgres !== '')(
  `while Postgres is gone senders are told 503 within seconds, and nothing it acknowledged before or after is lost${noPostgres}`,
  { timeout: 120_000 },
  async () => {
    const database = await startOwnPostgres();
    leftovers.push(() => database.stop());
    const { phone, url, start, json } = await begin(database.databaseUrl);
    const program = await start();
    expect((await deliver(url, ['web01'])).status).toBe(200);
    await comesAbout('a push', () => phone.length > 0);
    await database.kill9();
    for (const hosts of [['web01', 'web02'], ['web03']]) {
      const { status, took } = await deliver(url, hosts);
      expect(status).toBe(503);
      expect(took).toBeLessThan(6_000);
    }
    const ping = await fetch(`${url}/ping/${UUID}`);
    expect(ping.status).toBe(503);
    await database.restart();
    await comesAbout('taken again', async () => (await deliver(url, ['web01', 'web02', 'web03'])).status === 200);
    const { alerts } = (await json('show alerts --json')) as { alerts: { dedup: string; state: string }[] };
    expect(alerts.map(({ dedup, state }) => `${dedup.split(' ')[0]} ${state}`).sort()).toEqual(['f-web01 firing', 'f-web02 firing', 'f-web03 firing']);
    expect((await fetch(`${url}/ping/${UUID}`)).status).toBe(200);
    program.child.kill('SIGTERM');
    await program.ended;
  },
);
