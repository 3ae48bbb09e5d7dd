import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { foldNames } from '../fleet/target/fold.ts';
import type { Clock } from '../lib/clocks.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Log, SandboxControls } from '../ops.ts';
import { answerCall } from './answer.ts';
import type { Call } from './call.ts';
import { LOGIN, sandboxConfig, writeConfig } from './config-file.ts';
import { readFault, sayFault, withFault } from './faults.ts';
import { type KeyPair, keyPairs } from './keys.ts';
import { freshModel, type HostModel, type Mode } from './model.ts';
import { openPort, type Port, type PortState } from './port.ts';
import { HOSTS, type RosterHost } from './roster.ts';
import { fleetWriter, readSaved } from './saved.ts';
import { become } from './simulated.ts';
import { type Answer, sshHost } from './ssh-host.ts';

export interface Sandbox {
  /** The `holdfast.yaml` that describes the simulated fleet, made for this start. */
  configFile: string;
  controls: SandboxControls;
  /** Ends every connection and server; what the hosts have become is on disk. */
  close(): Promise<void>;
}

interface Running {
  host: RosterHost;
  model: HostModel;
  port: Port;
}

/**
 * Starts the simulated fleet: one SSH server per host on 127.0.0.1, on ports that are new each time, with host keys
 * and state kept in `<dataDir>/sandbox` until `fresh`. `clock` is domain time, the hosts' own sense of it.
 */
export async function startSandbox(options: { dataDir: string; clock: Clock; log: Log; fresh?: boolean }): Promise<Sandbox> {
  const { clock, log } = options;
  const dataDir = resolve(options.dataDir);
  const dir = join(dataDir, 'sandbox');
  if (options.fresh) await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true, mode: 0o700 });

  const saved = await readSaved(join(dir, 'fleet.json'));
  const keys = await keyPairs(join(dir, 'keys.json'), [CLIENT, ...HOSTS.map((host) => host.name)]);
  const keyOf = (name: string): KeyPair => keys.get(name) as KeyPair;
  const fleet = new Map<string, Running>();
  const answer = async (name: string, call: Call): Promise<Answer> => {
    const running = fleet.get(name) as Running;
    if (running.model.mode === 'slow') await sleep(SLOW, undefined, { ref: false });
    const models = new Map([...fleet].map(([one, { model }]) => [one, model]));
    const { becomes, others = {}, ...answered } = answerCall(call, running.host, running.model, clock.now(), models);
    if (!becomes && Object.keys(others).length === 0) return answered;
    for (const [one, change] of Object.entries({ ...others, ...(becomes && { [name]: becomes }) })) {
      const changed = fleet.get(one);
      if (changed) changed.model = become(changed.model, change);
    }
    await save();
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
      fleet.set(host.name, { host, model: saved?.hosts[host.name] ?? freshModel(host, clock.now()), port: await openPort(serve) });
    }),
  );
  await Promise.all([...fleet.values()].map(({ model, port }) => port.become(PORT_STATE[model.mode])));

  const save = fleetWriter(join(dir, 'fleet.json'), () => ({
    version: 1,
    hosts: Object.fromEntries([...fleet].map(([name, { model }]) => [name, model])),
  }));
  await save();
  const portOf = (name: string): number => (fleet.get(name) as Running).port.number;
  const hostKeys = HOSTS.map(({ name }) => ({ port: portOf(name), key: keyOf(name) }));
  const configFile = await writeConfig(dir, keyOf(CLIENT), hostKeys, sandboxConfig(dataDir, portOf));
  log.info({ hosts: fleet.size, configFile }, 'the simulated fleet is up');

  return {
    configFile,
    controls: {
      async fault(name, text) {
        const running = fleet.get(name);
        if (!running) throw new Refusal(`The sandbox has no host ${JSON.stringify(name)}. There is ${foldNames([...fleet.keys()])}.`);
        const fault = readFault(text, clock.now());
        running.model = withFault(running.model, fault);
        await Promise.all([save(), running.port.become(PORT_STATE[running.model.mode])]);
        log.info({ host: name, fault: text }, 'a fault was set');
        return sayFault(name, fault, text);
      },
    },
    async close() {
      await Promise.all([save(), ...[...fleet.values()].map(({ port }) => port.close())]);
    },
  };
}

/** In keys.json; no host is called so. */
const CLIENT = 'client';

/** Wall milliseconds. */
const SLOW = 8_000;

const PORT_STATE: Record<Mode, PortState> = {
  ok: 'open',
  slow: 'open',
  'no-return': 'open',
  dead: 'refused',
  mute: 'swallowed',
  'half-dead': 'silent',
};
