import { describe, expect, onTestFinished, test } from 'vitest';
import { type Engine, engines } from '../engines.ts';
import { holdfastProgram } from '../fake/slack/holdfast.ts';
import { type FakeSlack, openFakeSlack } from '../fake/slack/open.ts';

/**
 * Kills Holdfast by SIGKILL in the middle of an incident's life, starts it again on the same data, and reads what stands in the channel: the
 * incident is there once, what is announced is announced once, and its card is pinned.
 */
const PATIENT = 90_000;

for (const engine of engines()) {
  const skip = engine.available === true ? '' : ` (skipped: ${engine.available})`;
  describe.skipIf(skip !== '')(`kill -9 on ${engine.name}${skip}`, () => {
    test.each(['incident.opened', 'incident.told'])(
      'at %s while one is opened, there is one, with one card, pinned',
      { timeout: 4 * PATIENT },
      async (point) => {
        const { slack, ops, holdfast } = await begin(engine);
        const one = holdfast.start({ HOLDFAST_CRASH_AT: point });
        await slack.until(() => slack.sockets.count() === 2, PATIENT);
        void slack.says('ada', slack.dm('ada'), 'incident open the shop is slow');
        expect(await one.ended).toEqual({ code: null, signal: 'SIGKILL' });
        const two = holdfast.start();
        await slack.until(() => slack.workspace.pins.length > 0, PATIENT);
        await saidAfter(slack, ops);
        expect(cards(slack, ops)).toHaveLength(1);
        expect(slack.workspace.pins).toEqual([{ channel: ops, ts: cards(slack, ops)[0]?.ts }]);
        expect(cards(slack, ops)[0]?.text).toContain('INC-1 major, investigating: the shop is slow');
        two.child.kill('SIGTERM');
        await two.ended;
      },
    );

    test.each(['incident.moved', 'dispatch.committed', 'answer.sent'])(
      'at %s in the middle of an update, it is announced once',
      { timeout: 4 * PATIENT },
      async (point) => {
        const { slack, ops, holdfast } = await begin(engine);
        const zero = holdfast.start();
        await slack.until(() => slack.sockets.count() === 2, PATIENT);
        void slack.says('ada', slack.dm('ada'), 'incident open the shop is slow');
        const first = await slack.until(() => slack.workspace.pins.length > 0 && cards(slack, ops)[0], PATIENT);
        zero.child.kill('SIGTERM');
        await zero.ended;

        const one = holdfast.start({ HOLDFAST_CRASH_AT: point });
        await slack.until(() => slack.sockets.count() === 2, PATIENT);
        void slack.says('ada', slack.dm('ada'), 'incident identify It is the cable.');
        expect(await one.ended).toEqual({ code: null, signal: 'SIGKILL' });
        const two = holdfast.start();
        await slack.until(() => announced(slack, ops).length > 0, PATIENT);
        await slack.until(() => inThread(slack, ops, first.ts).length > 0, PATIENT);
        await slack.until(() => cards(slack, ops)[0]?.text.includes('identified'), PATIENT);
        await saidAfter(slack, ops);
        expect(announced(slack, ops)).toHaveLength(1);
        expect(inThread(slack, ops, first.ts)).toHaveLength(1);
        expect(slack.workspace.pins).toHaveLength(1);
        two.child.kill('SIGTERM');
        await two.ended;
      },
    );

    test.each(['incident.channel', 'answer.sent'])(
      'at %s while it gets a channel of its own, there is one, with one card',
      { timeout: 4 * PATIENT },
      async (point) => {
        const { slack, ops, holdfast } = await begin(engine, ', incident_channels: major');
        const one = holdfast.start({ HOLDFAST_CRASH_AT: point });
        await slack.until(() => slack.sockets.count() === 2, PATIENT);
        void slack.says('ada', slack.dm('ada'), 'incident open the shop is slow');
        expect(await one.ended).toEqual({ code: null, signal: 'SIGKILL' });
        const two = holdfast.start();
        const own = await slack.until(() => [...slack.workspace.channels.values()].find(({ topic }) => topic !== undefined), PATIENT);
        await slack.until(() => cards(slack, own.id).length > 0 && cards(slack, ops)[0]?.text.includes(own.id), PATIENT);
        await saidAfter(slack, ops);
        expect([...slack.workspace.channels.values()].filter(({ name }) => name.startsWith('inc-'))).toHaveLength(1);
        expect([cards(slack, own.id).length, cards(slack, ops).length]).toEqual([1, 1]);
        two.child.kill('SIGTERM');
        await two.ended;
      },
    );
  });
}

const said = (slack: FakeSlack, channel: string) => slack.sees('ada', channel).filter(({ by }) => by === 'holdfast');
const cards = (slack: FakeSlack, ops: string) => said(slack, ops).filter(({ buttons }) => buttons.includes('Story'));
const announced = (slack: FakeSlack, ops: string) => said(slack, ops).filter(({ thread, text }) => thread === undefined && text.includes('INC-1 Identified'));
const inThread = (slack: FakeSlack, ops: string, card: string) =>
  said(slack, ops).filter(({ thread, text }) => thread === card && text.includes('It is the cable.'));

/** What is asked last is answered last: by then nothing else is on its way. */
async function saidAfter(slack: FakeSlack, ops: string): Promise<void> {
  await slack.until(() => slack.sockets.count() === 2, PATIENT);
  await slack.types('ada', ops, '/ops help check');
  await slack.until(() => said(slack, ops).find(({ text }) => text.includes('Asks the hosts now')), PATIENT);
}

async function begin(engine: Engine, more = '') {
  const [running, slack] = await Promise.all([engine.start(), openFakeSlack()]);
  onTestFinished(async () => {
    await slack.close();
    await running.stop();
  });
  const ada = slack.user('ada');
  const ops = slack.channel('ops', ['ada']);
  const { databaseUrl, redisUrl } = running;
  const config = `${databaseUrl ? `database: { url: "${databaseUrl}" }\n` : ''}${redisUrl ? `redis: { url: "${redisUrl}" }\n` : ''}people: { ada: { role: operator, slack: ${ada} } }
channels: { ops: { slack: ${ops}, news: [incident]${more} } }
hosts: { web01: { address: 127.0.0.1, port: 1 } }
`;
  return { slack, ops, holdfast: holdfastProgram(slack, config) };
}
