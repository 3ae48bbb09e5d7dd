import { expect, onTestFinished, test } from 'vitest';
import { holdfastOn } from '../../fake/slack/holdfast.ts';
import { type FakeSlack, openFakeSlack } from '../../fake/slack/open.ts';

const PATIENT = 90_000;

/** Two operators in #ops, where news of incidents are. */
async function workspace(): Promise<{ slack: FakeSlack; ops: string; config: string }> {
  const slack = await openFakeSlack();
  onTestFinished(() => slack.close());
  const [ada, pepe] = [slack.user('ada'), slack.user('pepe')];
  const ops = slack.channel('ops', ['ada', 'pepe']);
  const config = `people: { ada: { role: operator, slack: ${ada} }, pepe: { role: operator, slack: ${pepe} } }
channels: { ops: { slack: ${ops}, news: [incident] } }
hosts: { "web[01-03]": { address: 127.0.0.1, port: 1 } }
groups: { web: { hosts: "web[01-03]" } }
components: { Shop: { hosts: "@web" } }
`;
  return { slack, ops, config };
}

const said = (slack: FakeSlack, channel: string) => slack.sees('ada', channel).filter(({ by }) => by === 'holdfast');
const inChannel = (slack: FakeSlack, ops: string, part: string) => said(slack, ops).filter(({ thread, text }) => thread === undefined && text.includes(part));
const card = (slack: FakeSlack, ops: string) => said(slack, ops).find(({ buttons }) => buttons.includes('Story'));

test('an incident in Slack: opened in a form, one pinned card that changes where it stands, moves announced once, updates in its thread, marked messages in its story', {
  timeout: 4 * PATIENT,
}, async () => {
  const { slack, ops, config } = await workspace();
  await holdfastOn(slack, config);
  await slack.until(() => slack.sockets.count() === 2, PATIENT);

  await slack.types('ada', ops, '/incident open');
  await slack.until(() => slack.modal('ada'), PATIENT);
  expect(await slack.submits('ada', { 'What is wrong': 'the shop <is> "slow" & ill', 'How bad': 'critical', 'Hosts it touches': '@web' })).toMatchObject({
    ok: true,
  });
  const first = await slack.until(() => card(slack, ops), PATIENT);
  expect(first.text).toContain('INC-1 critical, investigating: the shop <is> "slow" & ill');
  expect(first.text).toContain('Shop: major outage');
  await slack.until(() => slack.workspace.pins.some(({ channel, ts }) => channel === ops && ts === first.ts), PATIENT);

  // What is the same state stands in the thread, and on the card; the channel is told of moves only, besides what was answered there.
  await slack.presses('ada', first, 'Update');
  await slack.until(() => slack.modal('ada'), PATIENT);
  await slack.submits('ada', { 'What the public reads': 'We believe it is the cable.' });
  await slack.until(() => said(slack, ops).find(({ thread, text }) => thread === first.ts && text.includes('We believe it is the cable.')), PATIENT);
  await slack.until(() => card(slack, ops)?.text.includes('We believe it is the cable.'), PATIENT);

  await slack.presses('pepe', first, 'Identified');
  await slack.until(() => slack.modal('pepe'), PATIENT);
  await slack.submits('pepe', { 'What the public reads': 'It is the cable.' });
  await slack.until(() => card(slack, ops)?.text.includes('INC-1 critical, identified'), PATIENT);
  await slack.until(() => said(slack, ops).some(({ thread, text }) => thread === first.ts && text.includes('It is the cable.')), PATIENT);
  expect(inChannel(slack, ops, 'INC-1 Identified')).toHaveLength(1);

  // In its thread nobody has to say which: the answer stands there, and the move in the channel.
  await slack.says('ada', ops, '@holdfast incident monitor The cable was replaced.', { thread: first.ts });
  await slack.until(() => inChannel(slack, ops, 'INC-1 Monitoring').length > 0, PATIENT);
  await slack.until(() => said(slack, ops).some(({ thread, text }) => thread === first.ts && text.includes('The cable was replaced.')), PATIENT);

  const talk = await slack.says('pepe', ops, 'the switch on row 4 was hot');
  await slack.reacts('ada', talk, 'pushpin');
  const more = await slack.says('pepe', ops, 'its fan is broken');
  await slack.shortcut('ada', more, 'add_to_timeline');
  await slack.until(() => said(slack, ops).filter(({ text }) => text.includes('Noted in INC-1')).length === 2, PATIENT);
  await slack.types('ada', ops, '/ops show INC-1');
  const story = await slack.until(() => said(slack, ops).find(({ text }) => text.includes('story')), PATIENT);
  for (const line of ['the switch on row 4 was hot (said by pepe)', 'its fan is broken (said by pepe)', 'identified: It is the cable.'])
    expect(story.text).toContain(line);

  await slack.types('ada', ops, '/incident resolve INC-1 Nothing was lost since.');
  await slack.until(
    () => card(slack, ops)?.text.includes('INC-1 critical, resolved') || said(slack, ops).some(({ ts, text }) => ts === first.ts && text.includes('resolved')),
    PATIENT,
  );
  await slack.until(() => slack.workspace.pins.length === 0, PATIENT);
  // Once each: nothing that was announced stands there twice.
  for (const move of ['INC-1 Identified', 'INC-1 Monitoring', 'INC-1 Resolved']) expect(inChannel(slack, ops, move), move).toHaveLength(1);
  expect(said(slack, ops).filter(({ ts, text }) => ts !== first.ts && text.includes('INC-1 critical,') && !text.includes('story'))).toEqual([]);
  expect(said(slack, ops).flatMap(({ pings }) => pings)).toEqual([]);
  expect(slack.violations).toEqual([]);
});
