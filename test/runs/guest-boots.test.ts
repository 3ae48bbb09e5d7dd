import { expect, test } from 'vitest';
import type { StepContext } from '../../src/jobs.ts';
import { guestBoots, guestDifferences } from '../../src/runs/guest-boots.ts';
import { fullHost, groupsOf } from './at-work.ts';

const hosts = [fullHost({ name: 'kvm01' }), fullHost({ name: 'web01', parent: 'kvm01' }), fullHost({ name: 'web02' }), fullHost({ name: 'db01' })];
const fleet = { hosts: new Map(hosts.map((host) => [host.name, host])), groups: groupsOf(hosts) };

/** `boots`: what each guest says; absent = it does not answer. */
const context = (boots: Record<string, string>, memory: Record<string, unknown> = {}) =>
  ({
    fleet,
    memory,
    scriptOn: async (host: string) =>
      boots[host] === undefined
        ? { reach: 'refused', detail: 'nobody there', ms: 1 }
        : { reach: 'ok', code: 0, stdout: `boot=${boots[host]}\nboot_id=${boots[host]}\nend=boot v1\n`, stderr: '', cut: false, ms: 1 },
  }) as unknown as StepContext<unknown>;

test('guests by the inventory and guests that were seen are remembered with their boots, and nobody else', async () => {
  const kvm = fleet.hosts.get('kvm01') as (typeof hosts)[number];
  expect(await guestBoots(kvm, context({ web01: 'a', web02: 'b', db01: 'c' }), { guests: ['web02', 'vm-4711'] })).toEqual({ web01: 'a', web02: 'b' });
});

test('a guest that was moved alive and booted meanwhile fails its parent; without a drain it is only told', async () => {
  const before = { web01: 'a', web02: 'b' };
  expect(await guestDifferences(context({ web01: 'a', web02: 'b' }, { drains: { kvm: 'done' } }), before)).toEqual([]);
  expect(await guestDifferences(context({ web01: 'z', web02: 'b' }, { drains: { kvm: 'done' } }), before)).toEqual([
    { what: 'guest web01 booted meanwhile', grave: true },
  ]);
  expect(await guestDifferences(context({ web01: 'z', web02: 'b' }), before)).toEqual([{ what: 'guest web01 booted meanwhile', grave: false }]);
});

test('a guest that is silent after the drain may still come back before it counts', async () => {
  expect(await guestDifferences(context({ web02: 'b' }, { drains: { kvm: 'done' } }), { web01: 'a', web02: 'b' })).toEqual([
    { what: 'guest web01 does not answer', grave: true, mayPass: true },
  ]);
});
