import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { jobs } from '../../jobs/index.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { directory, type Person } from '../../src/people.ts';
import { changeJobs } from '../../src/rooms.ts';
import { atWork, PEOPLE } from './at-work.ts';

const CI = { ci: { key: 'a-key-of-more-than-24-characters', role: 'operator' } };
const HOSTS = [
  { name: 'web01', site: 'bne', ring: 'prod' },
  { name: 'web02', site: 'bne', ring: 'prod' },
  { name: 'web03', site: 'mel', ring: 'prod' },
  { name: 'lab01', site: 'mel', ring: 'lab' },
];

/** Every verb there is, over jobs that plan and never begin; one of it is `shake`, of the test. */
async function everyVerb(people: Person[] = PEOPLE) {
  const world = await atWork({ hosts: HOSTS, people, config: { automation: CI } as unknown as Partial<ConfigInput> });
  const shake = world.ops.commands().find(({ name }) => name === 'shake');
  const known = changeJobs([...jobs.filter((job) => job.risk !== 'read'), world.ops.job('shake')]);
  Object.assign(world.ops, { commands: () => [...commands, shake], job: known });
  // As the real one: lifted by what is written, not by what is answered.
  const { lift } = world.ops.stop;
  Object.assign(world.ops.stop, {
    lift: () => ({
      write: async () => {
        lift();
        return undefined;
      },
    }),
  });
  return { ...world, lift };
}

/** How a line ends that is refused for who types it, and not for what it says. */
const FOR_WHO = /needs the role|is for people|acts on everything|may not approve|somebody else approves|a person ends it/;

describe('who may type what', () => {
  const WHO = ['ben', 'kim', 'ada', 'you', 'machine:ci', 'mallory'];
  // ben looks only, kim is operator on @mel, ada operator, you admin, machine:ci a program with the role operator, mallory nobody. R1 is over web01 and web02 in bne.
  const TABLE: [line: string, may: string[]][] = [
    ['stop R1', ['ben', 'kim', 'ada', 'you', 'machine:ci']],
    ['go R1', ['ada', 'you']],
    ['go R1 retry', ['ada', 'you']],
    ['go R1 on web01', ['ada', 'you']],
    ['take R1', ['ada', 'you']],
    ['undo R1', ['ada', 'you', 'machine:ci']],
    ['undo E1', ['ada', 'you']],
    ['exclude web01 from job reboot because x', ['ada', 'you', 'machine:ci']],
    ['exclude @all where xen < 4.6 from job reboot because x', ['ada', 'you', 'machine:ci']],
    ['exclude web03 from job reboot because x', ['kim', 'ada', 'you', 'machine:ci']],
    ['pause updates web01 plan', ['ada', 'you', 'machine:ci']],
    ['pause updates web03 plan', ['kim', 'ada', 'you', 'machine:ci']],
    ['pause updates web01,web03 plan', ['ada', 'you', 'machine:ci']],
    ['resume updates web01 plan', ['ada', 'you', 'machine:ci']],
    ['reboot web01 plan', ['ada', 'you', 'machine:ci']],
    ['reboot @all plan', ['ada', 'you', 'machine:ci']],
    ['reboot @R1 plan', ['ada', 'you', 'machine:ci']],
    ['patch web01 plan', ['ada', 'you', 'machine:ci']],
    ['policy updates web01 window 01:00-03:00 plan', ['ada', 'you', 'machine:ci']],
    ['unload kernelcare web01 plan', ['ada', 'you', 'machine:ci']],
    ['power off web01 plan', ['ada', 'you', 'machine:ci']],
    ['power cycle web01 plan', ['ada', 'you', 'machine:ci']],
    ['script any web01', ['kim', 'ada', 'you', 'machine:ci']],
    ['lend slot web01', ['ada', 'you']],
    ['release slot web01 because x', ['you']],
    ['release slot gone99 because x', ['you']],
    ['incident note "by hand" on web01', ['ada', 'you']],
    ['stop because x', ['ben', 'kim', 'ada', 'you', 'machine:ci']],
    ['go', ['ada', 'you']],
    ['show calendar', ['ben', 'kim', 'ada', 'you', 'machine:ci']],
    ['show runs', ['ben', 'kim', 'ada', 'you', 'machine:ci']],
  ];

  test('nobody beyond their role, their scope, or what a machine may ask', async () => {
    const world = await everyVerb();
    await world.type('shake web01,web02');
    await world.type('exclude web02 from job reboot because its disk is copied');
    const found: [string, string[]][] = [];
    for (const [line] of TABLE) {
      const may: string[] = [];
      for (const who of WHO) {
        // Lifting the stop ends it for the next: it stands for each.
        if (line === 'go') world.ops.stop.set('you');
        const before = world.shown.length;
        await world.type(line, who);
        if (!FOR_WHO.test(world.shown.slice(before).join('\n'))) may.push(who);
        if (line === 'go' && !may.includes(who)) expect(world.ops.stop.state().stopped).toBe(true);
      }
      world.lift();
      found.push([line, may]);
    }
    expect(found).toEqual(TABLE);
  });
});

describe('who may approve', () => {
  test('is told what would be done, to whom, and for whom', async () => {
    const world = await everyVerb();
    const { foresee } = world.ops.job('shake');
    Object.assign(world.ops.job('shake'), {
      foresee: (...asked: Parameters<typeof foresee>) => ({
        ...foresee(...asked),
        ...(asked[0].name === 'web02' && { notes: ['its guest goes down with it'] }),
      }),
    });
    await world.type('shake web01,web02 because the "kernel" is old');
    await world.pass(1000);
    expect(world.shown.find((text) => text.startsWith('to ada'))?.split('\n')).toEqual([
      expect.stringMatching(/R1 waits for your approval: shake web01,web02, 2 hosts$/),
      '  asked by you, because the "kernel" is old',
      '  web[01-02]: shake it',
      '  web02: its guest goes down with it',
      expect.stringMatching(/^ {2}at most 1 at once, predicted /),
      '  a second person is needed: disrupts production: web[01-02]',
      expect.stringMatching(/^ {4}\/ops approve R1 plan [0-9a-f]{8} {3}\[Approve\]$/),
      '    /ops show R1   [Look]',
      '    /ops stop R1   [Stop]',
    ]);
  });

  test('another person with the role on every host: not who asked, not a part of it, no machine, no shell', async () => {
    const world = await everyVerb();
    await world.type('shake web01,web02');
    await world.type('shake web01,web03');
    await world.type('shake web03');
    const no: [run: string, who: string][] = [
      ['R1', 'you'],
      ['R1', 'ben'],
      ['R1', 'kim'],
      ['R1', 'machine:ci'],
      ['R1', 'mallory'],
      ['R1', 'console'],
      ['R2', 'kim'],
    ];
    for (const [run, who] of no)
      expect([run, who, await world.type(`approve ${run}`, who), (await world.run(run)).state]).toEqual([run, who, 'refused', 'planned']);
    expect(world.acted).toEqual([]);
    expect(await world.type('approve R3', 'kim')).toBe('ok');
    expect(await world.type('approve R1', 'ada')).toBe('ok');
  });

  test('of a run by rings, who has the role on the ring that waits, as they were asked', async () => {
    const lee: Person = { name: 'lee', display: 'Lee', roles: [{ role: 'operator', scope: '@prod' }], zone: 'UTC' };
    const kim: Person = { name: 'kim', display: 'Kim', roles: [{ role: 'operator', scope: '@lab' }], zone: 'UTC' };
    const world = await everyVerb([...PEOPLE.filter(({ name }) => name === 'you'), lee, kim]);
    await world.type('shake @all by rings');
    expect(world.shown.some((text) => text.startsWith('to lee') && text.includes('approve R1'))).toBe(true);
    expect(world.shown.some((text) => text.startsWith('to kim'))).toBe(false);
    expect(await world.type('approve R1', 'kim')).toBe('refused');
    expect(await world.type('approve R1', 'lee')).toBe('ok');
    expect((await world.run()).waiting?.for).toBe('ring soak');
  });

  test('not who lost the role, or left, since they were asked', async () => {
    const people = PEOPLE.map((person) => ({ ...person }));
    const world = await everyVerb(people);
    await world.type('shake web01,web02');
    (people.find(({ name }) => name === 'ada') as Person).roles = [{ role: 'known' }];
    expect(await world.type('approve R1', 'ada')).toBe('refused');
    people.splice(
      people.findIndex(({ name }) => name === 'ada'),
      1,
    );
    expect(await world.type('approve R1', 'ada')).toBe('refused');
    expect(world.acted).toEqual([]);
  });

  test('both logins of one person are that person', () => {
    const people = [{ ...(PEOPLE[0] as Person), logins: ['root-you', 'you'] }];
    const { ofLogin } = directory(() => people);
    expect([ofLogin('you'), ofLogin('root-you'), ofLogin('somebody')]).toEqual(['you', 'you', 'console']);
  });

  test('nothing else than what was shown, and nothing that is no longer what was frozen', async () => {
    const tampered: [what: string, sql: string][] = [
      [
        'a host was put in',
        `insert into run_hosts (run, host, stamp, position, ring, wave, planned) select run, 'web03', stamp, 9, ring, wave, planned from run_hosts where host = 'web01' and run = `,
      ],
      ['a host was taken out', `delete from run_hosts where host = 'web02' and run = `],
      ['a host is another', `update run_hosts set host = 'web03' where host = 'web02' and run = `],
      ['other words', `update run_hosts set planned = planned || '{"does": "nothing at all"}' where host = 'web02' and run = `],
      ['another wave', `update run_hosts set planned = planned || '{"wave": 0}' where run = `],
      ['other limits', `update runs set plan = jsonb_set(plan, '{limits}', '{}') where id = `],
      ['other parameters', `update runs set plan = jsonb_set(plan, '{params}', '{"hard": true}') where id = `],
      ['nobody to ask', `update runs set plan = jsonb_set(plan, '{rings,0,approval}', '["nothing much"]') where id = `],
    ];
    const world = await everyVerb();
    for (const [at, [what, sql]] of tampered.entries()) {
      await world.type('shake web01,web02');
      await world.db.tx((tx) => tx.query(`${sql}'R${at + 1}'`));
      expect([what, await world.type(`approve R${at + 1}`, 'ada')]).toEqual([what, 'refused']);
      expect(world.shown.at(-1)).toContain('not what was frozen');
    }
    await world.type('shake web01,web02');
    const last = `R${tampered.length + 1}`;
    expect(await world.type(`approve ${last} plan 00000000`, 'ada')).toBe('refused');
    expect(world.acted).toEqual([]);
    const [row] = await world.db.query<{ hash: string }>(`select hash from runs where id = $1`, [last]);
    expect(await world.type(`approve ${last} plan ${row?.hash.slice(0, 8)}`, 'ada')).toBe('ok');
  });
});
