import { expect, onTestFinished, test } from 'vitest';
import { holdfastOn } from '../../fake/slack/holdfast.ts';
import { type FakeSlack, openFakeSlack } from '../../fake/slack/open.ts';

const PATIENT = 20_000;

/** Two operators in #ops, beside which incidents that hurt get a channel of their own. */
async function workspace(prepare: (slack: FakeSlack) => void = () => {}): Promise<{ slack: FakeSlack; ops: string }> {
  const slack = await openFakeSlack();
  onTestFinished(() => slack.close());
  const [ada, pepe] = [slack.user('ada'), slack.user('pepe')];
  const ops = slack.channel('ops', ['ada', 'pepe']);
  prepare(slack);
  await holdfastOn(
    slack,
    `people: { ada: { role: operator, slack: ${ada} }, pepe: { role: operator, slack: ${pepe} } }
channels: { ops: { slack: ${ops}, news: [incident], incident_channels: major } }
hosts: { "web[01-03]": { address: 127.0.0.1, port: 1 } }
`,
  );
  await slack.until(() => slack.sockets.count() === 2, PATIENT);
  return { slack, ops };
}

const named = (slack: FakeSlack, name: string) => [...slack.workspace.channels.values()].find((one) => one.name === name);
const said = (slack: FakeSlack, channel: string, part: string) => slack.sees('ada', channel).filter(({ by, text }) => by === 'holdfast' && text.includes(part));

test('an incident that hurts gets a channel of its own, with who opened it, its card, and all that is said of it; there nobody has to say which', {
  timeout: 4 * PATIENT,
}, async () => {
  const { slack, ops } = await workspace();
  await slack.types('ada', ops, '/incident open "The shop is slow, état: 503!" severity major');
  const own = await slack.until(() => named(slack, 'inc-1-the-shop-is-slow-etat-503'), PATIENT);
  const card = await slack.until(() => said(slack, own.id, 'INC-1 major, investigating')[0], PATIENT);
  expect(card.buttons).toContain('Update');
  await slack.until(() => slack.workspace.pins.some(({ channel, ts }) => channel === own.id && ts === card.ts), PATIENT);
  expect(own.topic).toBe('INC-1: The shop is slow, état: 503!');
  expect([...own.members].sort()).toEqual([slack.workspace.bot.id, slack.workspace.userNamed('ada').id].sort());
  await slack.until(() => said(slack, ops, `told in a channel of its own: https://slack.com/app_redirect?channel=${own.id}`).length > 0, PATIENT);

  // Said in #ops, it stands in the channel of its own, and the move in #ops too.
  await slack.types('ada', ops, '/incident identify It is the cable.');
  await slack.until(() => said(slack, own.id, 'It is the cable.').some(({ ts }) => ts !== card.ts), PATIENT);
  // Said there, by somebody who came in, the answer stands there, and the move in #ops.
  own.members.add(slack.workspace.userNamed('pepe').id);
  await slack.types('pepe', own.id, '/incident monitor The cable was replaced.');
  await slack.until(() => said(slack, ops, 'INC-1 Monitoring').length > 0, PATIENT);
  const talk = await slack.says('pepe', own.id, 'the switch on row 4 was hot');
  await slack.reacts('ada', talk, 'pushpin');
  await slack.until(() => said(slack, own.id, 'Noted in INC-1').length > 0, PATIENT);
  // With a second one open, the place still says which is meant.
  await slack.types('ada', ops, '/incident open "a small thing" severity minor');
  await slack.until(() => said(slack, ops, 'INC-2 minor').length > 0, PATIENT);
  await slack.types('pepe', own.id, '/incident resolve Nothing was lost since.');
  await slack.until(() => said(slack, own.id, 'INC-1 major, resolved').length > 0, PATIENT);
  await slack.until(() => slack.workspace.pins.every(({ ts }) => ts !== card.ts), PATIENT);

  expect(said(slack, own.id, 'It is the cable.').filter(({ ts }) => ts !== card.ts)).toHaveLength(1);
  expect(said(slack, own.id, 'The cable was replaced.').filter(({ ts }) => ts !== card.ts)).toHaveLength(1);
  for (const move of ['INC-1 Identified', 'INC-1 Monitoring', 'INC-1 Resolved']) expect(said(slack, ops, move), move).toHaveLength(1);
  expect(slack.sees('ada', ops).filter(({ thread }) => thread !== undefined)).toEqual([]);
  // A minor one has its thread.
  expect([...slack.workspace.channels.values()].filter(({ name }) => name.startsWith('inc-'))).toHaveLength(1);
  expect(slack.violations).toEqual([]);
});

test.each<[string, (slack: FakeSlack) => void]>([
  ['the app may make none', (slack) => slack.faults.add('conversations.create', { kind: 'error', error: 'missing_scope' }, { times: 100 })],
  [
    'the channel beside it is private',
    (slack) => {
      for (const channel of slack.workspace.channels.values()) if (channel.name === 'ops') channel.hidden = true;
    },
  ],
])('where %s, it has its thread, as without', { timeout: 3 * PATIENT }, async (_, prepare) => {
  const { slack, ops } = await workspace(prepare);
  await slack.types('ada', ops, '/incident open "the shop is slow" severity major');
  const card = await slack.until(() => slack.sees('ada', ops).find(({ buttons }) => buttons.includes('Story')), PATIENT);
  await slack.types('ada', ops, '/incident identify It is the cable.');
  await slack.until(() => said(slack, ops, 'It is the cable.').some(({ thread }) => thread === card.ts), PATIENT);
  expect([...slack.workspace.channels.values()].filter(({ name }) => name.startsWith('inc-'))).toEqual([]);
});

test('a channel that somebody archives while the incident goes on: what is said stands in the thread from then on', { timeout: 3 * PATIENT }, async () => {
  const { slack, ops } = await workspace();
  await slack.types('ada', ops, '/incident open "the shop is slow" severity major');
  const own = await slack.until(() => named(slack, 'inc-1-the-shop-is-slow'), PATIENT);
  await slack.until(() => said(slack, ops, 'told in a channel of its own').length > 0, PATIENT);
  own.archived = true;
  await slack.types('ada', ops, '/incident identify It is the cable.');
  const [card] = await slack.until(() => said(slack, ops, 'INC-1 major, identified'), PATIENT);
  await slack.until(() => said(slack, ops, 'It is the cable.').some(({ thread }) => thread === card?.ts), PATIENT);
  await slack.until(() => said(slack, ops, 'told in a channel of its own').length === 0, PATIENT);
});

test('a channel of that name that somebody else made is left alone, and one of ours that a crash left unfinished is taken', {
  timeout: 3 * PATIENT,
}, async () => {
  const { slack, ops } = await workspace((one) => {
    const id = one.channel('inc-1-the-shop-is-slow', ['pepe'], { bot: false });
    const unfinished = one.channel('inc-1-the-shop-is-slow-2', []);
    (one.workspace.channels.get(id) as { creator?: string }).creator = one.workspace.userNamed('pepe').id;
    (one.workspace.channels.get(unfinished) as { creator?: string }).creator = one.workspace.bot.id;
  });
  await slack.types('ada', ops, '/incident open "the shop is slow" severity major');
  const own = await slack.until(() => [...slack.workspace.channels.values()].find(({ topic }) => topic !== undefined), PATIENT);
  expect(own.name).toBe('inc-1-the-shop-is-slow-2');
  expect(named(slack, 'inc-1-the-shop-is-slow')).toMatchObject({ members: new Set([slack.workspace.userNamed('pepe').id]) });
});
