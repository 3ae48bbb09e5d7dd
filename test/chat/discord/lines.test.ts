import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../../commands/index.ts';
import { registrationOf } from '../../../src/chat/discord/registration.ts';
import { Refusal } from '../../../src/lib/refusal.ts';
import type { Store } from '../../../src/store/db.ts';
import { openDb } from '../../../src/store/open.ts';
import { type FakeDiscord, fakeDiscord } from '../../fake/discord/open.ts';
import { inputsOf } from '../../fake/discord/people.ts';
import { roomOn } from '../../fake/discord/room.ts';
import { commandProblems } from '../../fake/discord/rules.ts';
import { hasSchema, noSchema } from '../../fake/discord/schema.ts';
import { kept } from '../../store/quiet.ts';

let db: Store;
let discord: FakeDiscord;
beforeAll(async () => {
  if (!hasSchema) console.warn(noSchema);
  db = await openDb({ memory: true, log: kept() });
  return () => db.close();
});
beforeEach(async () => {
  await db.query('delete from inbox');
  discord = await fakeDiscord();
  return () => discord.close();
});

/** A server with a channel that is bound and one that is not, and ada, who is known. */
async function server(options: Parameters<typeof roomOn>[2] = {}) {
  const ops = discord.channel('ops');
  const side = discord.channel('side');
  const ada = discord.person('ada', { roles: [discord.state.id()] });
  const room = await roomOn(discord, db, { bound: [ops.id], people: { [ada.id]: 'ada' }, ...options });
  await discord.until(() => discord.state.commands.size > 0);
  return { ops, side, ada, room };
}

describe('a command typed with options', () => {
  test('is in the inbox before Discord is answered, as the line a person would type, which everybody in a bound channel reads', async () => {
    let asked = 0;
    const { ops, ada, room } = await server({
      take: async (line, take) => {
        const id = await take(line);
        asked = discord.requests(/callback/).length;
        return id;
      },
    });
    const check = discord.types(ada.id, ops.id, '/ops check', { target: '@web' });
    expect(await discord.acked(check)).toMatchObject({ type: 4, ephemeral: false });
    expect(asked).toBe(0);
    expect(discord.shows(ops.id)).toEqual(['`/ops check @web`']);
    expect(discord.requests(/callback/).map(({ status }) => status)).toEqual([204]);
    expect(await room.line(check.id)).toEqual({
      event_id: check.id,
      actor: 'ada',
      text: 'check @web',
      place: { platform: 'discord', channel: ops.id, user: ada.id, groups: ada.roles, zone: 'UTC' },
    });
  });

  test('a one-time code is not shown to a channel: refused for another reason it would still open the door', async () => {
    const { ops, ada, room } = await server();
    const hello = discord.types(ada.id, ops.id, '/oncall hello', { code: '493021' });
    expect(await discord.acked(hello)).toMatchObject({ type: 4 });
    expect(discord.shows(ops.id)).toEqual(['`/ops hello ……`']);
    expect((await room.line(hello.id))?.text).toBe('hello 493021');
  });

  test('in a channel that is bound to nothing only the asker sees that it was taken, and can be answered alone', async () => {
    const { side, ada, room } = await server();
    const check = discord.types(ada.id, side.id, '/ops check', { target: '@web' });
    expect(await discord.acked(check)).toMatchObject({ type: 5, ephemeral: true });
    expect(discord.shows(side.id)).toEqual([]);
    expect(discord.shows(side.id, ada.id)).toEqual(['(thinking…)']);
    expect((await room.line(check.id))?.place).toMatchObject({ alone: true, user: ada.id });
    const by = await room.reply(check.id);
    const sent = await room.messenger.post({ reply: by }, { marker: 'm1', shown: { card: { title: 'All 6 hosts answer.', tone: 'good' } } });
    expect(sent).toMatchObject({ sent: true });
    expect(discord.shows(side.id, ada.id)).toEqual(['✓ All 6 hosts answer.\nm1']);
    expect(discord.shows(side.id)).toEqual([]);
  });

  test.each([
    ['/ops reboot', { target: '@kvm', batch: 2, 'by-rings': true, because: 'the "new" kernel' }, 'reboot @kvm because "the \\"new\\" kernel" batch 2 by rings'],
    ['/ops pause updates', { target: '@web', for: '7d' }, 'pause updates @web for 7d'],
    ['/ops power status', { target: 'kvm05' }, 'power status kvm05'],
    ['/ops show', { what: '@web', json: true }, 'show @web json'],
    ['/incident note', { text: 'moved the "uplink"', on: 'web01' }, 'incident note "moved the \\"uplink\\"" on web01'],
    ['/ops status', {}, 'status'],
  ])('%s %j is one line', async (path, values, line) => {
    const { ops, ada, room } = await server();
    const asked = discord.types(ada.id, ops.id, path, values as Record<string, string>);
    await discord.acked(asked);
    const words = (text: string | undefined) => text?.split(/ (?=because|batch|by |for |on |json)/).sort();
    expect(words((await room.line(asked.id))?.text)).toEqual(words(line));
  });

  test('what cannot be meant is refused for the asker alone, and nothing is in the inbox', async () => {
    const { ops, ada, room } = await server();
    const asked = discord.types(ada.id, ops.id, '/ops pause updates', { target: '@web', for: 'a while' });
    expect(await discord.acked(asked)).toMatchObject({ type: 4, ephemeral: true });
    expect(discord.shows(ops.id, ada.id)).toEqual([expect.stringContaining('"a while" is no duration')]);
    expect(await room.inbox()).toEqual([]);
  });

  test('a second command hidden in a value is refused instead of being sent', async () => {
    const { ops, ada, room } = await server();
    const asked = discord.types(ada.id, ops.id, '/ops reboot', { target: '@web batch 500' });
    expect(await discord.acked(asked)).toMatchObject({ type: 4, ephemeral: true });
    expect(await room.inbox()).toEqual([]);
  });

  test('while the database does not answer the asker reads that, and not that it was taken', async () => {
    const { ops, ada, room } = await server({
      take: async () => {
        throw new Refusal('Not taken: the database does not answer. Try again when it does.');
      },
    });
    const asked = discord.types(ada.id, ops.id, '/ops check', { target: '@web' });
    expect(await discord.acked(asked)).toMatchObject({ type: 4, ephemeral: true });
    expect(discord.shows(ops.id, ada.id)).toEqual(['! Not taken: the database does not answer. Try again when it does.']);
    expect(await room.inbox()).toEqual([]);
  });

  test('in a thread the place is the channel it belongs to, and the thread', async () => {
    const { ops, ada, room } = await server();
    const thread = discord.thread(ops, 'R1');
    const asked = discord.types(ada.id, thread.id, '/ops status');
    expect(await discord.acked(asked)).toMatchObject({ type: 4, ephemeral: false });
    expect((await room.line(asked.id))?.place).toMatchObject({ channel: ops.id, thread: thread.id });
  });

  test('what is offered while typing comes from the fleet, at most 25, and somebody who sends nonsense is offered nothing', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `web${n}`);
    const { ops, ada } = await server({ suggest: async ({ option, typed }) => (option === 'target' ? names.filter((name) => name.startsWith(typed)) : []) });
    const ack = await discord.acked(discord.completes(ada.id, ops.id, '/ops check', 'target', 'we'));
    expect(ack.type === 8 && ack.choices.length).toBe(25);
    expect(ack.type === 8 && ack.choices[0]).toEqual({ name: 'web0', value: 'web0' });
    const none = await discord.acked(discord.completes(ada.id, ops.id, '/ops check', 'target', 'zzz'));
    expect(none).toMatchObject({ type: 8, choices: [] });
  });
});

describe('a button', () => {
  const card = (actions: { label: string; command: string; style?: 'primary' | 'danger' }[]) => ({ card: { title: 'R1 waits.', actions } });
  async function withCard(actions: Parameters<typeof card>[0]) {
    const made = await server();
    const ben = discord.person('ben');
    await made.room.messenger.post({ channel: made.ops.id }, { marker: 'c1', shown: card(actions) });
    const [message] = discord.messages(made.ops.id);
    return { ...made, ben, message: message as NonNullable<typeof message> };
  }

  test('is the line it stands for, sent by whoever presses', async () => {
    const { ben, ops, message, room } = await withCard([{ label: 'Approve', command: 'approve R1', style: 'primary' }]);
    const pressed = discord.presses(ben.id, message, 'Approve');
    expect(await discord.acked(pressed)).toMatchObject({ type: 6 });
    expect(await room.line(pressed.id)).toMatchObject({ actor: `discord:${ben.id}`, text: 'approve R1', place: { channel: ops.id, user: ben.id } });
    expect(discord.shows(ops.id)).toEqual(['R1 waits.\nc1\n[Approve]']);
  });

  test('that does damage asks once more, the presser alone; "No" does nothing', async () => {
    const { ada, ops, message, room } = await withCard([{ label: 'Stop', command: 'stop R1', style: 'danger' }]);
    const pressed = discord.presses(ada.id, message, 'Stop');
    expect(await discord.acked(pressed)).toMatchObject({ type: 4, ephemeral: true });
    expect(await room.inbox()).toEqual([]);
    const question = await discord.answered(pressed);
    await discord.acked(discord.presses(ada.id, question, 'No'));
    expect(discord.shows(ops.id, ada.id).at(-1)).toBe('Nothing was done.');
    expect(await room.inbox()).toEqual([]);
    const again = await discord.answered(discord.presses(ada.id, message, 'Stop'));
    const sure = discord.presses(ada.id, again, 'Yes, do it');
    expect(await discord.acked(sure)).toMatchObject({ type: 7 });
    expect((await room.line(sure.id))?.text).toBe('stop R1');
    expect(discord.shows(ops.id, ada.id).at(-1)).toBe('`/ops stop R1` was taken.');
  });

  test('asked once more where nothing is bound, the question becomes the answer, for the presser alone', async () => {
    const { ada, side, room } = await server();
    await room.messenger.post({ channel: side.id }, { marker: 'c1', shown: card([{ label: 'Stop', command: 'stop R1', style: 'danger' }]) });
    const [message] = discord.messages(side.id);
    const question = await discord.answered(discord.presses(ada.id, message as NonNullable<typeof message>, 'Stop'));
    const sure = discord.presses(ada.id, question, 'Yes, do it');
    await discord.acked(sure);
    const shown = { card: { title: 'R1 stops.', tone: 'good' as const } };
    expect(await room.messenger.post({ reply: await room.reply(sure.id) }, { marker: 'm1', shown })).toMatchObject({ sent: true, id: question.id });
    expect(discord.shows(side.id, ada.id)).toEqual(['R1 waits.\nc1\n[Stop]', '✓ R1 stops.\nm1']);
    expect(discord.shows(side.id)).toEqual(['R1 waits.\nc1\n[Stop]']);
  });

  test('that needs a reason opens a form, and the reason stands in the line', async () => {
    const { ada, message, room } = await withCard([{ label: 'Break glass…', command: 'approve R1 break glass because …', style: 'danger' }]);
    const pressed = discord.presses(ada.id, message, 'Break glass…');
    const ack = await discord.acked(pressed);
    expect(ack.type === 9 && ack.modal.title).toBe('approve R1 break glass');
    expect(ack.type === 9 && inputsOf(ack.modal).length).toBe(1);
    expect(await room.inbox()).toEqual([]);
    const filled = discord.fills(ada.id, pressed, ['the "gateway"\nis down']);
    expect(await discord.acked(filled)).toMatchObject({ type: 6 });
    expect((await room.line(filled.id))?.text).toBe('approve R1 break glass because "the \\"gateway\\" is down"');
  });

  test('whose line is longer than Discord takes still does what it says, also after a restart', async () => {
    const command = `exclude ${Array.from({ length: 30 }, (_, n) => `web${n}`).join(',')} from job reboot because "they carry the demo" until fri`;
    expect(command.length).toBeGreaterThan(100);
    const { ada, message, ops, room } = await withCard([{ label: 'Leave them out', command }]);
    await room.close();
    const next = await roomOn(discord, db, { bound: [ops.id], people: { [ada.id]: 'ada' } });
    const pressed = discord.presses(ada.id, message, 'Leave them out');
    await discord.acked(pressed);
    expect((await next.line(pressed.id))?.text).toBe(command);
  });

  test('that nobody knows any more says so, and nothing happens', async () => {
    const { ada, message, ops, room } = await withCard([{ label: 'Look', command: 'show R1' }]);
    for (const id of ['=#0123', 'something-else', '?']) {
      const pressed = discord.pressesId(ada.id, message, id);
      expect(await discord.acked(pressed)).toMatchObject({ type: 4, ephemeral: true });
    }
    expect(discord.shows(ops.id, ada.id).at(-1)).toContain('no longer known. Type the command instead');
    expect(await room.inbox()).toEqual([]);
  });
});

describe('the menu on a message', () => {
  test('adds what somebody wrote to the timeline, with their name', async () => {
    const { ops, ada, room } = await server();
    const ben = discord.person('ben');
    const said = discord.says(ben.id, ops.id, 'the "uplink" of <@123456789012345678> flaps');
    const marked = discord.marks(ada.id, said, 'Add to timeline');
    await discord.acked(marked);
    expect(await room.line(marked.id)).toMatchObject({ actor: 'ada', text: 'incident note "ben: the \\"uplink\\" of @123456789012345678 flaps"' });
  });

  test('a message without text says that there is nothing to add', async () => {
    const { ops, ada, room } = await server();
    const marked = discord.marks(ada.id, discord.says(ada.id, ops.id, ''), 'Add to timeline');
    expect(await discord.acked(marked)).toMatchObject({ type: 4, ephemeral: true });
    expect(await room.inbox()).toEqual([]);
  });
});

describe('a line written without a slash', () => {
  test('alone to the bot it is taken as it stands', async () => {
    const { ada, room } = await server();
    const said = discord.says(ada.id, discord.direct(ada.id).id, 'check @web');
    const row = await until(() => room.line(said.id));
    expect(row).toMatchObject({ actor: 'ada', text: 'check @web', place: { alone: true, user: ada.id, channel: discord.direct(ada.id).id } });
  });

  test('in a channel it is taken when it begins with the mention of the bot, also in a thread, and the talk of others is not', async () => {
    const { ops, ada, room } = await server();
    const thread = discord.thread(ops, 'INC-1');
    discord.says(ada.id, ops.id, 'check @web, would you?');
    discord.says(ada.id, ops.id, `I asked <@${discord.state.bot}> to check`);
    const named = discord.says(ada.id, ops.id, `<@${discord.state.bot}> check @web`);
    const inThread = discord.says(ada.id, thread.id, `<@!${discord.state.bot}> page <@${ada.id}> "look"`);
    expect(await until(() => room.line(inThread.id))).toMatchObject({ text: 'page @ada "look"', place: { channel: ops.id, thread: thread.id } });
    expect(await until(() => room.line(named.id))).toMatchObject({ text: 'check @web' });
    expect((await room.inbox()).length).toBe(2);
  });

  test('refused while the database is away, the person is told where they wrote', async () => {
    const { ada, room } = await server({
      take: async () => {
        throw new Refusal('Not taken: the database does not answer.');
      },
    });
    const direct = discord.direct(ada.id);
    discord.says(ada.id, direct.id, 'check @web');
    await discord.until(() => discord.shows(direct.id).some((text) => text.startsWith('! Not taken')));
    expect(await room.inbox()).toEqual([]);
  });
});

describe('what is registered', () => {
  test('fits Discord, with the fleet behind half-typed targets and choices where there are some', () => {
    const made = registrationOf(commands, true);
    expect(commandProblems(made as never)).toEqual([]);
    expect(made.map(({ name }) => name)).toEqual(expect.arrayContaining(['ops', 'incident', 'Add to timeline']));
    const leaf = (...path: string[]) =>
      path.reduce(
        (at, name) => at?.options?.find((one) => one.name === name),
        made.find(({ name }) => name === 'ops'),
      );
    expect(leaf('check', 'target')).toMatchObject({ type: 3, required: true, autocomplete: true });
    expect(leaf('reboot', 'batch')).toMatchObject({ type: 4, min_value: 1 });
    expect(leaf('reboot', 'by-rings')).toMatchObject({ type: 5 });
    expect(leaf('pause', 'updates', 'for')).toMatchObject({ type: 3 });
  });

  test('is sent once, and again only when the commands are others', async () => {
    const { ops, ada, room } = await server();
    expect(discord.requests(/^PUT .*commands/).length).toBe(1);
    await room.close();
    const same = await roomOn(discord, db);
    await discord.until(() => same.connections.all().some(({ name, ok }) => name === 'discord commands' && ok));
    expect(discord.requests(/^PUT .*commands/).length).toBe(1);
    await same.close();
    const fewer = await roomOn(discord, db, { commands: commands.filter(({ name }) => name !== 'undo') });
    await discord.until(() => fewer.connections.all().some(({ name, ok }) => name === 'discord commands' && ok));
    expect(discord.requests(/^PUT .*commands/).length).toBe(2);
    expect(() => discord.types(ada.id, ops.id, '/ops undo', { id: 'R1' })).toThrow('there is no "undo"');
  });

  test('moved from everywhere to one server, ours stand there only, and those of others stay', async () => {
    const everywhere = await roomOn(discord, db, { server: false });
    await discord.until(() => (discord.state.commands.get('') ?? []).length > 0);
    await everywhere.close();
    discord.state.commands.get('')?.push({ name: 'weather', type: 1, description: 'of somebody else' });
    const here = await roomOn(discord, db);
    await discord.until(() => here.connections.all().some(({ name, ok }) => name === 'discord commands' && ok));
    expect(discord.state.commands.get('')?.map((one) => (one as { name: string }).name)).toEqual(['weather']);
  });

  test('a server that does not let it is said, with what to do', async () => {
    discord.fails(/^PUT .*commands/, { is: 'refuse', status: 403, code: 50001, message: 'Missing Access' });
    const room = await roomOn(discord, db);
    await discord.until(() =>
      room.connections.all().some(({ name, ok, says }) => name === 'discord commands' && !ok && says.includes('applications.commands')),
    );
  });
});

/** Looks again each time the stand-in changed; the row is written before anything can be seen. */
async function until<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
