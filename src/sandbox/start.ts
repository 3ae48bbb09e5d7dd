import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { foldNames } from '../fleet/target/fold.ts';
import type { SettableClock } from '../lib/clocks.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Log, SandboxControls } from '../ops.ts';
import { answerCall } from './answer.ts';
import { startBmc } from './bmc.ts';
import { portStateOf } from './boots.ts';
import type { Call } from './call.ts';
import { layCertificates } from './certificates/lay.ts';
import { openListeners } from './certificates/listen.ts';
import { rehearse } from './certificates/rehearse.ts';
import { LOGIN, sandboxConfig, writeConfig } from './config-file.ts';
import { type Fault, readFault, sayFault, withFault } from './faults.ts';
import { type KeyPair, keyPairs } from './keys.ts';
import { freshModel, type HostModel } from './model.ts';
import { openPort, together } from './port.ts';
import { seenFromOutside, switched } from './power.ts';
import { HOSTS } from './roster.ts';
import { fleetWriter, readSaved } from './saved.ts';
import { become } from './simulated.ts';
import { type Answer, refusal, sshHost } from './ssh-host.ts';
import { type Running, simulatedTime } from './time.ts';

export interface Sandbox {
  /** The `holdfast.yaml` that describes the simulated fleet, made for this start. */
  configFile: string;
  controls: SandboxControls;
  /** Ends every connection and server; what the hosts have become is on disk. */
  close(): Promise<void>;
}

/**
 * Starts the simulated fleet: one SSH server per host on 127.0.0.1, on ports that are new each time, with host keys
 * and state kept in `<dataDir>/sandbox` until `fresh`. `clock` is domain time, the hosts' own sense of it.
 */
export async function startSandbox(options: { dataDir: string; clock: SettableClock; log: Log; fresh?: boolean; watchDown?: boolean }): Promise<Sandbox> {
  const { clock, log } = options;
  const dataDir = resolve(options.dataDir);
  const dir = join(dataDir, 'sandbox');
  if (options.fresh) await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true, mode: 0o700 });

  const saved = await readSaved(join(dir, 'fleet.json'));
  // After a kill -9 the hosts may have seen later times than the database: a reboot in one minute would be one in three.
  if (saved?.at !== undefined) clock.jumpTo(saved.at);
  const keys = await keyPairs(join(dir, 'keys.json'), [CLIENT, ...HOSTS.map((host) => host.name)]);
  const keyOf = (name: string): KeyPair => keys.get(name) as KeyPair;
  const rootOf = (name: string): string => join(dir, 'hosts', name);
  await layCertificates(join(dir, 'hosts'));
  const listeners = await openListeners(rootOf);
  const fleet = new Map<string, Running>();
  const models = (): Map<string, HostModel> => new Map([...fleet].map(([name, { model }]) => [name, model]));
  const answer = async (name: string, call: Call): Promise<Answer> => {
    const running = fleet.get(name) as Running;
    if (running.model.mode === 'slow') await sleep(SLOW, undefined, { ref: false });
    // Whoever asks has come through; what was due by now comes first, and cuts them off if the host went down by it.
    await time.pass();
    if (running.model.down) return refusal('it is down');
    const { becomes, others = {}, ...answered } = answerCall(call, running.host, running.model, clock.now(), models(), rootOf(name));
    if (!becomes && Object.keys(others).length === 0) return answered;
    await time.put(Object.entries({ ...others, ...(becomes && { [name]: becomes }) }).map(([one, change]) => [one, become(modelOf(one), change)]));
    return answered;
  };
  await Promise.all(
    HOSTS.map(async (host) => {
      const serve = sshHost({
        hostKey: keyOf(host.name),
        clientKey: keyOf(CLIENT).public,
        mayLogIn: (user) => user === LOGIN,
        answer: (call) => answer(host.name, call),
      });
      const port = together(
        await openPort(serve),
        listeners.flatMap((one) => (one.host === host.name ? [one.open] : [])),
      );
      fleet.set(host.name, { host, model: saved?.hosts[host.name] ?? freshModel(host, clock.now()), port });
    }),
  );
  const save = fleetWriter(join(dir, 'fleet.json'), () => ({
    version: 1,
    at: clock.now(),
    hosts: Object.fromEntries([...fleet].map(([name, { model }]) => [name, model])),
  }));
  const time = simulatedTime({ clock, log, fleet, save });
  await save();
  await time.pass();
  await Promise.all([...fleet.values()].map(({ model, port }) => port.become(portStateOf(model))));
  const modelOf = (name: string): HostModel => (fleet.get(name) as Running).model;
  const portOf = (name: string): number => (fleet.get(name) as Running).port.number;
  const hostKeys = HOSTS.map(({ name }) => ({ port: portOf(name), key: keyOf(name) }));
  const bmc = await startBmc(dir, async (name, action) => {
    const running = fleet.get(name);
    if (!running || running.host.parent !== undefined) return undefined;
    await time.pass();
    if (action === 'status' || action === 'console' || action === 'log') return seenFromOutside(running.host, running.model, action, clock.now());
    await time.put(switched(HOSTS, models(), name, action, clock.now()));
    log.info({ host: name, power: action }, 'the power of a simulated host was switched');
    return [];
  });
  const configFile = await writeConfig(dir, keyOf(CLIENT), hostKeys, sandboxConfig(dataDir, portOf, listeners, options.watchDown));
  log.info({ hosts: fleet.size, configFile }, 'the simulated fleet is up');

  return {
    configFile,
    controls: {
      async fault(name, text) {
        const running = fleet.get(name);
        if (!running) throw new Refusal(`The sandbox has no host ${JSON.stringify(name)}. There is ${foldNames([...fleet.keys()])}.`);
        const fault = readFault(text, clock.now());
        await time.pass();
        await time.put([[name, mended(withFault(running.model, fault), fault, clock.now())]]);
        await time.pass();
        log.info({ host: name, fault: text }, 'a fault was set');
        return sayFault(name, fault, text);
      },
      rehearseAuthority: () => rehearse(join(dir, 'hosts'), join(dir, 'rehearsal')),
    },
    async close() {
      time.close();
      bmc.close();
      await Promise.all([save(), ...[...fleet.values()].map(({ port }) => port.close())]);
    },
  };
}

/** In keys.json; no host is called so. */
const CLIENT = 'client';

/** Wall milliseconds. */
const SLOW = 8_000;

/** What did not come back, comes back when it is mended: at once, and with a new boot id. */
function mended(model: HostModel, fault: Fault, now: number): HostModel {
  const { down } = model;
  if (!('mode' in fault) || fault.mode !== 'ok' || !down || down.until !== undefined || down.with) return model;
  return { ...model, down: { ...down, until: now } };
}
