import { beforeEach, expect, test } from 'vitest';
import { holdfastOn } from '../../fake/discord/holdfast.ts';
import { buttonsOf, type FakeDiscord, fakeDiscord, screenText } from '../../fake/discord/open.ts';

const PATIENT = 60_000;

let discord: FakeDiscord;
beforeEach(async () => {
  discord = await fakeDiscord();
  return () => discord.close();
});

test('an incident on Discord: opened in a form, one pinned card that changes where it stands, moves announced once, updates in its thread, marked messages in its story', {
  timeout: 6 * PATIENT,
}, async () => {
  const [ada, pepe] = ['ada', 'pepe'].map((name) => discord.person(name));
  const ops = discord.channel('ops');
  await holdfastOn(
    discord,
    `
people:
  ada: { role: operator, discord: "${ada?.id}" }
  pepe: { role: operator, discord: "${pepe?.id}" }
hosts: { "web[01-03]": { address: 127.0.0.1, port: 1 } }
groups: { web: { hosts: "web[01-03]" } }
components: { Shop: { hosts: "@web" } }
channels: { ops: { discord: "${ops.id}", news: [incident] } }
`,
  );
  await discord.until(() => discord.state.commands.size > 0 && discord.gateway.ready(), PATIENT);
  const who = ada?.id ?? '';
  const card = () => discord.messages(ops.id).find((one) => buttonsOf(one).some(({ label }) => label === 'Story'));
  const lines = (channel: string, part: string): string[] => discord.shows(channel).filter((text) => text.includes(part));

  const opened = discord.types(who, ops.id, '/incident open');
  await discord.until(() => opened.ack?.type === 9, PATIENT);
  discord.fills(who, opened, ['the **shop** is slow', 'critical', '@web']);
  const first = await discord.until(card, PATIENT);
  expect(screenText(first)).toContain('INC-1 critical, investigating');
  expect(screenText(first)).toContain('Shop: major outage');
  await discord.until(() => discord.state.messages.get(first.id)?.pinned, PATIENT);

  const pressed = discord.presses(who, first, 'Update');
  await discord.until(() => pressed.ack?.type === 9, PATIENT);
  discord.fills(who, pressed, ['We believe it is the cable.']);
  await discord.until(() => lines(first.id, 'We believe it is the cable.').length === 1, PATIENT);
  expect(discord.state.channels.get(first.id)).toMatchObject({ type: 11, parent_id: ops.id });

  discord.types(pepe?.id ?? '', ops.id, '/incident identify', { text: 'It is the cable.' });
  await discord.until(() => screenText(card() ?? first).includes('INC-1 critical, identified'), PATIENT);
  await discord.until(() => lines(first.id, 'It is the cable.').length > 0, PATIENT);
  expect(lines(ops.id, 'INC-1 Identified')).toHaveLength(1);

  // In its thread nobody has to say which.
  discord.says(who, first.id, `<@${discord.state.bot}> incident monitor The cable was replaced.`);
  await discord.until(() => lines(ops.id, 'INC-1 Monitoring').length > 0, PATIENT);
  await discord.until(() => lines(first.id, 'The cable was replaced.').length > 0, PATIENT);

  const talk = discord.says(pepe?.id ?? '', ops.id, 'the switch on row 4 was hot');
  discord.marks(who, talk, 'Add to timeline');
  await discord.until(() => lines(ops.id, 'Noted in INC-1').length > 0, PATIENT);
  discord.types(who, ops.id, '/ops show', { what: 'INC-1' });
  const story = await discord.until(() => lines(ops.id, 'story')[0], PATIENT);
  expect(story).toContain('pepe: the switch on row 4 was hot');

  discord.types(who, ops.id, '/incident resolve', { text: 'Nothing was lost since.' });
  await discord.until(() => discord.state.messages.get(first.id)?.pinned === false, PATIENT);
  for (const move of ['INC-1 Identified', 'INC-1 Monitoring', 'INC-1 Resolved']) expect(lines(ops.id, move), move).toHaveLength(1);
  expect(discord.messages(ops.id).flatMap(({ pinged }) => pinged)).toEqual([]);
  expect(discord.violations).toEqual([]);
});

test('where it may neither pin nor begin threads, it answers all the same, and updates stand in the channel', {
  timeout: 6 * PATIENT,
}, async () => {
  const ada = discord.person('ada');
  const ops = discord.channel('ops');
  ops.bare = true;
  await holdfastOn(
    discord,
    `
people: { ada: { role: admin, discord: "${ada?.id}" } }
hosts: { "web[01-03]": { address: 127.0.0.1, port: 1 } }
channels: { ops: { discord: "${ops.id}", news: [incident] } }
`,
  );
  await discord.until(() => discord.state.commands.size > 0 && discord.gateway.ready(), PATIENT);
  const who = ada?.id ?? '';
  const lines = (part: string): string[] => discord.shows(ops.id).filter((text) => text.includes(part));

  discord.types(who, ops.id, '/ops status');
  await discord.until(() => lines('3 hosts, none asked yet').length > 0, PATIENT);
  discord.types(who, ops.id, '/incident open', { title: 'the shop is slow', severity: 'major' });
  await discord.until(() => lines('INC-1 major, investigating').length > 0, PATIENT);
  discord.types(who, ops.id, '/incident update', { text: 'We believe it is the cable.' });
  await discord.until(() => lines('We believe it is the cable.').length > 1, PATIENT);
  await discord.until(() => discord.state.requests.some(({ line, status }) => line.startsWith('PUT') && line.includes('/pins/') && status === 403), PATIENT);
  expect(discord.messages(ops.id).filter(({ pinned }) => pinned)).toEqual([]);
  expect([...discord.state.channels.values()].filter(({ type }) => type === 11)).toEqual([]);
});

test('an incident that hurts gets a channel of its own, read by whoever reads the one beside it, and there nobody has to say which', {
  timeout: 6 * PATIENT,
}, async () => {
  const ada = discord.person('ada');
  const ops = discord.channel('ops');
  ops.overwrites = [
    { id: discord.server, type: 0, allow: '0', deny: String((1n << 10n) | (1n << 40n)) },
    { id: discord.state.bot, type: 1, allow: String(1n << 10n), deny: '0' },
  ];
  await holdfastOn(
    discord,
    `
people: { ada: { role: operator, discord: "${ada?.id}" } }
hosts: { "web[01-03]": { address: 127.0.0.1, port: 1 } }
channels: { ops: { discord: "${ops.id}", news: [incident], incident_channels: major } }
`,
  );
  await discord.until(() => discord.state.commands.size > 0 && discord.gateway.ready(), PATIENT);
  const who = ada?.id ?? '';
  const lines = (channel: string, part: string): string[] => discord.shows(channel).filter((text) => text.includes(part));

  discord.types(who, ops.id, '/incident open', { title: 'the shop is slow', severity: 'major' });
  const own = await discord.until(() => [...discord.state.channels.values()].find(({ name }) => name === 'inc-1-the-shop-is-slow'), PATIENT);
  // What it may not carry over it does not: only who reads and writes.
  expect(own.overwrites).toEqual([
    { id: discord.server, type: 0, allow: '0', deny: String(1n << 10n) },
    { id: discord.state.bot, type: 1, allow: String(1n << 10n), deny: '0' },
  ]);
  const card = await discord.until(() => discord.messages(own.id).find((one) => buttonsOf(one).some(({ label }) => label === 'Story')), PATIENT);
  await discord.until(() => discord.state.messages.get(card.id)?.pinned, PATIENT);
  await discord.until(() => lines(ops.id, `told in a channel of its own: https://discord.com/channels/${discord.server}/${own.id}`).length > 0, PATIENT);
  discord.types(who, ops.id, '/incident open', { title: 'a small thing', severity: 'minor' });
  await discord.until(() => lines(ops.id, 'INC-2 minor').length > 0, PATIENT);
  discord.types(who, own.id, '/incident identify', { text: 'It is the cable.' });
  await discord.until(() => lines(ops.id, 'INC-1 Identified').length > 0, PATIENT);
  await discord.until(() => screenText(discord.state.messages.get(card.id) ?? card).includes('INC-1 major, identified'), PATIENT);
  discord.types(who, ops.id, '/incident update', { incident: 'INC-1', text: 'A new one is on its way.' });
  await discord.until(() => lines(own.id, 'A new one is on its way.').length > 1, PATIENT);
  expect([...discord.state.channels.values()].filter(({ type }) => type === 11)).toEqual([]);
  expect([...discord.state.channels.values()].filter(({ name }) => name.startsWith('inc-'))).toHaveLength(1);
  expect(discord.violations).toEqual([]);
});
