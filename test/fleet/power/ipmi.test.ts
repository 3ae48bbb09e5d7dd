import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PowerClass } from '../../../src/config/power.ts';
import { secret } from '../../../src/config/secret.ts';
import type { Fleet } from '../../../src/fleet/fleet.ts';
import { powerEvidence, sayEvidence } from '../../../src/fleet/power/evidence.ts';
import { askPower, type PowerAction } from '../../../src/fleet/power/power.ts';
import { hostAt } from '../ssh/hosts.ts';
import { freePort } from '../ssh/sshd.ts';
import { type Bmc, LOOKER, noBmc, PASSWORD, startBmc } from './bmc.ts';

const kvm05 = hostAt({ address: '127.0.0.1', port: 22 }, { name: 'kvm05', vars: { bmc: '127.0.0.1' } });
const fleet: Fleet = { hosts: new Map([['kvm05', kvm05]]), groups: new Map([['all', ['kvm05']]]) };
const nobody = async () => Promise.reject(new Error('no script is run for a BMC'));

let bmc: Bmc;

type Ipmi = Extract<PowerClass, { ipmi: unknown }>['ipmi'];
const world = (change: Partial<Ipmi> = {}) => {
  const ipmi: Ipmi = {
    address: '{bmc}',
    user: 'ops',
    password: secret(PASSWORD),
    port: bmc.port,
    cipher: 3,
    interface: 'lanplus',
    privilege: 'administrator',
    sol_instance: 1,
    ...change,
  };
  return { config: { power: { bmc: { hosts: 'kvm05', ipmi } } }, fleet, scriptOn: nobody };
};
const ask = (action: PowerAction, change: Partial<Ipmi> = {}, patience?: number) =>
  askPower({ host: kvm05, action, ...(patience && { patience }) }, world(change));

describe.skipIf(noBmc)(`a BMC, asked through ipmitool${noBmc && `: ${noBmc}`}`, () => {
  beforeAll(async () => {
    bmc = await startBmc();
  });
  afterAll(() => bmc?.stop());

  test('says whether the power is on, and switches it', async () => {
    expect(await ask('status')).toEqual({ ok: true, power: 'on', says: ['power on'] });
    expect(await ask('off')).toMatchObject({ ok: true });
    expect(await ask('status')).toMatchObject({ power: 'off' });
    expect(await ask('on')).toMatchObject({ ok: true });
    expect(await ask('status')).toMatchObject({ power: 'on' });
    expect(await ask('cycle')).toMatchObject({ ok: true });
    expect(bmc.switched()).toEqual(expect.arrayContaining(['set power 0', 'set power 1']));
  });

  test('tells a wrong password, a wrong name, a wrong suite and a name nobody knows apart, and nothing was done', async () => {
    expect(await ask('cycle', { password: secret('wrong') })).toEqual({ ok: false, says: 'the BMC 127.0.0.1 does not take the password of ops' });
    expect(await ask('cycle', { user: 'nobody' })).toEqual({ ok: false, says: 'the BMC 127.0.0.1 knows no user nobody' });
    expect(await ask('status', { cipher: 17 })).toMatchObject({ says: expect.stringContaining('set `cipher` of its class (3 on old ones)') });
    expect(await ask('status', { address: 'kvm05.bmc.invalid' })).toMatchObject({ says: 'nobody knows the address kvm05.bmc.invalid, which should be a BMC' });
  });

  test('lets a user who may only look, look; and says clearly why it does not switch', async () => {
    const looker = { user: 'looker', password: secret(LOOKER), privilege: 'user' } as const;
    expect(await ask('status', looker)).toMatchObject({ ok: true });
    expect(await ask('off', looker)).toEqual({
      ok: false,
      says: 'the BMC 127.0.0.1 lets looker look but not switch (Insufficient privilege level): make looker operator or administrator there',
    });
  });

  test('that does not answer is given up within its time, and all that time nobody can read the password among the words', async () => {
    const from = performance.now();
    const asked = ask('status', { port: await freePort() }, 2_000);
    let seen: string[] = [];
    while (seen.length === 0 && performance.now() - from < 2_000) {
      seen = words('ipmitool');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(seen.join(' ')).toContain(' -E ');
    expect(seen.join(' ')).not.toContain(PASSWORD);
    expect(await asked).toEqual({ ok: false, says: 'the BMC 127.0.0.1 did not answer in time' });
    expect(performance.now() - from).toBeLessThan(3_500);
  });

  test('shows its events, also that there are none', async () => {
    expect(await ask('log')).toEqual({ ok: true, says: ['the log is empty'] });
    await bmc.sel('0x02 0 0 0 0 0x20 0x00 0x04 0x20 0x01 0x6f 0xa1 0xff 0xff');
    expect(await ask('log')).toMatchObject({ ok: true, says: [expect.stringContaining('OS Critical Stop')] });
  });

  test('shows what the console says now, one session at a time, and its history where it keeps one', async () => {
    bmc.consoleSays('[ 100.0] \u001b[31mKernel panic - not syncing: Fatal exception\u001b[0m\r\n');
    const [first, second] = await Promise.all([ask('console', {}, 2_500), ask('console', { sol_instance: 2 }, 2_500)]);
    for (const shown of [first, second])
      expect(shown).toMatchObject({ ok: true, says: expect.arrayContaining(['[ 100.0] Kernel panic - not syncing: Fatal exception']) });
  });

  test('gives the evidence of a dead host in one piece', async () => {
    const evidence = await powerEvidence(kvm05, world(), 1000);
    expect(evidence).toMatchObject({ at: 1000, power: 'on' });
    expect('wrong' in evidence ? evidence.wrong : sayEvidence(evidence)).toMatch(/^power on; console: .*Kernel panic.*; log: .*OS Critical Stop/);
  });
});

/** The words of running processes with this name. */
function words(name: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.startsWith(`${name} `) ? [line] : [];
      } catch {
        return [];
      }
    });
}
