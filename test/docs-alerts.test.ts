import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../src/root.ts';
import { folderWith } from './config/folder.ts';
import { findProgram } from './engines.ts';
import { finished, holdfast } from './front-door/holdfast.ts';

const page = readFileSync(join(packageRoot, 'docs', 'alerts.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, of]) => of === language).map(([, , text = '']) => text);
const KEY = 'k'.repeat(31);
const BACKUP = '0f4f2b5e-7b0a-4d3e-9c1d-5a6b7c8d9e0f';

test.skipIf(!findProgram('curl'))(
  'what docs/alerts.md says to type for each sender works as it stands there, against the whole program (needs curl)',
  { timeout: 120_000 },
  async () => {
    const [config = ''] = blocks('yaml');
    const commands = blocks('sh');
    expect(commands.length).toBeGreaterThan(11);
    const people =
      'people: { ada: { role: operator, login: root } }\nservices: { web: { owner: ada } }\nhosts: { "web[01-02]": { address: 127.0.0.1, port: 1, groups: web } }\ndown: { watch: false }\n';
    const file = join(folderWith({ 'holdfast.yaml': `${config.replace('port: 8081', 'port: 18082')}${people}` }), 'holdfast.yaml');
    const env = { KEY, BACKUP, HOLDFAST_DATA: join(file, '..', 'data'), HOLDFAST_LOG: 'info', PRIVATE_PORT: '0' };
    const program = holdfast(['start', '--config', file], { env, stdin: 'ignore' });
    try {
      const [, url = ''] = await program.logs(/other automation is heard on (http:\/\/127\.0\.0\.1:\d+)/);
      for (const command of commands) expect(await shell(command, { HOLDFAST: url, KEY, BACKUP }), command).toMatchObject({ code: 0 });
      const { alerts } = JSON.parse((await finished(['exec', '--config', file, 'show alerts --json'], { env })).stdout) as { alerts: Record<string, string>[] };
      const said = alerts.map(({ integration, state, summary }) => `${integration} ${state} ${summary}`);
      for (const one of [
        ...['prometheus firing HostDown: web01 does not answer', 'metrics firing DiskFull: / is 98 % full', 'grafana firing Latency: p99 is 4 s'],
        ...['kuma firing shop is down: timeout', 'oncall firing Queue is long: 12,000 jobs wait', 'zabbix firing db01: Free disk space is less than 5%'],
      ])
        expect(said).toContain(one);
      expect(said.join('\n')).not.toMatch(/(pagerduty|opsgenie|goalert|shop) firing/);
      const { heartbeats } = JSON.parse((await finished(['exec', '--config', file, 'show heartbeats --json'], { env })).stdout) as {
        heartbeats: Record<string, unknown>[];
      };
      expect(heartbeats.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['backup up', 'pings/cleanup up', 'prometheus new', 'reports up']);
    } finally {
      program.child.kill('SIGTERM');
      await program.ended;
    }
  },
);

test('what it says to paste elsewhere is YAML', () => {
  for (const text of blocks('yaml')) expect(Object.keys(parse(text) as object).length).toBeGreaterThan(0);
});

test('the media type for Zabbix posts what our door for it reads, and throws when it is not taken so that Zabbix tries again', () => {
  const { media_types: types } = parse(readFileSync(join(packageRoot, 'contrib', 'zabbix-media-type.yaml'), 'utf8')).zabbix_export;
  const [{ parameters, script }] = types as [{ parameters: { name: string; value: string }[]; script: string }];
  const posted: unknown[][] = [];
  const run = (status: number) => {
    class HttpRequest {
      addHeader = (header: string) => posted.push([header]);
      post = (...said: unknown[]) => {
        posted.push(said);
        return 'no';
      };
      getStatus = () => status;
    }
    const value = JSON.stringify(Object.fromEntries(parameters.map(({ name, value: said }) => [name, name === 'Key' ? KEY : said])));
    return runInContext(`(function (value) { ${script} })(value)`, createContext({ HttpRequest, value, JSON })) as unknown;
  };
  expect(run(200)).toBe('OK');
  expect(posted).toContainEqual([`Authorization: Bearer ${KEY}`]);
  const [address, body] = posted.at(-1) as [string, string];
  expect(address).toBe('http://127.0.0.1:8081/in/zabbix');
  expect(Object.keys(JSON.parse(body) as object)).toEqual(
    expect.arrayContaining(['event_id', 'value', 'acknowledged', 'severity', 'name', 'tags', 'host', 'host_ip', 'trigger_id', 'opdata']),
  );
  expect(body).not.toContain(KEY);
  expect(() => run(503)).toThrow(/answered 503/);
});

function shell(command: string, env: Record<string, string>): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-ec', command], { env: { PATH: process.env.PATH, ...env } });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (out += data));
    child.on('close', (code) => resolve({ code, out }));
  });
}
