import { describe, expect, onTestFinished, test } from 'vitest';
import { holdfastOn, holdfastProgram } from '../../fake/slack/holdfast.ts';
import { type FakeSlack, openFakeSlack } from '../../fake/slack/open.ts';

/** A workspace with two people Holdfast knows and one it does not; #ops is bound, #random is not. */
async function workspace(): Promise<{ slack: FakeSlack; ops: string; random: string; config: string }> {
  const slack = await openFakeSlack();
  onTestFinished(() => slack.close());
  const [ada, pepe] = [slack.user('ada'), slack.user('pepe')];
  slack.user('eve');
  const ops = slack.channel('ops', ['ada', 'pepe', 'eve']);
  const random = slack.channel('random', ['ada', 'pepe', 'eve']);
  const config = `people: { ada: { role: operator, slack: ${ada} }, pepe: { role: operator, slack: ${pepe} } }
channels: { ops: { slack: ${ops} } }
hosts: { "web[01-03]": { address: 127.0.0.1, port: 1, ring: prod }, lab01: { address: 127.0.0.1, port: 1, ring: lab } }
groups: { web: { hosts: "web[01-03]" } }
`;
  return { slack, ops, random, config };
}

/** What the bot said there, as ada reads it. */
const said = (slack: FakeSlack, channel: string, who = 'ada') => slack.sees(who, channel).filter(({ by }) => by === 'holdfast');
const answers = (slack: FakeSlack, channel: string, count: number, ms = 90_000) =>
  slack.until(() => (said(slack, channel).length >= count ? said(slack, channel) : undefined), ms);

describe('a whole Holdfast in Slack', () => {
  test('checks, helps and refuses where it was asked: for everybody in a bound channel, alone elsewhere, in the thread of a mention', {
    timeout: 240_000,
  }, async () => {
    const { slack, ops, random, config } = await workspace();
    await holdfastOn(slack, config);
    await slack.until(() => slack.sockets.count() === 2, 90_000);

    await slack.types('ada', ops, '/ops check @web');
    const check = await slack.until(() => said(slack, ops).find(({ text }) => /3 of 3|web\[01-03\]/.test(text)), 90_000);
    expect([check.alone, check.thread]).toEqual([false, undefined]);
    expect(said(slack, ops)).toHaveLength(1);

    await slack.types('ada', random, '/ops help check');
    const [help] = await answers(slack, random, 1);
    expect(help?.alone).toBe(true);
    expect(help?.text).toContain('check @web');
    expect(said(slack, random, 'pepe')).toEqual([]);

    const { ts } = await slack.says('pepe', ops, 'is it the network?');
    await slack.says('ada', ops, '@holdfast chekc @web', { thread: ts });
    const refused = await slack.until(() => said(slack, ops).find(({ thread }) => thread === ts), 90_000);
    expect(refused.text).toMatch(/"chekc" is no command.*check/);

    await slack.types('eve', ops, '/ops reboot @web');
    const no = await slack.until(() => said(slack, ops).find(({ text }) => text.includes('needs the role')), 90_000);
    expect(no.text).toContain('operator');
    expect(slack.violations).toEqual([]);
  });

  test('shows a plan with its buttons; who asked cannot approve, a reason is asked for, and the card is changed where it stands', {
    timeout: 240_000,
  }, async () => {
    const { slack, ops, config } = await workspace();
    await holdfastOn(slack, config);
    await slack.until(() => slack.sockets.count() === 2, 90_000);
    await slack.types('ada', ops, '/ops reboot @web because <the> kernel & more');
    const plan = await slack.until(() => said(slack, ops).find(({ buttons }) => buttons.includes('Approve')), 90_000);
    expect(plan.text).toContain('because <the> kernel & more');
    expect(plan.pings).toEqual([]);

    await slack.presses('ada', plan, 'Approve');
    const own = await slack.until(() => said(slack, ops).find(({ ts, text }) => ts !== plan.ts && /ada/.test(text)), 90_000);
    expect(own.text).toMatch(/asked|yourself|another|cannot/);

    await slack.presses('pepe', plan, 'Cancel');
    const after = await slack.until(() => said(slack, ops).find(({ ts, edited }) => ts === plan.ts && edited), 90_000);
    expect(after.text).toContain('cancelled by pepe');
    // A button of what is over: refused, and nothing begins.
    await slack.presses('pepe', plan, 'Approve').catch(() => {});
    expect(slack.violations).toEqual([]);
  });

  test.each([
    ['a connection that breaks after Slack took the message', { kind: 'drop', taken: true }],
    ['one that breaks before', { kind: 'drop' }],
    ['a server error', { kind: 'status', status: 503 }],
    ['a limit', { kind: 'ratelimited', retryAfter: 1 }],
    ['fatal_error', { kind: 'error', error: 'fatal_error' }],
  ] as const)('under %s answers once, not never and not twice', { timeout: 240_000 }, async (_, fault) => {
    const { slack, ops, config } = await workspace();
    await holdfastOn(slack, config);
    await slack.until(() => slack.sockets.count() === 2, 90_000);
    slack.faults.add('chat.postMessage', fault, { times: 2 });
    await slack.types('ada', ops, '/ops status');
    await answers(slack, ops, 1, 90_000);
    // The next answer in the same channel comes after whatever was tried of the first.
    await slack.types('ada', ops, '/ops help');
    const all = await answers(slack, ops, 2, 90_000);
    expect(all).toHaveLength(2);
    expect(slack.faults.next('chat.postMessage', {})).toBeUndefined();
  });

  test('acknowledgements that reach Slack too late lose nothing and show nothing twice: a command, a mention that comes again, a button', {
    timeout: 240_000,
  }, async () => {
    const { slack, ops, config } = await workspace();
    await holdfastOn(slack, config);
    await slack.until(() => slack.sockets.count() === 2, 90_000);

    slack.deliveries.late = 1;
    // What ada sees first is Slack's own "did not respond".
    expect(await slack.types('ada', ops, '/ops reboot @web')).toEqual({ ok: false, why: 'not acknowledged' });
    const plan = await slack.until(() => said(slack, ops).find(({ buttons }) => buttons.includes('Approve')), 90_000);
    expect(plan.text).toContain('R1');

    slack.deliveries.late = 1;
    expect(await slack.presses('pepe', plan, 'Cancel')).toEqual({ ok: false, why: 'not acknowledged' });
    await slack.until(() => said(slack, ops).find(({ ts, text }) => ts === plan.ts && text.includes('cancelled by pepe')), 90_000);

    // An event is sent again until it is acknowledged: twice here, and it is one line.
    slack.deliveries.late = 2;
    const asked = await slack.says('pepe', ops, 'what runs?');
    await slack.says('ada', ops, '@holdfast show runs', { thread: asked.ts });
    await slack.until(() => slack.deliveries.attempts.filter(({ kind }) => kind === 'events_api').length >= 2, 90_000);
    await slack.until(() => said(slack, ops).find(({ thread }) => thread === asked.ts), 90_000);
    // The answer to what is said after all that comes last, so by then nothing else is on its way.
    await slack.types('ada', ops, '/ops help');
    await slack.until(() => said(slack, ops).find(({ text }) => text.includes('check')), 90_000);
    expect(said(slack, ops).filter(({ buttons, text }) => buttons.includes('Approve') || text.includes('cancelled by pepe'))).toHaveLength(1);
    expect(said(slack, ops).filter(({ thread }) => thread === asked.ts)).toHaveLength(1);
    expect(slack.violations).toEqual([]);
  });

  test.each(['inbox.committed', 'dispatch.committed', 'answer.rendered', 'answer.sent', 'answer.marked'])(
    'killed at %s answers once after its restart',
    { timeout: 240_000 },
    async (point) => {
      const { slack, ops, config } = await workspace();
      const program = holdfastProgram(slack, config);
      const first = program.start({ HOLDFAST_CRASH_AT: point });
      await slack.until(() => slack.sockets.count() === 2, 90_000);
      const typed = await slack.types('ada', ops, '/ops status');
      expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
      program.start();
      await slack.until(() => slack.sockets.count() === 2, 90_000);
      // Not acknowledged, it was committed all the same: the person saw that it failed, and gets the answer.
      expect(typed.ok).toBe(point !== 'inbox.committed');
      await answers(slack, ops, 1, 90_000);
      await slack.types('ada', ops, '/ops help');
      expect(await answers(slack, ops, 2, 90_000)).toHaveLength(2);
    },
  );

  test('over signed HTTP is the same', { timeout: 240_000 }, async () => {
    const { slack, ops, config } = await workspace();
    const port = 20_000 + (process.pid % 90_000);
    await holdfastOn(slack, config, { http: port });
    slack.deliveries.http = `http://127.0.0.1:${port}/slack/events`;
    await slack.types('ada', ops, '/ops status');
    const [status] = await answers(slack, ops, 1);
    expect(status?.text).toContain('4 hosts');
    expect(slack.violations).toEqual([]);
  });
});
