import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Approving, approvalNeeded, mayApprove } from '../../src/rollout/approval.ts';
import { makePlan, type PlanInput } from '../../src/rollout/plan.ts';
import { defaults, foreseen, MIN, reboot, rosterFleet, seen, sketch } from './roster-fleet.ts';

const fleet = rosterFleet();
const reasons = (hosts: readonly string[], more: Partial<PlanInput> = {}): string[] =>
  makePlan(reboot(fleet, hosts, more)).rings.flatMap(({ approval }) => approval);
const webs = ['web01', 'web02', 'web03', 'web04', 'web05', 'web06'];

describe('a second person is asked', () => {
  test.each<[what: string, hosts: string[], more: Partial<PlanInput>, because: string[]]>([
    ['before production is disrupted', ['web01'], {}, ['disrupts production: web01']],
    ['before more than five hosts change', webs, { risk: 'change' }, ['6 hosts: 6 of the 6 of @web, more than 5 and 10 %']],
    ['before a hypervisor is touched', ['kvm01'], { risk: 'change' }, ['guests run on kvm01']],
    ['before the alert path is touched', ['mon01'], { risk: 'change' }, ['on the alert path: mon01']],
    ['when a program asks', ['web01'], { risk: 'change', asking: { by: 'puppet', source: 'automation' } }, ['automation asks, for 1 host']],
    ['before a cluster is touched', ['db01', 'db02'], { risk: 'change', groups: { db: { quorum: true } } }, ['databases: db[01-02]']],
    [
      'before what a script called a database primary is touched',
      ['db01', 'db02'],
      { risk: 'change', known: seen({ db01: { database: 'postgres standby' }, db02: { database: 'mysql primary' } }) },
      ['databases: db02'],
    ],
    ['before a database primary is touched', ['db01', 'db02'], { risk: 'change', known: seen({ db01: { database_primary: true } }) }, ['databases: db01']],
  ])('%s', (_, hosts, more, because) => {
    expect(reasons(hosts, more)).toEqual(because);
  });

  test('when automation fans out to hypervisors, with their number, however trivial each job looks', () => {
    const kvms = Array.from({ length: 12 }, (_, at) => `kvm${String(at + 1).padStart(2, '0')}`);
    expect(reasons(kvms, { risk: 'change', asking: { by: 'fc', source: 'automation' } })[0]).toBe('automation asks, for 12 hosts, of which 10 carry guests');
  });

  test('before a single host of the lab goes down that carries production', () => {
    const mixed = sketch([
      { name: 'kvm', ring: 'lab' },
      { name: 'shop', ring: 'prod', parent: 'kvm' },
    ]);
    expect(makePlan(reboot(mixed, ['kvm'])).rings[0]?.approval).toEqual(['disrupts production: kvm', 'guests run on kvm']);
  });

  test('for a host in no ring: nobody said that it matters less', () => {
    const bare = sketch([{ name: 'old' }]);
    expect(makePlan(reboot(bare, ['old'])).rings[0]?.approval).toEqual(['disrupts production: old']);
  });

  test('for each ring by itself', () => {
    const plan = makePlan(reboot(fleet, ['lab01', 'lab02', 'web01'], { byRings: true }));
    expect(plan.rings.map(({ name, approval }) => [name, approval])).toEqual([
      ['lab', []],
      ['prod', ['disrupts production: web01']],
    ]);
  });

  test('for a tenth of a large group only from there on', () => {
    const large = sketch(Array.from({ length: 100 }, (_, at) => ({ name: `h${at}`, ring: 'lab', site: `s${at}` })));
    const asked = (count: number): string[] => makePlan(reboot(large, [...large.hosts.keys()].slice(0, count))).rings[0]?.approval ?? [];
    expect(asked(10)).toEqual([]);
    expect(asked(11)).toEqual(['11 hosts: 11 of the 100 of @lab, more than 5 and 10 %']);
  });
});

describe('nobody is asked', () => {
  test.each<[what: string, hosts: string[], more: Partial<PlanInput>]>([
    ['in the safe direction, however many', [...fleet.hosts.keys()], { risk: 'change', safe: true }],
    ['to undo what one began oneself', webs, { mode: 'undo', of: 'R1', asking: { by: 'you', source: 'person', undoOfOwn: true } }],
    ['for one host that is not in production', ['lab01'], {}],
    ['for five hosts that go on serving', webs.slice(0, 5), { risk: 'change' }],
    [
      'to take a live patch off while a major incident is open',
      ['kvm01', 'kvm02'],
      { risk: 'change', containment: true, asking: { by: 'you', source: 'person', incident: 'INC-1' } },
    ],
  ])('%s', (_, hosts, more) => {
    expect(reasons(hosts, more)).toEqual([]);
  });

  test('to take a live patch off in an incident by automation, somebody is', () => {
    expect(reasons(['kvm01', 'kvm02'], { containment: true, asking: { by: 'fc', source: 'automation', incident: 'INC-1' } })).not.toEqual([]);
    expect(reasons(['kvm01', 'kvm02'], { containment: true })).not.toEqual([]);
  });

  test('for the hosts whose own step is safe: power on of those that are down', () => {
    const targets = ['kvm01', 'kvm02'].map((name) => ({
      host: reboot(fleet, [name]).targets[0]?.host as never,
      foreseen: foreseen({ ...(name === 'kvm01' && { safe: true }) }),
    }));
    expect(reasons(['kvm01', 'kvm02'], { targets })).toEqual(['disrupts production: kvm02', 'guests run on kvm02']);
    expect(approvalNeeded).toBeTypeOf('function');
  });
});

describe('who may approve', () => {
  const base: Approving = {
    reasons: ['disrupts production: kvm[01-12]'],
    run: 'R1',
    expression: '@kvm',
    requester: 'you',
    approver: 'ada',
    eligible: ['you', 'ada', 'pepe'],
    askedAt: 0,
    now: 2 * MIN,
    defaults,
  };
  const says = (more: Partial<Approving>): string => mayApprove({ ...base, ...more }).says;

  test('somebody else with the role on every host', () => {
    expect(mayApprove(base)).toEqual({ allowed: true, loud: false, says: 'ada approved R1, which you asked for' });
    expect(says({ approver: 'kim' })).toBe('kim may not approve R1: that needs the role operator on every host of it. ada or pepe can.');
  });

  test('not the one who asked, who is told who can and when the glass may be broken', () => {
    expect(says({ approver: 'you' })).toBe(
      'you asked for R1, so somebody else approves it. ada or pepe can. After 3 min 0 s without an answer you may break the glass, with a reason.'.replace(
        '3 min 0 s',
        '3 min',
      ),
    );
    expect(says({ approver: 'you', incident: 'INC-3' })).toContain('INC-3 is open, so you may break the glass of R1');
    expect(says({ approver: 'you', now: 6 * MIN })).toContain('Nobody has answered: you may break the glass');
  });

  test('not the shell of the machine, which could be the one who asked', () => {
    expect(says({ approver: 'console' })).toContain('console could be anybody with a shell here, you too');
  });

  test('the shell goes alone where the configuration names nobody who could', () => {
    const shell = { requester: 'console', approver: 'console', eligible: [] };
    expect(mayApprove({ ...base, ...shell, typed: '@kvm' })).toMatchObject({ allowed: true, loud: true, notBefore: 3 * MIN });
    expect(mayApprove({ ...base, ...shell }).allowed).toBe(false);
    expect(mayApprove({ ...base, ...shell, typed: '@kvm', eligible: ['ada'] }).allowed).toBe(false);
  });

  test('not after the request has ended', () => {
    expect(says({ now: 60 * MIN })).toContain('ended unanswered after 1 h: plan it again');
    expect(mayApprove({ ...base, now: 60 * MIN - 1 }).allowed).toBe(true);
  });

  test('nobody, where nobody has to be asked', () => {
    expect(says({ reasons: [] })).toBe("R1 needs nobody's approval");
  });

  describe('the glass', () => {
    const glass = { approver: 'you', breakGlass: { because: 'customers are down' } };

    test('is broken in a major incident, or after five minutes without an answer: one host at a time, and loudly', () => {
      expect(mayApprove({ ...base, ...glass, incident: 'INC-3' })).toEqual({
        allowed: true,
        breakGlass: true,
        atOnce: 1,
        loud: true,
        says: 'you BROKE THE GLASS for R1 (INC-3 is open): customers are down. 1 host at a time.',
      });
      expect(mayApprove({ ...base, ...glass, now: 5 * MIN - 1 }).allowed).toBe(false);
      expect(mayApprove({ ...base, ...glass, now: 5 * MIN })).toMatchObject({ allowed: true, atOnce: 1, loud: true });
    });

    test('is not broken early, without a reason, or by somebody who may not approve at all', () => {
      expect(says(glass)).toBe(
        'R1 was asked for 2 min ago. The glass is for an incident of severity major and up, or 5 min without an answer: in 3 min'.replace('2 min 0 s', '2 min'),
      );
      expect(mayApprove({ ...base, ...glass, incident: 'INC-3', breakGlass: { because: '  ' } }).allowed).toBe(false);
      expect(mayApprove({ ...base, ...glass, incident: 'INC-3', eligible: ['ada'] }).allowed).toBe(false);
    });
  });

  describe('in a team of one', () => {
    const alone = { approver: 'you', eligible: ['you'] };

    test('the name of the target is typed, and a minute passes', () => {
      expect(says(alone)).toBe('nobody else could approve R1. To do it alone, type its target: @kvm');
      expect(says({ ...alone, typed: '@web' })).toContain('type its target: @kvm, not "@web"');
      expect(mayApprove({ ...base, ...alone, typed: ' @KVM ' })).toMatchObject({ allowed: true, loud: true, notBefore: 3 * MIN });
    });

    test('typing it is no way round somebody else', () => {
      expect(mayApprove({ ...base, approver: 'you', typed: '@kvm' }).allowed).toBe(false);
    });
  });

  test('whoever asks and answers, the one who asked never goes alone, unhindered and unheard', () => {
    const people = fc.constantFrom('you', 'ada', 'pepe', 'kim', 'console');
    fc.assert(
      fc.property(
        fc.record({
          requester: people,
          approver: people,
          eligible: fc.uniqueArray(people, { maxLength: 4 }),
          now: fc.integer({ min: 0, max: 90 * MIN }),
          incident: fc.option(fc.constant('INC-1'), { nil: undefined }),
          typed: fc.option(fc.constantFrom('@kvm', 'yes'), { nil: undefined }),
          breakGlass: fc.option(fc.constantFrom({ because: 'fire' }, { because: '' }), { nil: undefined }),
        }),
        (asked) => {
          const answer = mayApprove({ ...base, ...asked } as Approving);
          if (!answer.allowed) return;
          expect(asked.now).toBeLessThan(60 * MIN);
          if (asked.eligible.length > 0) expect(asked.eligible).toContain(asked.approver);
          else expect([asked.requester, asked.approver]).toEqual(['console', 'console']);
          if (asked.approver !== asked.requester) return;
          expect(answer.loud).toBe(true);
          if (answer.breakGlass)
            expect([asked.incident !== undefined || asked.now >= 5 * MIN, asked.breakGlass?.because, answer.atOnce]).toEqual([true, 'fire', 1]);
          else expect([asked.eligible.filter((name) => name !== asked.requester), answer.notBefore]).toEqual([[], asked.now + MIN]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
