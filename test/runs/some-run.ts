import type { Card } from '../../src/chat/card.ts';
import { renderText } from '../../src/chat/text.ts';
import type { Host } from '../../src/fleet/host.ts';
import { powerOffer } from '../../src/fleet/power/offer.ts';
import type { PlannedHost, Prediction } from '../../src/rollout/shapes.ts';
import type { Told } from '../../src/runs/card-words.ts';
import type { ShownHost, ShownRun } from '../../src/runs/load.ts';
import type { RunRow } from '../../src/runs/rows.ts';

export const NOW = Date.UTC(2026, 10, 20, 13, 0);
export const MINUTE = 60_000;

/** kvm05 has a BMC, the others have none. */
const WITH_POWER = {
  config: { power: { bmc: { hosts: 'kvm05', virsh: { on: 'kvm01', domain: '{host}', uri: 'qemu:///system' } } } },
  fleet: { hosts: new Map([['kvm05', { name: 'kvm05' } as Host]]), groups: new Map<string, string[]>() },
};

export const told = (more: Partial<Told & { expires: number }> = {}): Told & { expires: number } => ({
  now: NOW,
  zone: 'UTC',
  approvers: ['ada', 'pepe'],
  undoable: false,
  powerOf: (host) => powerOffer(host, WITH_POWER),
  expires: 60 * MINUTE,
  ...more,
});

const prediction: Prediction = {
  p50: 38 * MINUTE,
  p95: 70 * MINUTE,
  basis: '11 runs of this class; evacuation included; floor 15 min',
  host: { hypervisor: { p50: 4 * MINUTE, p95: 6 * MINUTE, from: 11 } },
};

export const kvm = (n: number): string => `kvm${String(n).padStart(2, '0')}`;

/** `reboot @kvm batch 2` over so many hypervisors, as its row stands before anybody said yes. */
export function someRun(size = 12, more: Partial<RunRow> = {}): RunRow {
  const waves = Math.ceil((size - 1) / 2) + 1;
  return {
    id: 'R1',
    job: 'reboot',
    state: 'planned',
    rev: 1,
    plan: {
      job: 'reboot',
      params: {},
      expression: '@kvm',
      mode: 'do',
      risk: 'disrupt',
      containment: false,
      safe: false,
      compare: true,
      rings: [
        {
          name: '',
          firstWave: 0,
          lastWave: waves - 1,
          approval: ['disrupts production: kvm01 and 11 more', 'guests run on kvm01 and 11 more'],
          soakBefore: 0,
          workingMorning: false,
        },
      ],
      waves,
      limits: { 'run:R1': 2, 'site:bne': 2 },
      pace: { first: [1, 2], hosts: 5, share: 5, soakCanary: 2 * MINUTE, soakWave: 2 * MINUTE },
      thresholds: { lost: 1, failed: 2, unverified: 3 },
    },
    hash: 'abc',
    prediction,
    by: 'you',
    owner: 'you',
    place: {},
    because: null,
    size,
    wave: 0,
    approvals: {},
    forgiven: {},
    said: [],
    at_once: null,
    waiting: null,
    halted: null,
    incident: null,
    planned_at: new Date(NOW - 5 * MINUTE),
    asked_at: null,
    due: null,
    begun_at: null,
    wave_ended: null,
    ring_ended: null,
    ended: null,
    ...more,
  };
}

export const plannedHosts = (size: number): PlannedHost[] =>
  Array.from({ length: size }, (_, n) => ({
    host: kvm(n + 1),
    ring: 0,
    wave: Math.ceil(n / 2),
    claims: ['run:R1', 'site:bne'],
    does: `drain ${n % 3} guests, reboot into 6.1.0-41`,
    class: 'hypervisor',
  }));

export const shown = (run: RunRow, more: Partial<ShownRun> = {}): ShownRun => ({ run, counts: {}, open: [], exceptions: [], next: [], ...more });

export function shownHost(host: string, more: Partial<ShownHost> = {}): ShownHost {
  return {
    host,
    wave: 1,
    state: 'going',
    phase: 'verify',
    outcome: null,
    detail: null,
    waiting_for: null,
    started: new Date(NOW - 3 * MINUTE),
    finished: null,
    ended: null,
    class: 'hypervisor',
    does: 'drain 3 guests, reboot',
    ...more,
  };
}

/** What somebody reads on a phone: lines of 45 characters. */
export function onPhone(card: Card): string[] {
  return renderText(card, { width: 45 })
    .split('\n')
    .flatMap((line) => line.match(/.{1,45}(?:\s|$)|\S{45}/g) ?? ['']);
}
