import { describe, expect, test } from 'vitest';
import { armRosterWatch } from '../../src/oncall/watch.ts';
import { SERVICES, team } from './a-team.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = { people: ['ada', 'pepe'], every: 'week', handover: 'mon 09:00', start: '2026-11-02', zone: 'Europe/Berlin' };

describe('oncall', { timeout: 90_000 }, () => {
  test('shows each service, who is first, who stands behind, and what time it is for them', async () => {
    const { said, json } = await team(SERVICES);
    const [shown] = await said('oncall');
    expect(shown).toContain('ada (10:00), kim (18:00) on call');
    expect(shown).toMatch(/web +ada 10:00 +no end +pepe 04:00 asleep, kim 18:00/);
    expect(shown).toMatch(/db +kim 18:00 +no end +ada 10:00/);
    expect(await json('oncall web')).toMatchObject({
      services: [
        {
          service: 'web',
          oncall: 'ada',
          until: null,
          people: [
            { person: 'ada', why: 'owner', local_time: '10:00', awake: true },
            { person: 'pepe', why: 'backup', local_time: '04:00', awake: false },
            { person: 'kim', why: 'backup', local_time: '18:00', awake: true },
          ],
        },
      ],
    });
  });

  test('with a roster shows until when, and who is next', async () => {
    const { said } = await team({ services: { web: { owner: 'kim', roster: 'week' } }, rosters: { week: WEEK } });
    const [shown] = await said('oncall web');
    expect(shown).toMatch(/^✓ web: ada on call \(10:00 for her\)/);
    // Handover on Monday at 09:00 in Berlin.
    expect(shown).toContain('until Mon 23 Nov 08:00: ada');
    expect(shown).toContain('until Mon 30 Nov 08:00: pepe');
    expect((await said('oncall week'))[0]).toMatch(/^✓ the roster week: ada/);
  });

  test('prefer: awake asks whoever is awake first, and says when that changes', async () => {
    const { said } = await team({ services: { web: { owner: 'pepe', backups: ['ada', 'kim'], prefer: 'awake' } } });
    const [shown] = await said('oncall web');
    expect(shown).toContain('web: ada on call (10:00 for her)');
    // At 07:00 in Lima it is day for the owner.
    expect(shown).toContain('until 12:00: ada');
  });

  test('what nobody has heard of is refused with the nearest name', async () => {
    const { said } = await team(SERVICES);
    expect((await said('oncall wbe'))[0]).toContain('There is no service, roster or person "wbe". Did you mean web?');
  });
});

describe('the status', { timeout: 90_000 }, () => {
  test('says who is on call', async () => {
    const { said } = await team({ services: { web: { owner: 'ada', backups: ['pepe', 'kim'] } } });
    expect((await said('status'))[0]?.split('\n')[0]).toBe('✓ 2 hosts, none asked yet · ada on call (10:00 for her)');
  });

  test('says that too few can be reached', async () => {
    const { said } = await team({ services: { web: { owner: 'ada' } } });
    const [shown] = await said('status');
    expect(shown).toMatch(/^! /);
    expect(shown).toContain('bus factor 1: only ada can be reached for web');
  });
});

describe('away and back', { timeout: 90_000 }, () => {
  test('whoever stands behind is asked, and is told', async () => {
    const { said, events } = await team(SERVICES);
    const shown = await said('away for 3d because I am on a boat', 'kim');
    // An admin and the owner hear that db has one person left.
    expect(shown.find((text) => text.startsWith('you: '))).toContain('bus factor 1: only ada can be reached for db; kim: away');
    expect(shown.find((text) => text.startsWith('pepe: '))).toMatch(/kim is away until Fri 20 Nov 18:00 Asia\/Seoul \(in 3 d\) because I am on a boat/);
    const answer = shown.at(-1) as string;
    expect(answer).toContain('! kim is away until Fri 20 Nov 18:00');
    expect(answer).toContain('db: ada is asked first (10:00 there), and nobody behind them');
    expect((await said('oncall'))[0]).toMatch(/db +ada 10:00/);
    const [home] = await said('back', 'kim');
    expect(home).toContain('kim is back\nasked first for db');
    expect((await events('oncall')).map(({ type, by }) => [type, by])).toEqual([
      ['away', 'kim'],
      ['back', 'kim'],
    ]);
  });

  test('ends by itself at its time', async () => {
    const { said, pass } = await team(SERVICES);
    await said('away until 12:00', 'ada');
    expect((await said('oncall web'))[0]).toContain('web: pepe on call');
    await pass(4 * HOUR);
    expect((await said('oncall web'))[0]).toContain('web: ada on call');
  });

  test('the only one there is may go, and that is said to the admins', async () => {
    const { said } = await team({ services: { web: { owner: 'ada' } } });
    const shown = await said('away', 'ada');
    expect(shown.find((text) => text.startsWith('you: '))).toContain('bus factor 0: nobody can be reached for web; ada: away');
    expect(shown.at(-1)).toContain('web: nobody is left. A page asks everyone with the role until somebody answers');
  });

  test('of somebody else only an operator may say it', async () => {
    const { said } = await team(SERVICES, [
      { name: 'ben', display: 'Ben', roles: [{ role: 'known' }], zone: 'UTC' },
      { name: 'ada', display: 'Ada', roles: [{ role: 'operator' }], zone: 'UTC' },
    ]);
    expect((await said('away ada for 1d', 'ben'))[0]).toContain('takes an operator');
    expect((await said('away ben for 1d', 'ada')).at(-1)).toContain('ben is away until');
  });
});

describe('cover', { timeout: 90_000 }, () => {
  test('whoever covers is asked instead, and the other hears of it', async () => {
    const { said, json } = await team(SERVICES);
    const shown = await said('cover ada until 18:00', 'pepe');
    expect(shown[0]).toMatch(/^ada: pepe covers ada until Tue 17 Nov 18:00 UTC/);
    expect((await json('oncall web')).services).toMatchObject([{ oncall: 'pepe', people: [{ person: 'pepe', instead_of: 'ada' }, { person: 'kim' }] }]);
    expect((await said('back', 'ada'))[0]).toMatch(/^pepe: ada is back: you cover no longer/);
    expect((await json('oncall web')).services).toMatchObject([{ oncall: 'ada' }]);
  });

  test('of a roster fills the gap that somebody leaves who is away', async () => {
    const { said } = await team({ services: { web: { owner: 'kim', roster: 'week' } }, rosters: { week: WEEK } });
    const [told] = (await said('away for 2d', 'ada')).filter((text) => text.startsWith('kim: '));
    expect(told).toContain('nobody is on call in the roster week: ada is away');
    await said('cover week until fri 12:00', 'pepe');
    expect((await said('oncall web'))[0]).toContain('web: pepe on call (04:00 for him)');
  });

  test('needs an end, somebody else, and somebody who is there', async () => {
    const { said } = await team(SERVICES);
    expect((await said('cover ada', 'pepe'))[0]).toContain('Until when?');
    expect((await said('cover pepe for 1h', 'pepe'))[0]).toContain('You are yourself');
    expect((await said('cover adda for 1h', 'pepe'))[0]).toContain('There is no person, service or roster "adda". Did you mean "ada"?');
    await said('away for 1d', 'pepe');
    expect((await said('cover ada for 1h', 'pepe'))[0]).toContain('You are away until');
  });
});

describe('each morning', { timeout: 90_000 }, () => {
  test('what would let a page reach nobody is told once to the owner and the admins, and again only when it was well in between', async () => {
    const { db, clock, shown, pass, said } = await team({ services: { web: { owner: 'ada', backups: ['pepe'], roster: 'week' } }, rosters: { week: WEEK } });
    await db.query(`insert into aways (person, begun, until, by) values ('pepe', '2026-11-24T00:00Z', '2026-11-25T00:00Z', 'pepe')`);
    await armRosterWatch(db, clock.now(), 'UTC');
    await pass(DAY);
    const told = shown.map((text) => text.replace(/ by dm \(id \w+\)/, '').split('\n')[0]);
    // Said a week ahead, each in their own time.
    expect(told).toEqual([
      'to you: ! Tue 24 Nov 00:00 UTC: nobody is on call in the roster week: pepe is away',
      'to ada: ! Tue 24 Nov 01:00 Europe/Berlin: nobody is on call in the roster week: pepe is away',
    ]);
    await pass(3 * DAY);
    expect(shown).toHaveLength(2);
    await said('cover week from 2026-11-24 00:00 until 2026-11-25 00:00', 'ada');
    await pass(DAY);
    expect(await db.query(`select * from roster_problems`)).toEqual([]);
  });
});
