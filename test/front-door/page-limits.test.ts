import { expect, onTestFinished, test } from 'vitest';
import type { SettableClock } from '../../src/lib/clocks.ts';
import { holdfastOn } from '../fake/slack/holdfast.ts';
import { openFakeSlack } from '../fake/slack/open.ts';

const MINUTE = 60_000;
const PATIENT = 90_000;

/** In front of a whole Holdfast in Slack: ada who is paged, kim who has no role, and eve whom nobody here knows. */
test('somebody without a role pages three times an hour and a stranger once, also all at once; the next is refused with when it is possible, and nothing of it is written', {
  timeout: 240_000,
}, async () => {
  const slack = await openFakeSlack();
  onTestFinished(() => slack.close());
  const [ada, kim] = [slack.user('ada'), slack.user('kim')];
  slack.user('eve');
  const ops = slack.channel('ops', ['ada', 'kim', 'eve']);
  const holdfast = await holdfastOn(
    slack,
    `people: { ada: { role: operator, slack: ${ada} }, kim: { slack: ${kim} } }
channels: { ops: { slack: ${ops} } }
hosts: { web01: { address: 127.0.0.1, port: 1 } }
`,
  );
  await slack.until(() => slack.sockets.count() === 2, PATIENT);
  const refused = (person: string) =>
    slack
      .sees(person, ops)
      .filter(({ by, text }) => by === 'holdfast' && text.includes('the next is possible in'))
      .map(({ text }) => text);
  const asked = () => slack.sees('ada', slack.dm('ada')).flatMap(({ by, text }) => (by === 'holdfast' ? (/PG\d+: \w+ says \d/.exec(text)?.[0] ?? []) : []));
  const written = async () => {
    const [row] = await holdfast.ops.records.query<Record<string, number>>(
      `select (select count(*) from pages)::int as pages, (select count(*) from events where type = 'asked')::int as events,
              (select count(*) from timers where kind = 'page')::int as timers, (select count(distinct page) from page_attempts)::int as tried`,
    );
    return row;
  };

  await Promise.all([1, 2, 3, 4, 5].map((n) => slack.types('kim', ops, `/ops page ada "kim says ${n}"`)));
  await Promise.all([1, 2].map((n) => slack.types('eve', ops, `/ops page ada "eve says ${n}"`)));
  await slack.until(() => new Set(asked()).size === 4 && refused('ada').length === 3, PATIENT);
  expect(refused('ada').filter((text) => /3 pages an hour for somebody without a role: the next is possible in (?:60 min|59 min|1 h)/.test(text))).toHaveLength(
    2,
  );
  expect(
    refused('ada').filter((text) => /One page an hour for somebody nobody here knows: the next is possible in (?:60 min|59 min|1 h)/.test(text)),
  ).toHaveLength(1);
  expect(asked().filter((text) => text.includes('kim says'))).toHaveLength(3);
  expect(asked().filter((text) => text.includes('eve says'))).toHaveLength(1);
  expect(await written()).toEqual({ pages: 4, events: 4, timers: 4, tried: 4 });

  const clock = holdfast.ops.clock as SettableClock;
  clock.jumpTo(clock.now() + 61 * MINUTE);
  await slack.types('eve', ops, '/ops page ada "eve says 3"');
  await slack.until(() => asked().some((text) => text.includes('eve says 3')), PATIENT);
  await slack.types('eve', ops, '/ops page ada "eve says 4"');
  await slack.until(() => refused('ada').length === 4, PATIENT);
  expect(await written()).toMatchObject({ pages: 5, events: 5 });
  expect(slack.violations).toEqual([]);
});
