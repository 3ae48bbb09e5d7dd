import { describe, expect, test } from 'vitest';
import { load, problemsOf } from './folder.ts';

const SOCKET = 'slack: { bot_token: xoxb-1, app_token: xapp-1 }\n';
const FLEET = 'hosts:\n  web[01-02]: { groups: [web] }\n';

describe('slack and discord in holdfast.yaml', () => {
  test('Socket Mode needs two tokens, signed HTTP a port and a secret', async () => {
    const { config } = await load(`${SOCKET}discord: { token: abc.def }\n`);
    expect(config.slack?.app_token?.reveal()).toBe('xapp-1');
    expect(`${config.slack?.bot_token} ${config.discord?.token}`).toBe('[secret] [secret]');
    expect(await problemsOf('slack: { bot_token: xoxb-1, signing_secret: s, http: { port: 3000 } }\n')).toEqual([]);
  });

  test.each([
    ['slack: { bot_token: xoxb-1 }', '1:1: `slack` needs `app_token`'],
    ['slack: { bot_token: xoxb-1, http: { port: 3000 } }', '1:29: `slack.http` needs `signing_secret`'],
    ['slack: { bot_token: xoxb-1, app_token: xapp-1, signing_secret: s, http: { port: 3000 } }', '1:67: `slack` has `app_token` for Socket Mode and `http`'],
    ['slack: { bot_token: xapp-1, app_token: xapp-1 }', '1:21: `slack.bot_token` must be the bot token of the app'],
    ['slack: { bot_token: xoxb-1, app_token: xoxb-1 }', '1:40: `slack.app_token` must be an app-level token'],
    ['discord: { token: "ab cd" }', '1:19: `discord.token` has a character that no token has'],
    ['slack: { bot_token: xoxb-1, app_token: xapp-1, groups: { S012AB: boss } }', '1:66: `slack.groups.S012AB` "boss" is no role'],
  ])('%s', async (text, expected) => {
    const problems = await problemsOf(`${text}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
    expect(problems[0]).not.toMatch(/ab cd/);
  });

  test('a token in a file that everyone can read is refused without being repeated', async () => {
    const problems = await problemsOf('slack: { bot_token: xoxb-12345, app_token: "${env:A}" }\n', {}, { env: { A: 'xapp-1' }, mode: 0o644 });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('`slack.bot_token` holds a token, and everyone on this machine can read the file');
    expect(problems[0]).not.toContain('12345');
  });

  test('a group on a platform may give a role within a target that exists', async () => {
    const { config } = await load(`${FLEET}slack: { bot_token: xoxb-1, app_token: xapp-1, groups: { S012AB: operator on @web } }\n`);
    expect(config.slack?.groups).toEqual({ S012AB: [{ role: 'operator', scope: '@web' }] });
    expect(await problemsOf(`${FLEET}discord: { token: t, groups: { "112233445566778899": operator on @wbe } }\n`)).toEqual([
      expect.stringMatching(/^3:\d+: `discord.groups.112233445566778899` .*Did you mean @web\?/),
    ]);
  });
});

describe('channels', () => {
  test.each([
    ['channels: { ops: { news: run } }', '4:13: `channels.ops` names no channel'],
    ['channels: { ops: { discord: "112233445566778899" } }', '4:29: `channels.ops` names a channel of discord, and there is no `discord` section'],
    ['channels: { ops: { slack: C0123 }, web: { slack: C0123 } }', '4:50: `channels.web` is the same channel of slack as `channels.ops`'],
    ['channels: { ops: { slack: C0123, targets: "@nix" } }', '4:43: `channels.ops.targets` No host matches "@nix"'],
    [
      'channels: { ops: { slack: C0123, news: incident }, web: { slack: C0124, news: incident } }',
      '4:79: `channels.web` has news of `incident` as `channels.ops` has',
    ],
    [
      'channels: { ops: { slack: C0123, incident_channels: major } }',
      '4:53: `channels.ops` has no news of `incident`, beside which they would stand: `news: [incident]`',
    ],
    ['channels: { ops: { slack: C0123, news: [incident], incident_channels: bad } }', 'must be `critical`, `major`, `minor`'],
    ['channels: { ops: { slack: "#ops" } }', '4:27: `channels.ops.slack` must be a Slack channel id'],
    ['channels: { ops: { slack: C0123, news: gossip } }', '4:40: `channels.ops.news` must be `incident`, `run`, `page`, `hold`'],
  ])('%s', async (text, expected) => {
    const problems = await problemsOf(`${FLEET}${SOCKET}${text}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  test('two people cannot have one account', async () => {
    expect(await problemsOf('people:\n  ada: { slack: U012AB }\n  ben: { slack: U012AB }\n')).toEqual([
      '3:17: `people.ben.slack` is also that of ada; whoever uses it could be either',
    ]);
  });
});
