import { beforeEach, describe, expect, test } from 'vitest';
import { holdfastOn, holdfastProgram } from '../../fake/discord/holdfast.ts';
import { buttonsOf, type FakeDiscord, fakeDiscord, screenText } from '../../fake/discord/open.ts';

/** Wall ms; a program that starts on a busy machine takes its time. */
const PATIENT = 60_000;

let discord: FakeDiscord;
beforeEach(async () => {
  discord = await fakeDiscord();
  return () => discord.close();
});

/** ada, an admin; pepe, an operator; kim, who is known; a channel that is bound, one that is not, and a host nobody can reach. */
function team() {
  const [ada, pepe, kim] = ['ada', 'pepe', 'kim'].map((name) => discord.person(name));
  const ops = discord.channel('ops');
  const side = discord.channel('side');
  const config = `
people:
  ada: { role: admin, discord: "${ada?.id}" }
  pepe: { role: operator, discord: "${pepe?.id}" }
  kim: { role: known, discord: "${kim?.id}" }
hosts:
  web01: { address: 127.0.0.1, port: 1, user: ops }
channels:
  ops: { discord: "${ops.id}" }
`;
  return { ada: ada as NonNullable<typeof ada>, pepe: pepe as NonNullable<typeof pepe>, kim: kim as NonNullable<typeof kim>, ops, side, config };
}

const registered = (): Promise<unknown> => discord.until(() => discord.state.commands.size > 0 && discord.gateway.ready(), PATIENT);
const stands = (channel: string, part: string, to?: string): Promise<string> =>
  discord.until(() => discord.shows(channel, to).find((text) => text.includes(part)), PATIENT);

describe('a whole Holdfast on Discord', () => {
  test('a check asks the hosts, and its answer is one message in the channel', { timeout: 4 * PATIENT }, async () => {
    const { ada, ops, config } = team();
    await holdfastOn(discord, config);
    await registered();
    discord.types(ada.id, ops.id, '/ops check', { target: '@all' });
    await discord.until(
      () => discord.messages(ops.id).some((one) => /web01.*(refused|reach|answer)/s.test(screenText(one)) && !one.thinking && one.embeds.length > 0),
      30_000,
    );
    expect(discord.messages(ops.id).length).toBe(2);
    expect(discord.messages(ops.id).flatMap(({ pinged }) => pinged)).toEqual([]);
  });

  test('help, a refusal by role and a status come back, alone where the channel is bound to nothing', { timeout: 4 * PATIENT }, async () => {
    const { kim, ops, side, config } = team();
    await holdfastOn(discord, config);
    await registered();
    const help = discord.types(kim.id, side.id, '/ops help');
    expect(screenText(await discord.answered(help, PATIENT))).toContain('check');
    expect(discord.shows(side.id)).toEqual([]);
    const refused = await discord.answered(discord.types(kim.id, side.id, '/incident note', { text: 'moved a cable' }), PATIENT);
    expect(screenText(refused)).toContain('needs the role operator; kim is known');
    discord.types(kim.id, ops.id, '/ops status');
    await stands(ops.id, 'never asked: 1');
  });

  test('a button of a card is pressed by another person with their own role, and what does damage is asked once more', { timeout: 4 * PATIENT }, async () => {
    const { ada, pepe, kim, ops, side, config } = team();
    await holdfastOn(discord, config);
    await registered();
    discord.types(pepe.id, ops.id, '/ops exclude', { target: 'web01', job: 'reboot', because: 'it carries the demo', until: 'in 2 days' } as never);
    const card = await discord.until(() => discord.messages(ops.id).find((one) => buttonsOf(one).some(({ label }) => label === 'End it')), PATIENT);
    discord.presses(kim.id, card, 'End it');
    await stands(ops.id, 'kim is known');
    discord.presses(ada.id, card, 'End it');
    await discord.until(() => discord.shows(ops.id).some((text) => /E1 no longer holds/.test(text)), PATIENT);
    expect(discord.shows(side.id)).toEqual([]);
  });

  test('a line alone to the bot is answered there, and a stop by mention in a thread in that thread', { timeout: 4 * PATIENT }, async () => {
    const { ada, ops, config } = team();
    const thread = discord.thread(ops, 'night');
    await holdfastOn(discord, config);
    await registered();
    const direct = discord.direct(ada.id);
    discord.says(ada.id, direct.id, 'status');
    await stands(direct.id, 'never asked: 1');
    discord.says(ada.id, thread.id, `<@${discord.state.bot}> stop because the gateway flaps`);
    await stands(thread.id, 'topped');
    expect(discord.messages(ops.id)).toEqual([]);
  });
});

describe('kill -9 between inbox, handling and sending', () => {
  test.each(['inbox.committed', 'dispatch.committed', 'answer.rendered', 'answer.sent'])(
    'at %s there is one answer: not none, not two',
    { timeout: 4 * PATIENT },
    async (point) => {
      const { ada, ops, config } = team();
      const holdfast = holdfastProgram(discord, config);
      const first = holdfast.start({ HOLDFAST_CRASH_AT: point });
      await registered();
      discord.types(ada.id, ops.id, '/ops status');
      expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
      const second = holdfast.start();
      await discord.until(() => discord.shows(ops.id).some((text) => text.includes('never asked: 1')), PATIENT);
      // Another line after it: whatever was still to be sent was sent before.
      await registered();
      discord.types(ada.id, ops.id, '/ops help', { verb: 'check' });
      await stands(ops.id, 'Asks the hosts now');
      expect(discord.shows(ops.id).filter((text) => text.includes('never asked: 1')).length).toBe(1);
      second.child.kill('SIGTERM');
      await second.ended;
    },
  );

  test('at answer.sent an answer for the asker alone is there once, too', { timeout: 4 * PATIENT }, async () => {
    const { ada, side, config } = team();
    const holdfast = holdfastProgram(discord, config);
    const first = holdfast.start({ HOLDFAST_CRASH_AT: 'answer.sent' });
    await registered();
    const asked = discord.types(ada.id, side.id, '/ops status');
    expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
    holdfast.start();
    await registered();
    const next = discord.types(ada.id, side.id, '/ops help', { verb: 'check' });
    expect(screenText(await discord.answered(next, PATIENT))).toContain('Asks the hosts now');
    expect(screenText(await discord.answered(asked, PATIENT))).toContain('never asked: 1');
    expect(discord.told(ada.id)).toEqual([]);
  });
});
