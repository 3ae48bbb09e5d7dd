import { describe, expect, test } from 'vitest';
import { power } from '../../commands/power.ts';
import type { Command } from '../../src/chat/command.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import type { Ops } from '../../src/ops.ts';
import { hostAt } from '../fleet/ssh/hosts.ts';

const kvm05 = hostAt({ address: '::1', port: 22 }, { name: 'kvm05' });
const kvm06 = hostAt({ address: '::1', port: 22 }, { name: 'kvm06' });
const hosts = [kvm05, kvm06];
const actor = { name: 'ada', display: 'Ada', roles: [{ role: 'operator' as const }], zone: 'UTC' };
const place = { platform: 'terminal' as const, channel: 'c', zone: 'UTC' };

const ops = (more: { going?: object[]; classes?: string } = {}) =>
  ({
    config: () => ConfigSchema.parse({ power: { strip: { hosts: more.classes ?? 'kvm05', command: { status: ['true'] } } } }),
    fleet: () => ({ hosts: new Map(hosts.map((host) => [host.name, host])), groups: new Map() }),
    targets: async (expression: string) => ({ expression, hosts: hosts.filter(({ name }) => expression.includes(name)) }),
    known: async () => new Map(),
    records: { query: async () => more.going ?? [] },
    read: (_job: unknown, params: unknown) => ({ json: params }),
  }) as unknown as Ops;
const command = (name: string): Command => power.find((one) => one.name === `power ${name}`) as Command;
const type = (name: string, target: string, more?: Parameters<typeof ops>[0]) => command(name).run({ options: { target } as never, actor, place }, ops(more));

describe('power, typed', () => {
  test('looking is for everybody who is known, switching for operators', () => {
    expect(power.map(({ name, role }) => `${name}: ${role}`)).toEqual([
      'power status: known',
      'power console: known',
      'power log: known',
      'power on: operator',
      'power off: operator',
      'power cycle: operator',
    ]);
  });

  test('a look is a reading, over whatever hosts have a class', async () => {
    expect(await type('console', 'kvm05,kvm06')).toEqual({ json: { look: 'console' } });
  });

  test('hosts whose power nobody can reach are refused, with where to write it', async () => {
    for (const name of ['status', 'cycle'])
      await expect(type(name, 'kvm06')).rejects.toThrow(/^kvm06 is in no class of `power` in holdfast\.yaml: docs\/configuration\.md/);
  });

  test('a host that a run has in hand is left to it: it may be down because it reboots', async () => {
    await expect(type('cycle', 'kvm05', { going: [{ host: 'kvm05', run: 'R7', phase: 'verify' }] })).rejects.toThrow(
      'kvm05 is in flight in R7 (verify): wait for its outcome, or "stop R7" first.',
    );
  });
});
