import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fleet } from '../../src/fleet/fleet.ts';
import type { Host } from '../../src/fleet/host.ts';
import type { Pace } from '../../src/jobs.ts';
import { hashPlan } from '../../src/rollout/hash.ts';
import { makePlan, type PlanInput } from '../../src/rollout/plan.ts';
import type { Plan } from '../../src/rollout/shapes.ts';
import { defaults, foreseen, type HostSketch, reboot, rosterFleet, seen, sketch, wavesIn } from './roster-fleet.ts';

const two = (n: number): string => String(n).padStart(2, '0');
const kvms = Array.from({ length: 12 }, (_, at) => `kvm${two(at + 1)}`);
const sizes = (plan: Plan): number[] => wavesIn(plan).map(({ length }) => length);

describe('reboot @kvm batch 2 in the sandbox', () => {
  const fleet = rosterFleet();
  const plan = makePlan(reboot(fleet, kvms, { batch: 2 }));

  test('goes in seven waves: one, then one of each site', () => {
    expect(sizes(plan)).toEqual([1, 2, 2, 2, 2, 2, 1]);
    for (const wave of wavesIn(plan)) expect(new Set(wave.map((name) => fleet.hosts.get(name)?.site)).size).toBe(wave.length);
  });

  test('a hypervisor claims itself as parent, its site twice, its pair and the pairs of its guests', () => {
    expect(plan.hosts.find(({ host }) => host === 'kvm04')?.claims.toSorted()).toEqual(
      ['run:R1', 'site:bne', 'hypervisors:bne', 'parent:kvm04', 'redundancy:kvm-pair2', 'redundancy:db-pair'].sort(),
    );
  });

  test('each budget that is claimed has its limit', () => {
    expect(plan.limits).toMatchObject({ 'run:R1': 2, 'site:bne': 2, 'hypervisors:mel': 1, 'parent:kvm01': 1, 'redundancy:web-pair1': 1 });
    for (const { claims } of plan.hosts) for (const claim of claims) expect(plan.limits[claim]).toBeGreaterThan(0);
  });

  test('guests that only a check has seen make it a hypervisor, too', () => {
    const known = seen(Object.fromEntries(kvms.map((name) => [name, { guests: ['vm-2001'] }])));
    const knowing = makePlan(reboot(fleet, kvms, { batch: 2, known }));
    expect(sizes(knowing)).toEqual([1, 2, 2, 2, 2, 2, 1]);
    expect(knowing.hosts.find(({ host }) => host === 'kvm06')?.claims).toContain('hypervisors:bne');
  });

  test('while hypervisors carry guests everybody waits as long as for those', () => {
    expect(plan.pace).toMatchObject({ soakCanary: defaults['soak.canary_parent'], soakWave: defaults['soak.wave_parent'] });
    const webs = makePlan(reboot(fleet, ['web01', 'web02']));
    expect(webs.pace).toMatchObject({ soakCanary: defaults['soak.canary'], soakWave: defaults['soak.wave'] });
  });
});

describe('waves', () => {
  const many = (count: number, more: Partial<HostSketch> = {}, sites = 4): Fleet =>
    sketch(Array.from({ length: count }, (_, at) => ({ name: `h${at}`, ring: 'lab', site: `s${at % sites}`, ...more })));
  const planned = (fleet: Fleet, more: Partial<PlanInput> = {}): Plan => makePlan(reboot(fleet, [...fleet.hosts.keys()], more));

  test('grow from one to two to five, or five percent where that is less', () => {
    expect(sizes(planned(many(100)))).toEqual([1, 2, ...Array.from({ length: 19 }, () => 5), 2]);
    expect(sizes(planned(many(79))).slice(0, 4)).toEqual([1, 2, 3, 3]);
  });

  test('a typed batch counts for every wave after the first ones, which stay small', () => {
    expect(sizes(planned(many(20), { batch: 8 })).slice(0, 3)).toEqual([1, 2, 8]);
    expect(sizes(planned(many(4), { batch: 1 }))).toEqual([1, 1, 1, 1]);
  });

  test('a typed batch raises nothing but the budget of the run itself', () => {
    const plan = planned(many(20, {}, 1), { batch: 10 });
    expect(Math.max(...sizes(plan))).toBe(defaults['batch.site']);
    expect(plan.limits).toMatchObject({ 'run:R1': 2, 'site:s0': 2 });
  });

  test('hosts of no site count as of one, for nobody knows better', () => {
    const plan = planned(many(20, { site: undefined }), { batch: 10 });
    expect(Math.max(...sizes(plan))).toBe(2);
  });

  test('a job that bounds nothing goes everywhere at once, in one wave, claiming only its run', () => {
    const pace: Pace = { first: [], soakCanary: 0, soakWave: 0, unbounded: true };
    const plan = makePlan(reboot(rosterFleet(), [...rosterFleet().hosts.keys()], { pace, risk: 'change', safe: true }));
    expect(plan.waves).toBe(1);
    expect(plan.hosts.every(({ claims }) => claims.join() === 'run:R1')).toBe(true);
  });

  test('each ring begins with one host, and goes by the size of the ring', () => {
    const fleet = sketch([
      ...Array.from({ length: 5 }, (_, at) => ({ name: `prod${at}`, ring: 'prod', site: `s${at}` })),
      ...Array.from({ length: 3 }, (_, at) => ({ name: `lab${at}`, ring: 'lab', site: `s${at}` })),
      { name: 'odd', site: 's9' },
    ]);
    const plan = planned(fleet, { byRings: true });
    expect(plan.rings.map(({ name, firstWave, lastWave }) => [name, firstWave, lastWave])).toEqual([
      ['lab', 0, 1],
      ['prod', 2, 5],
      ['', 6, 6],
    ]);
    for (const { firstWave } of plan.rings) expect(wavesIn(plan)[firstWave]).toHaveLength(1);
    expect(plan.rings.map(({ soakBefore, workingMorning }) => [soakBefore, workingMorning])).toEqual([
      [0, false],
      [defaults['soak.nonprod'], true],
      [defaults['soak.nonprod'], true],
    ]);
    expect(plan.hosts.every(({ host, ring }) => plan.rings[ring]?.name === (fleet.hosts.get(host)?.ring ?? ''))).toBe(true);
  });

  test('least precious first: plain hosts, clusters, what carries guests, and the alert path by itself', () => {
    const fleet = sketch(
      [
        { name: 'mon', ring: 'lab', site: 'a', alertPath: true },
        { name: 'hyper', ring: 'lab', site: 'b' },
        { name: 'etcd1', ring: 'lab', site: 'c' },
        { name: 'guest', ring: 'lab', site: 'd', parent: 'hyper' },
        { name: 'plain', ring: 'lab', site: 'e' },
      ],
      { etcd: ['etcd1'] },
    );
    expect(wavesIn(planned(fleet, { groups: { etcd: { quorum: true } }, batch: 9 }))).toEqual([['guest'], ['plain', 'etcd1'], ['hyper'], ['mon']]);
  });

  test('a group with its own number, and a cluster that keeps its quorum', () => {
    const fleet = sketch(
      Array.from({ length: 20 }, (_, at) => ({ name: `h${at}`, ring: 'lab', site: `s${at}` })),
      { web: Array.from({ length: 10 }, (_, at) => `h${at}`), etcd: Array.from({ length: 5 }, (_, at) => `h${at + 10}`), pair: ['h15', 'h16'] },
    );
    const groups = { web: { at_once: { share: 30 } }, etcd: { quorum: true, at_once: { hosts: 4 } }, pair: { quorum: true } };
    expect(planned(fleet, { groups, batch: 20 }).limits).toMatchObject({ 'group:web': 3, 'cluster:etcd': 2, 'cluster:pair': 1 });
    expect(planned(fleet, { groups: { etcd: { quorum: true } } }).limits['cluster:etcd']).toBe(defaults['batch.cluster']);
  });

  test('where one parent carries two of a cluster, it goes as if each took two', () => {
    const fleet = sketch(
      [
        { name: 'kvm1', site: 'a' },
        { name: 'kvm2', site: 'b' },
        ...Array.from({ length: 5 }, (_, at) => ({ name: `e${at}`, site: 'c', parent: at < 2 ? 'kvm1' : 'kvm2' })),
      ],
      { etcd: ['e0', 'e1', 'e2', 'e3', 'e4'] },
    );
    const groups = { etcd: { quorum: true, at_once: { hosts: 2 } } };
    // kvm2 carries three of five: whoever goes, goes alone.
    expect(planned(fleet, { groups }).limits['cluster:etcd']).toBe(1);
  });
});

test('a guest seen in two places, and one that seems to carry its own parent, are no reason to plan for ever', () => {
  const fleet = sketch([
    { name: 'a', site: 's' },
    { name: 'b', site: 's', parent: 'a' },
    { name: 'c', site: 's', parent: 'b' },
  ]);
  const known = seen({ a: { guests: ['b', 'c'] }, c: { guests: ['a'] } });
  const plan = makePlan(reboot(fleet, ['a', 'b', 'c'], { known }));
  expect(plan.hosts.every(({ claims }) => claims.includes('parent:a') && claims.includes('parent:b'))).toBe(true);
  expect(wavesIn(plan)).toHaveLength(3);
});

describe('what goes down with it', () => {
  test('the alert path, with a word about handing over', () => {
    const fleet = sketch([
      { name: 'kvm1', site: 'a' },
      { name: 'mon01', parent: 'kvm1', alertPath: true },
    ]);
    expect(makePlan(reboot(fleet, ['kvm1'])).hosts[0]?.notes).toEqual(['the alert path goes down with it: mon01; hand over first']);
    expect(makePlan(reboot(fleet, ['kvm1'], { risk: 'change' })).hosts[0]?.notes).toBeUndefined();
  });

  test('both members of a redundancy group, and the quorum of a cluster', () => {
    const fleet = sketch(
      [
        { name: 'kvm1' },
        { name: 'p1', parent: 'kvm1', redundancy: ['proxy'] },
        { name: 'p2', parent: 'kvm1', redundancy: ['proxy'] },
        { name: 'e1', parent: 'kvm1' },
        { name: 'e2' },
      ],
      { etcd: ['e1', 'e2'] },
    );
    expect(makePlan(reboot(fleet, ['kvm1'], { groups: { etcd: { quorum: true } } })).hosts[0]?.notes).toEqual([
      '2 of the 2 of @proxy go down with it: p[1-2]',
      '@etcd loses its quorum: 1 of its 2 go down with it (e1)',
    ]);
  });
});

describe('what is left out', () => {
  const fleet = rosterFleet();
  const targets = (skip: Record<string, { rule: string; because: string }>): PlanInput['targets'] =>
    kvms.map((name) => ({ host: fleet.hosts.get(name) as Host, foreseen: foreseen(), ...(skip[name] && { excluded: skip[name] }) }));

  test('stands in the plan with its rule, in no wave and with no claim', () => {
    const plan = makePlan(reboot(fleet, kvms, { targets: targets({ kvm02: { rule: 'E1', because: 'xen below 4.6' } }) }));
    expect(plan.hosts).toHaveLength(12);
    expect(plan.hosts.find(({ host }) => host === 'kvm02')).toMatchObject({ skip: { rule: 'E1', because: 'xen below 4.6' }, claims: [] });
    expect(plan.hosts.find(({ host }) => host === 'kvm02')).not.toHaveProperty('wave');
  });

  test('where that is everything the plan is refused, and says by which rules', () => {
    const all = Object.fromEntries(
      kvms.map((name, at) => [name, at < 6 ? { rule: 'E1', because: 'xen below 4.6' } : { rule: 'already', because: 'runs 6.1.0-41' }]),
    );
    expect(() => makePlan(reboot(fleet, kvms, { expression: '@kvm', targets: targets(all) }))).toThrow(
      'Nothing is left to do on @kvm: all 12 hosts are left out.\nkvm[01-06] by E1: xen below 4.6\nkvm[07-12] already: runs 6.1.0-41',
    );
  });
});

describe('the plan is frozen', () => {
  const fleet = rosterFleet();
  const plan = makePlan(reboot(fleet, kvms, { batch: 2 }));

  test('nobody changes it afterwards, and the database gives back the same', () => {
    expect(() => {
      (plan.hosts[0] as { does: string }).does = 'something else';
    }).toThrow(TypeError);
    expect(hashPlan(JSON.parse(JSON.stringify(plan)))).toBe(hashPlan(plan));
  });

  test('keys in another order are the same plan, hosts in another order are not', () => {
    expect(hashPlan(Object.fromEntries(Object.entries(plan).reverse()) as unknown as Plan)).toBe(hashPlan(plan));
    expect(hashPlan({ ...plan, hosts: [...plan.hosts].reverse() })).not.toBe(hashPlan(plan));
  });

  test('a pace without bounds survives the database', () => {
    const open = makePlan(reboot(fleet, kvms, { pace: { first: [1], soakCanary: 0, soakWave: 0, site: Number.POSITIVE_INFINITY } }));
    expect(hashPlan(JSON.parse(JSON.stringify(open)))).toBe(hashPlan(open));
    expect(open.limits['site:bne']).toBeGreaterThan(1000);
  });

  test('any value in it that changes changes the hash', () => {
    const leaves = leavesOf(plan);
    expect(leaves.length).toBeGreaterThan(150);
    const before = hashPlan(plan);
    for (const path of leaves) expect(hashPlan(changedAt(plan, path)), path.join('.')).not.toBe(before);
  });
});

describe('whatever the fleet', () => {
  const fleets = fc
    .array(
      fc.record({
        site: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
        ring: fc.option(fc.constantFrom('lab', 'nonprod', 'prod', 'other'), { nil: undefined }),
        parent: fc.option(fc.nat(5), { nil: undefined }),
        redundancy: fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 2 }),
        alertPath: fc.boolean(),
        cluster: fc.boolean(),
        skip: fc.integer({ min: 0, max: 5 }),
      }),
      { minLength: 1, maxLength: 40 },
    )
    .map((rows) => {
      const hosts = rows.map(({ site, ring, parent, redundancy, alertPath }, at) => ({
        name: `h${two(at)}`,
        redundancy: [...new Set(redundancy)],
        alertPath,
        ...(site && { site }),
        ...(ring && { ring }),
        // Parents stand before their guests, so nobody carries himself.
        ...(parent !== undefined && parent < at && { parent: `h${two(parent)}` }),
      }));
      const fleet = sketch(hosts, { etcd: hosts.filter((_, at) => rows[at]?.cluster).map(({ name }) => name) });
      return { fleet, skipped: new Set(hosts.filter((_, at) => at > 0 && rows[at]?.skip === 0).map(({ name }) => name)) };
    });
  const options = fc.record({
    batch: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    byRings: fc.boolean(),
    redundancy: fc.integer({ min: 1, max: 3 }),
    parent: fc.integer({ min: 1, max: 2 }),
  });
  const planOf = (
    { fleet, skipped }: { fleet: Fleet; skipped: Set<string> },
    { batch, byRings, redundancy, parent }: { batch?: number; byRings: boolean; redundancy: number; parent: number },
  ): Plan =>
    makePlan(
      reboot(fleet, [...fleet.hosts.keys()], {
        ...(batch !== undefined && { batch }),
        byRings,
        groups: { etcd: { quorum: true, at_once: { hosts: 3 } } },
        defaults: { ...defaults, 'batch.redundancy': redundancy, 'batch.parent': parent },
        targets: [...fleet.hosts.values()].map((host) => ({
          host,
          foreseen: foreseen(),
          ...(skipped.has(host.name) && { excluded: { rule: 'E1', because: 'so' } }),
        })),
      }),
    );

  test('no wave by itself exceeds a limit, each host goes once, a ring begins with one host, and the same input makes the same plan', () => {
    fc.assert(
      fc.property(fleets, options, (world, chosen) => {
        const plan = planOf(world, chosen);
        for (const wave of wavesIn(plan)) {
          expect(wave.length).toBeGreaterThan(0);
          const taken = new Map<string, number>();
          for (const name of wave)
            for (const claim of plan.hosts.find(({ host }) => host === name)?.claims ?? []) taken.set(claim, (taken.get(claim) ?? 0) + 1);
          for (const [budget, places] of taken) expect(places, budget).toBeLessThanOrEqual(plan.limits[budget] ?? 0);
        }
        const names = plan.hosts.map(({ host }) => host);
        expect([...names].sort()).toEqual([...world.fleet.hosts.keys()].sort());
        for (const { host, wave, skip } of plan.hosts) {
          expect(wave === undefined).toBe(world.skipped.has(host));
          expect(skip === undefined).toBe(!world.skipped.has(host));
        }
        const waves = plan.hosts.flatMap(({ wave }) => (wave === undefined ? [] : [wave]));
        expect(waves).toEqual([...waves].sort((a, b) => a - b));
        expect(plan.rings.map(({ firstWave }) => firstWave)).toEqual([0, ...plan.rings.slice(0, -1).map(({ lastWave }) => lastWave + 1)]);
        for (const { firstWave } of plan.rings) expect(wavesIn(plan)[firstWave]).toHaveLength(1);
        expect(hashPlan(planOf(world, chosen))).toBe(hashPlan(plan));
      }),
      { numRuns: 300 },
    );
  });

  test('no wave takes more members of a redundancy group or a cluster down, guests counted, than may be down', () => {
    fc.assert(
      fc.property(fleets, options, (world, chosen) => {
        const plan = planOf(world, chosen);
        const below = (name: string): string[] => [
          name,
          ...[...world.fleet.hosts.values()].filter(({ parent }) => parent === name).flatMap((guest) => below(guest.name)),
        ];
        for (const wave of wavesIn(plan)) {
          const down = new Set(wave.flatMap(below));
          const alone = Math.max(0, ...wave.map((name) => below(name).length));
          for (const [group, most] of [
            ['x', chosen.redundancy],
            ['y', chosen.redundancy],
            ['z', chosen.redundancy],
          ] as const) {
            const away = [...down].filter((name) => world.fleet.hosts.get(name)?.redundancy.includes(group)).length;
            // One host that carries more than may be down can only go alone.
            if (wave.length > 1 || alone === 1) expect(away === 0 || away <= most || onlyOne(wave, group)).toBe(true);
          }
        }
        function onlyOne(wave: string[], group: string): boolean {
          return wave.filter((name) => below(name).some((one) => world.fleet.hosts.get(one)?.redundancy.includes(group))).length === 1;
        }
      }),
      { numRuns: 200 },
    );
  });
});

type Path = (string | number)[];

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

function changedAt(plan: Plan, path: Path): Plan {
  const copy = structuredClone(plan) as unknown as Record<string, unknown>;
  let at = copy;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
  const last = path.at(-1) as string;
  const value = at[last];
  at[last] = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${String(value)}!`;
  return copy as unknown as Plan;
}
