import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConfigSchema } from '../../src/config/schema.ts';
import { secret } from '../../src/config/secret.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import type { HostState } from '../../src/fleet/host.ts';
import { openSsh } from '../../src/fleet/ssh/open.ts';
import type { Ssh } from '../../src/fleet/ssh/transport.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { packageRoot } from '../../src/root.ts';
import { once } from '../../src/runs/once.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { PASSWORD } from '../fleet/power/bmc.ts';
import { type Machine, noRehearsal, startMachine, switchesOf } from '../fleet/power/rehearsal.ts';
import { hostOn, LIMITS } from '../fleet/ssh/hosts.ts';
import { quiet } from '../store/quiet.ts';
import { carry, type Doing, overSsh } from './at-work.ts';

/** A look every third of a second instead of every ten. */
const SPEED = 30;

describe.skipIf(noRehearsal)(`a machine with a real BMC protocol and a real sshd${noRehearsal && `: ${noRehearsal}`}`, () => {
  let machine: Machine;
  let ssh: Ssh;
  let dir: string;
  let db: Store;
  const clock = startClock({ speed: SPEED });

  beforeAll(async () => {
    machine = await startMachine();
    dir = mkdtempSync(join(tmpdir(), 'holdfast-power-'));
    db = await openDb({ dataDir: dir, log: quiet });
  }, 30_000);
  afterAll(async () => {
    await ssh?.close();
    await db?.close();
    await machine?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(() => {
    // A connection of before must not outlive the boot.
    ssh = openSsh({ ...LIMITS, connect: 1_000, banner: 1_000, auth: 4_000 });
  });

  const doing = (params: Doing['params'], more: Partial<Doing> = {}): Doing => {
    const host = hostOn(machine.sshd, { name: 'kvm05', vars: { bmc: '127.0.0.1' } });
    const fleet: Fleet = { hosts: new Map([['kvm05', host]]), groups: new Map() };
    const config = ConfigSchema.parse({ power: { bmc: { hosts: 'kvm05', ipmi: { user: 'ops', password: 'x', port: machine.bmc.port, cipher: 3 } } } });
    const { bmc } = config.power;
    if (bmc && 'ipmi' in bmc) bmc.ipmi.password = secret(PASSWORD);
    const known: HostState = { host: 'kvm05', reach: 'refused', askedAt: 0, facts: { boot_id: machine.bootId() }, findings: [] };
    return {
      params,
      host,
      fleet,
      config,
      clock,
      known,
      once: (key, effect) => once({ db, clock }, 'power', `${key}`, effect),
      script: overSsh(ssh, fleet),
      ...more,
    };
  };
  /** Names of effects are of one intent each. */
  let intents = 0;
  const ownOnce = (): Pick<Doing, 'once' | 'intent'> => {
    const intent = `R${++intents}-kvm05-1`;
    return { intent, once: (key, effect) => once({ db, clock }, 'power', `${intent}/${key}`, effect) };
  };

  test('that answers is not power cycled without a second person, and nothing of it is touched', async () => {
    const done = await carry(doing({ action: 'cycle', onlyDown: true }, ownOnce()));
    expect(done).toMatchObject({ outcome: 'held', detail: expect.stringContaining('it answers, so nothing was done'), steps: ['prepare'] });
    expect(switchesOf(machine)).toEqual(['set power 1']);
  });

  test('that died is asked for its last words, cycled, and believed when it is back with another boot id', async () => {
    await machine.bmc.sel('0x02 0 0 0 0 0x20 0x00 0x04 0x20 0x01 0x6f 0xa1 0xff 0xff');
    await machine.panic();
    const before = machine.bootId();
    const done = await carry(doing({ action: 'cycle', onlyDown: true }, ownOnce()));
    expect(done).toMatchObject({
      outcome: 'ok',
      memory: {
        boot_before: before,
        boot_after: machine.bootId(),
        evidence: {
          power: 'on',
          console: expect.arrayContaining([expect.stringContaining('Kernel panic')]),
          log: [expect.stringContaining('OS Critical Stop')],
        },
      },
    });
    expect(done.detail).toMatch(/^back with boot id .*; before: power on; console: .*Kernel panic/);
    expect(machine.bootId()).not.toBe(before);
    expect(machine.boots()).toBe(2);
  }, 30_000);

  test('a worker killed after it cycled, before it could say so: the next one looks, finds it booted, and does not cycle again', async () => {
    await machine.panic();
    const before = machine.bootId();
    const boots = machine.boots();
    const own = { intent: 'R77-kvm05-1' };
    await db.close();
    const child = doing({ action: 'cycle', onlyDown: true }, own);
    await killedBetween(child, dir, machine);
    db = await openDb({ dataDir: dir, log: quiet });
    const memory = { doing: 'cycle', boot_before: before, evidence: { at: 0, power: 'on', console: [], log: [] } };
    const again: Doing['once'] = (key, effect) => once({ db, clock }, 'power', `${own.intent}/${key}`, effect);
    const done = await carry({ ...child, once: again }, memory, ['act', 'verify']);
    expect(done).toMatchObject({ outcome: 'ok', memory: { unsure: true, boot_after: machine.bootId() } });
    expect(machine.boots()).toBe(boots + 1);
  }, 60_000);

  test('one killed before the BMC heard of it: nothing is cycled by itself, a person is to look', async () => {
    await machine.panic();
    const own = ownOnce();
    const switches = switchesOf(machine).length;
    await db.query(`insert into effects (key, kind, started) values ($1, 'power', now())`, [`${own.intent}/power cycle`]);
    const memory = { doing: 'cycle', boot_before: machine.bootId(), evidence: { at: 0, power: 'on', console: [], log: [] } };
    // Twenty minutes of patience would be forty seconds here.
    const impatient = doing({ action: 'cycle', onlyDown: true }, own);
    impatient.config = ConfigSchema.parse({ ...{ defaults: { 'reboot.back_metal': '60s', 'reboot.back_cap': '60s' } } });
    impatient.config.power = doing(impatient.params).config.power;
    const done = await carry(impatient, memory, ['act', 'verify']);
    expect(done).toMatchObject({ outcome: 'unverified', detail: expect.stringMatching(/whether it was switched is not known.*\(power on\)\. Look, or ask/) });
    expect(switchesOf(machine)).toHaveLength(switches);
  }, 30_000);

  test('is switched off only to be found off, and switched on by nobody’s leave; both are looked at after', async () => {
    expect(await carry(doing({ action: 'off', onlyDown: false }, ownOnce()))).toMatchObject({ outcome: 'ok', detail: 'power off' });
    expect(await carry(doing({ action: 'off', onlyDown: false }, ownOnce()))).toMatchObject({ outcome: 'already', detail: 'its power is off already' });
    expect(await carry(doing({ action: 'on', onlyDown: false }, ownOnce()))).toMatchObject({
      outcome: 'ok',
      detail: expect.stringMatching(/^back with boot id/),
    });
    expect(await carry(doing({ action: 'on', onlyDown: false }, ownOnce()))).toMatchObject({ outcome: 'already', detail: 'it is on: it answers' });
  }, 40_000);
});

/** A worker of its own does `act`, and dies when the BMC has said yes and nothing of it is written. */
async function killedBetween(doing: Doing, dataDir: string, machine: Machine): Promise<void> {
  const file = join(dataDir, '..', `killed-${process.pid}.json`);
  const { host, config } = doing;
  writeFileSync(file, JSON.stringify({ dataDir, host, port: machine.bmc.port, intent: doing.intent, defaults: config.defaults }));
  const child = spawn(process.execPath, ['--import', 'tsx', join(packageRoot, 'test/jobs/killed-worker.ts'), file], {
    cwd: packageRoot,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const signal = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
  rmSync(file);
  expect(signal).toBe('SIGKILL');
}
