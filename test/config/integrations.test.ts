import { describe, expect, test } from 'vitest';
import { load, problemsOf } from './folder.ts';

const KEY = 'k'.repeat(32);
const UUID = '0f4f2b5e-7b0a-4d3e-9c1d-5a6b7c8d9e0f';
const WEB = 'people: { ada: {} }\nservices: { web: { owner: ada } }\n';

describe('integrations and heartbeats', () => {
  test('are read with what they leave unsaid, and their keys never shown', async () => {
    const { config } = await load(
      `${WEB}integrations: { prometheus: { kind: alertmanager, key: "\${env:AM_KEY}", service: web, severities: { Warning: high } } }\nheartbeats: { backup: { key: ${UUID}, cron: "30 3 * * *", zone: Europe/Berlin, service: web } }\n`,
      {},
      { env: { AM_KEY: KEY } },
    );
    expect(config.integrations['prometheus']).toMatchObject({
      kind: 'alertmanager',
      urgency: 'high',
      severity_label: 'severity',
      severities: { warning: 'high' },
    });
    expect(config.heartbeats['backup']).toMatchObject({ cron: '30 3 * * *', grace: 3_600_000, paused: false, urgency: 'high' });
    expect(config.integrations['prometheus']?.key.reveal()).toBe(KEY);
    expect(JSON.stringify(config)).not.toMatch(new RegExp(`${KEY}|${UUID}`));
  });

  test.each([
    ['a key that could be guessed', 'integrations: { a: { kind: grafana, key: short } }', /shorter than 32/],
    ['a key no address carries', 'integrations: { a: { kind: grafana, key: "with/slash and more than thirty-two" } }', /no address carries/],
    [
      'one key for two integrations',
      `integrations: { a: { kind: grafana, key: ${KEY} }, b: { kind: generic, key: ${KEY} } }`,
      /`integrations\.b\.key` is also that of `integrations\.a`/,
    ],
    [
      'one key for two heartbeats, in whatever letters',
      `heartbeats: { a: { key: ${UUID}, every: 1h }, b: { key: ${UUID.toUpperCase()}, every: 1h } }`,
      /also that of `heartbeats\.a`/,
    ],
    ['the key of a machine', `automation: { ci: { key: ${KEY} } }\nintegrations: { a: { kind: generic, key: ${KEY} } }`, /also that of `automation\.ci`/],
    ['a kind nobody knows', `integrations: { a: { kind: nagios, key: ${KEY} } }`, /must be one of `alertmanager`/],
    ['our own names', `integrations: { heartbeat: { kind: generic, key: ${KEY} } }`, /what Holdfast calls its own alerts/],
    ['a service nobody answers for', `${WEB}integrations: { a: { kind: generic, key: ${KEY}, service: wep } }`, /no service `wep`; did you mean `web`/],
    ['a mapping for what is known', `integrations: { a: { kind: grafana, key: ${KEY}, mapping: { summary: title } } }`, /is for `kind: generic`/],
    ['a way that is none', `integrations: { a: { kind: generic, key: ${KEY}, mapping: { summary: "a..b" } } }`, /no way into JSON/],
    ['a heartbeat without a time', `heartbeats: { a: { key: ${UUID} } }`, /needs `every` or `cron`/],
    ['a heartbeat with two', `heartbeats: { a: { key: ${UUID}, every: 1h, cron: "0 3 * * *" } }`, /needs `every` or `cron`, one of them/],
    ['a pattern that is none', `heartbeats: { a: { key: ${UUID}, cron: "61 3 * * *" } }`, /no cron pattern of five fields/],
    ['a pattern with seconds', `heartbeats: { a: { key: ${UUID}, cron: "0 0 3 * * *" } }`, /no cron pattern of five fields/],
    ['a day that never comes', `heartbeats: { a: { key: ${UUID}, cron: "0 3 31 2 *" } }`, /never comes/],
    ['a zone for nothing', `heartbeats: { a: { key: ${UUID}, every: 1h, zone: UTC } }`, /has a `zone` and no `cron`/],
    ['a heartbeat nobody can reach', 'heartbeats: { a: { every: 1h } }', /can be reached by nobody/],
    ['a Watchdog of nobody', 'heartbeats: { a: { every: 5m, watchdog: prometheus } }', /no `prometheus` under `integrations`/],
    [
      'one Watchdog for two',
      `integrations: { p: { kind: alertmanager, key: ${KEY} } }\nheartbeats: { a: { every: 5m, watchdog: p }, b: { every: 5m, watchdog: p } }`,
      /is also that of a/,
    ],
    [
      'pings by what sends none',
      `integrations: { p: { kind: grafana, key: ${KEY} } }\nheartbeats: { a: { every: 5m, integration: p } }`,
      /is of `kind: grafana`/,
    ],
  ])('%s is refused, with its place', async (_what, text, says) => {
    const problems = await problemsOf(`${text}\n`);
    expect(problems.join('\n')).toMatch(says);
    expect(problems.join('\n')).toMatch(/^\d+:\d+: /);
    expect(problems.join('\n')).not.toContain(KEY);
  });

  test('all that is wrong is said at once', async () => {
    const problems = await problemsOf(
      `integrations:\n  a: { kind: generic, key: short, service: nobody }\nheartbeats:\n  b: { key: ${UUID}, cron: "x", grace: soon }\n`,
    );
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['2', '2', '4', '4']);
  });

  test('a ping key of healthchecks is taken along as it is', async () => {
    const text = (length: number) => `integrations: { pings: { kind: healthchecks, key: ${'k'.repeat(length)} } }\nheartbeats: { backup: { every: 1d } }\n`;
    expect(await problemsOf(text(22))).toEqual([]);
    expect((await problemsOf(text(21))).join()).toMatch(/shorter than 22/);
  });
});
