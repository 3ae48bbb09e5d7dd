import { describe, expect, onTestFinished, test } from 'vitest';
import { helloLines } from '../../src/cli/hello.ts';
import type { Started } from '../../src/main.ts';
import { holdfastOn as onDiscord } from '../fake/discord/holdfast.ts';
import { fakeDiscord } from '../fake/discord/open.ts';
import { holdfastOn as onSlack } from '../fake/slack/holdfast.ts';
import { openFakeSlack } from '../fake/slack/open.ts';

/** Wall ms; a whole program that starts on a busy machine takes its time. */
const PATIENT = 90_000;
const FLEET = 'hosts: { web01: { address: 127.0.0.1, port: 1 } }\n';

/** The code as the shell of the machine prints it. */
async function codeOf(started: Started): Promise<string> {
  const [line = ''] = await helloLines(started.ops.config().data);
  return /hello (\d{6})$/.exec(line)?.[1] as string;
}
const problems = async (started: Started, room: string) => (await started.examine()).filter(({ name, ok }) => name === room && !ok).map(({ says }) => says);

describe('first contact on Slack', () => {
  test('ada becomes the first admin by the code, pepe by his button and her word; kim is found by e-mail', { timeout: 4 * PATIENT }, async () => {
    const slack = await openFakeSlack();
    onTestFinished(() => slack.close());
    for (const name of ['ada', 'pepe']) slack.user(name);
    const kim = slack.user('kim', { email: 'kim@example.org' });
    const ops = slack.channel('ops', ['ada', 'pepe', 'kim']);
    const started = await onSlack(
      slack,
      `${FLEET}people: { ada: { role: known }, pepe: { role: operator }, kim: { email: kim@example.org } }\nchannels: { ops: { slack: ${ops} } }\n`,
    );
    await slack.until(() => slack.sockets.count() === 2, PATIENT);
    await expect.poll(() => started.ops.people().find(({ name }) => name === 'kim')?.slack, { timeout: PATIENT }).toBe(kim);

    const code = await codeOf(started);
    await slack.types('ada', ops, `/oncall hello ${code} as ada`);
    await slack.until(() => slack.sees('ada', ops).some(({ text }) => text.includes('Hello ada. This account is yours now, and an admin.')), PATIENT);
    // Nobody else in the channel read the code.
    expect(
      slack
        .sees('pepe', ops)
        .map(({ text }) => text)
        .join(),
    ).not.toContain(code);

    await slack.types('pepe', ops, '/ops check web01');
    const greeting = await slack.until(() => slack.sees('pepe', ops).find(({ buttons }) => buttons.includes('I am pepe')), PATIENT);
    expect(greeting.buttons).toEqual(['I am pepe']);
    await slack.presses('pepe', greeting, 'I am pepe');
    const dm = slack.workspace.dmWith(slack.workspace.userNamed('ada').id).id;
    const asked = await slack.until(() => slack.sees('ada', dm).find(({ buttons }) => buttons.includes('Confirm')), PATIENT);
    expect(asked.text).toContain('Somebody on slack says: I am pepe');
    await slack.presses('ada', asked, 'Confirm');
    await expect.poll(() => started.ops.people().find(({ name }) => name === 'pepe')?.slack, { timeout: PATIENT }).toBe(slack.workspace.userNamed('pepe').id);
    await slack.types('pepe', ops, '/ops take R1');
    await slack.until(() => slack.sees('pepe', ops).some(({ text }) => text.includes('There is no R1')), PATIENT);
    expect(slack.violations).toEqual([]);
  });

  test('doctor finds what is missing, and in a channel it is not in nothing begins', { timeout: 4 * PATIENT }, async () => {
    const slack = await openFakeSlack();
    onTestFinished(() => slack.close());
    const [ada, gone] = [slack.user('ada'), slack.user('gone')];
    const ops = slack.channel('ops', ['ada']);
    const away = slack.channel('away', ['ada'], { bot: false });
    const started = await onSlack(
      slack,
      `${FLEET}people: { ada: { role: admin, slack: ${ada} }, gone: { slack: ${gone} }, new: { slack: U0NOWHERE } }\nchannels: { ops: { slack: ${ops} }, away: { slack: ${away} } }\n`,
    );
    await slack.until(() => slack.sockets.count() === 2, PATIENT);
    slack.workspace.userNamed('gone').deleted = true;
    slack.scopes.splice(slack.scopes.indexOf('reactions:read'), 1);
    expect((await problems(started, 'slack')).sort()).toEqual([
      expect.stringContaining(`channel away: I am not in this channel (${away})`),
      expect.stringContaining(`gone's account ${gone} is deactivated`),
      expect.stringContaining("new's account U0NOWHERE is not in this workspace"),
      'the scope reactions:read is not granted: messages marked for the timeline',
    ]);
    await slack.types('ada', away, '/ops exclude web01 from job reboot because it is old');
    await slack.until(
      () =>
        slack.sees('ada', away).some(({ text }) => text.includes('/invite @holdfast')) ||
        slack.sees('ada', slack.workspace.dmWith(ada).id).some(({ text }) => text.includes('/invite @holdfast')),
      PATIENT,
    );
    expect(await started.ops.records.query('select 1 from rules')).toEqual([]);
    slack.refused.set(slack.botToken, 'token_revoked');
    expect(await problems(started, 'slack')).toContainEqual('auth.test: token_revoked');
  });
});

describe('first contact on Discord', () => {
  test('ada becomes the first admin by the code, is known everywhere, and doctor is content with the rest', { timeout: 4 * PATIENT }, async () => {
    const discord = await fakeDiscord();
    onTestFinished(() => discord.close());
    const [ada, eve] = [discord.person('ada'), discord.person('eve')];
    const ops = discord.channel('ops');
    const started = await onDiscord(discord, `${FLEET}people: { ada: { role: known }, pepe: {} }\nchannels: { ops: { discord: "${ops.id}" } }\n`);
    await discord.until(() => discord.state.commands.size > 0 && discord.gateway.ready(), PATIENT);
    discord.types(eve.id, ops.id, '/ops status');
    await discord.until(() => discord.shows(ops.id).some((text) => text.includes('This account is not known here.')), PATIENT);
    const code = await codeOf(started);
    discord.types(ada.id, ops.id, '/oncall hello', { code, as: 'ada' });
    await discord.until(() => discord.shows(ops.id).some((text) => text.includes('Hello ada. This account is yours now, and an admin.')), PATIENT);
    // Nobody else in the channel read the code.
    expect(discord.shows(ops.id).join()).not.toContain(code);
    expect(started.ops.people().find(({ name }) => name === 'ada')).toMatchObject({ discord: ada.id, roles: [{ role: 'known' }, { role: 'admin' }] });
    expect(await problems(started, 'discord')).toEqual([]);
  });
});
