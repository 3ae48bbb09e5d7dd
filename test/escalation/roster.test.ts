import { describe, expect, test } from 'vitest';
import { PolicyEntries } from '../../src/config/policies.ts';
import { answerersOf } from '../../src/escalation/answerers.ts';
import { type Recipient, rosterOf } from '../../src/escalation/roster.ts';
import { runbookSteps } from '../../src/escalation/runbook-steps.ts';
import { isAwake } from '../../src/escalation/standing.ts';
import { reachableOf, troublesOf } from '../../src/escalation/troubles.ts';
import type { Person } from '../../src/people.ts';
import { at, DAY, HOUR, PEOPLE, plan, service, standing } from './a-standing.ts';

/** 10:00 for Ada, 04:00 for Pepe, 18:00 for Kim. */
const NOW = at('2026-11-17T09:00Z');
const WEB: Recipient = { service: 'web' };
const weekly = plan({ people: ['pepe', 'kim'], every: 'week', handover: 'mon 09:00', start: '2026-11-16' });
const policy = (said: object) => PolicyEntries.parse({ one: said })['one'];
const named = (given: Parameters<typeof standing>[0], recipient: Recipient = WEB, moment = NOW) => {
  const roster = rosterOf(standing(given));
  return roster.steps(recipient).map(({ who }) => who.flatMap((one) => roster.named(one, recipient, moment)));
};

describe('who is asked after whom', () => {
  test('the owner, then each backup in turn', () => {
    expect(named({})).toEqual([['ada'], ['pepe'], ['kim']]);
  });

  test('whoever is on call goes before the owner', () => {
    expect(named({ services: [service({ roster: 'night' })], rosters: [weekly] })).toEqual([['pepe'], ['ada'], ['pepe'], ['kim']]);
  });

  test('a person’s page goes on to whoever stands behind them', () => {
    expect(named({}, { person: 'ada' })).toEqual([['ada'], ['pepe'], ['kim']]);
    expect(named({}, { person: 'kim' })).toEqual([['kim']]);
  });

  test('where nobody answers for it, everyone with the role at once', () => {
    expect(named({}, { role: 'operator' })).toEqual([['ada', 'pepe', 'kim']]);
    expect(named({}, { service: 'nosuch' })).toEqual([['ada', 'pepe', 'kim']]);
  });

  test('a policy’s steps are as written: backups one by one, a list at once, its times and its channels', () => {
    const said = policy({
      steps: [{ to: 'oncall', next: '15m' }, { to: 'backups', by: 'sms' }, { to: ['ada', 'role:operator'] }],
      critical: { steps: [{ to: 'everyone' }], again: '3m' },
      high: { sms: '4m' },
    });
    const given = { services: [service({ roster: 'night', ...(said && { policy: said }) })], rosters: [weekly] };
    expect(named(given)).toEqual([['pepe'], ['pepe'], ['kim'], ['ada', 'ada', 'pepe', 'kim']]);
    const roster = rosterOf(standing(given));
    expect(roster.steps(WEB).map(({ next, by }) => [next, by])).toEqual([
      [15 * 60_000, undefined],
      [undefined, ['sms']],
      [undefined, ['sms']],
      [undefined, undefined],
    ]);
    expect(roster.steps(WEB, 'critical').map(({ who }) => who.flatMap((one) => roster.named(one, WEB, NOW)))).toEqual([['pepe', 'ada', 'kim']]);
    expect([roster.times(WEB, 'high').sms, roster.times(WEB, 'critical').again, roster.times(WEB, 'low')]).toEqual([240_000, 180_000, {}]);
  });

  test('covers are followed, whoever is away is named and passed over with the reason', () => {
    const given = {
      covers: [{ by: 'kim', for: { person: 'ada' } as const, from: NOW, until: NOW + HOUR }],
      absences: [{ person: 'pepe', from: NOW, until: NOW + 3 * DAY, kind: 'said' as const, because: 'I am ill' }],
    };
    expect(named(given)).toEqual([['kim'], ['pepe'], ['kim']]);
    const roster = rosterOf(standing(given));
    expect(roster.away('pepe', NOW)).toBe('away until Fri 20 Nov 04:00 because I am ill');
    expect(roster.away('kim', NOW)).toBeUndefined();
    expect(named(given, WEB, NOW + HOUR)).toEqual([['ada'], ['pepe'], ['kim']]);
  });

  test('whoever took the service over is asked first, and those who answered for it come after; a page shows what oncall shows', () => {
    const given = { covers: [{ by: 'kim', for: { service: 'web' } as const, from: NOW, until: NOW + HOUR }] };
    expect(named(given)).toEqual([['kim'], ['ada'], ['pepe'], ['kim']]);
    expect(answerersOf(WEB, standing(given), NOW).ask.map(({ person }) => person)).toEqual(['kim', 'ada', 'pepe']);
    expect(named(given, WEB, NOW + HOUR)).toEqual([['ada'], ['ada'], ['pepe'], ['kim']]);
  });

  test('an owner who would rather sleep changes places with the first backup who is awake', () => {
    const people: Person[] = PEOPLE.map((person) => (person.name === 'pepe' ? { ...person, prefer: 'awake' } : person));
    const given = { people, services: [service({ owner: 'pepe', backups: ['ada', 'kim'] })] };
    expect(named(given)).toEqual([['ada'], ['pepe'], ['kim']]);
    // By day he is asked first.
    expect(named(given, WEB, at('2026-11-17T15:00Z'))).toEqual([['pepe'], ['ada'], ['kim']]);
    // Ada is away, and Kim is awake.
    expect(named({ ...given, absences: [{ person: 'ada', from: NOW, kind: 'said' }] })).toEqual([['kim'], ['ada'], ['pepe']]);
  });
});

describe('what oncall shows is who is asked', () => {
  test('in order, without those who are away, each with their own time', () => {
    const { ask, not } = answerersOf(WEB, standing({ absences: [{ person: 'ada', from: NOW, kind: 'said' }] }), NOW);
    expect(ask).toEqual([
      { person: 'pepe', why: 'backup', localTime: '04:00', awake: false },
      { person: 'kim', why: 'backup', localTime: '18:00', awake: true },
    ]);
    expect(not).toEqual([{ who: 'ada', because: 'is away' }]);
  });

  test('awake ones first where the service says so; whoever is on call agreed to be woken', () => {
    const order = (more: Parameters<typeof service>[0]) =>
      answerersOf(WEB, standing({ services: [service({ owner: 'pepe', backups: ['ada', 'kim'], prefer: 'awake', ...more })], rosters: [weekly] }), NOW).ask.map(
        ({ person }) => person,
      );
    expect(order({})).toEqual(['ada', 'kim', 'pepe']);
    expect(order({ roster: 'night' })).toEqual(['pepe', 'ada', 'kim']);
  });

  test('quiet hours are a person’s own, over midnight or not, or none', () => {
    const quiet = { from: 22 * 60, until: 7 * 60 };
    const zone = 'UTC';
    expect(isAwake({ zone }, at('2026-11-17T22:00Z'), quiet)).toBe(false);
    expect(isAwake({ zone }, at('2026-11-17T07:00Z'), quiet)).toBe(true);
    expect(isAwake({ zone, quiet: { from: 8 * 60, until: 16 * 60 } }, at('2026-11-17T12:00Z'), quiet)).toBe(false);
    expect(isAwake({ zone, quiet: 'none' }, at('2026-11-17T02:00Z'), quiet)).toBe(true);
  });
});

describe('what would let a page reach nobody', () => {
  const byMail = () => ['email' as const];
  const says = (given: Parameters<typeof standing>[0], reaches: Parameters<typeof troublesOf>[0]['reaches']) =>
    troublesOf({ standing: standing(given), reaches, now: NOW }).map((trouble) => trouble.says);

  test('fewer than two people who can be reached is bus factor 1', () => {
    const one = { services: [service({ backups: [] }), service({ name: 'shop', backups: [] })] };
    expect(says(one, () => ['email', 'sms'])).toEqual(['bus factor 1: only ada can be reached for web, shop']);
  });

  test('somebody without a channel counts for nobody, and is named', () => {
    const reaches = ({ name }: Person) => (name === 'ada' ? (['email', 'sms'] as const) : []);
    expect(says({}, reaches)).toEqual([
      'bus factor 1: only ada can be reached for web; pepe: no channel reaches them, kim: no channel reaches them',
      'no channel reaches pepe, who is to be asked for web',
      'no channel reaches kim, who is to be asked for web',
    ]);
  });

  test('one provider for all of them is one way for it to fail; SMS and calls are one provider, too', () => {
    expect(says({}, byMail)).toEqual(['everybody of web (ada, pepe, kim) is reached through the mail server alone: when that is down, a page reaches nobody']);
    expect(says({}, () => ['sms', 'voice'])).toEqual([expect.stringContaining('through Twilio alone')]);
    expect(says({}, ({ name }) => (name === 'kim' ? ['ntfy'] : ['email']))).toEqual([]);
  });

  test('gaps of two weeks are said; hours that are nobody’s by the rotation only where nobody stands behind it', () => {
    const both = () => ['email', 'sms'] as const;
    const hours = plan({ people: ['ada', 'pepe'], start: '2026-11-16', only: { days: 'weekdays', from: '09:00', until: '17:00' } });
    expect(says({ services: [service({ roster: 'night' })], rosters: [hours] }, both)).toEqual([]);
    const alone: Parameters<typeof standing>[0] = { services: [], rosters: [hours] };
    expect(says(alone, both)[0]).toBe('nobody is on call in the roster night: it is nobody’s turn');
    const away = {
      services: [service({ roster: 'night' })],
      rosters: [weekly],
      absences: [{ person: 'kim', from: NOW + 8 * DAY, until: NOW + 9 * DAY, kind: 'said' as const }],
    };
    const [trouble] = troublesOf({ standing: standing(away), reaches: both, now: NOW });
    expect(trouble).toMatchObject({ says: 'nobody is on call in the roster night: kim is away', from: NOW + 8 * DAY, tell: ['ada'] });
    // The same gap a day later is the same trouble.
    expect(troublesOf({ standing: standing(away), reaches: both, now: NOW + DAY })[0]?.key).toBe(trouble?.key);
  });

  test('whoever took the service over counts', () => {
    const given = standing({ services: [service({ backups: [] })], covers: [{ by: 'kim', for: { service: 'web' }, from: NOW, until: NOW + HOUR }] });
    expect(reachableOf(service({ backups: [] }), { standing: given, reaches: byMail, now: NOW }).reached).toEqual(['ada', 'kim']);
  });
});

describe('the first steps of a run book', () => {
  test('are its first numbered list, as plain words', () => {
    const book =
      '# Web\n\nWhat it is.\n\n- a list before\n\n## First\n\n1. Look at **the queue**: `queue status`\n   and wait a minute.\n2. [x] See [the wiki](https://wiki.example.org/web) and [below](#below)\n\n```\n1. rm -rf /\n```\n\n3) Ask Kim\n';
    expect(runbookSteps(book)).toEqual([
      'Look at the queue: queue status and wait a minute.',
      'See the wiki (https://wiki.example.org/web) and below',
      'Ask Kim',
    ]);
  });

  test('else its first list, else its first lines', () => {
    expect(runbookSteps('# Web\n\n- look\n- ask\n')).toEqual(['look', 'ask']);
    expect(runbookSteps('# Web\n\nRestart it.\nThen ask.\n')).toEqual(['Restart it.', 'Then ask.']);
    expect(runbookSteps('')).toEqual([]);
  });

  test('stand in what whoever is paged is told, with what not to do', () => {
    const runbook = { written: 'web.md', markdown: '1. Look\n' };
    expect(rosterOf(standing({ services: [service({ runbook, doNot: ['do not restart all'] })] })).runbook(WEB)).toEqual({
      steps: ['Look'],
      never: ['do not restart all'],
      where: 'web.md',
    });
    expect(rosterOf(standing()).runbook(WEB)).toBeUndefined();
  });

  test('a page knows whose hosts it is about', () => {
    const roster = rosterOf(standing({ services: [service(), service({ name: 'all', hosts: new Set(['web01', 'db01']) })] }));
    expect([roster.serviceOf(['web01']), roster.serviceOf(['web01', 'db01']), roster.serviceOf(['lab01'])]).toEqual(['web', 'all', undefined]);
  });
});
