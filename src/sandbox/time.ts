import type { Clock } from '../lib/clocks.ts';
import type { Log } from '../ops.ts';
import { nextMoment, passTime, portStateOf } from './boots.ts';
import type { HostModel } from './model.ts';
import type { Port } from './port.ts';
import type { RosterHost } from './roster.ts';

/** One simulated host while the sandbox runs. */
export interface Running {
  host: RosterHost;
  model: HostModel;
  port: Port;
}

export interface SimulatedTime {
  /** Brings the fleet to now; resolves when its ports show it and it is on disk. */
  pass(): Promise<void>;
  /** Puts what hosts have become, with their ports; resolves when it is on disk. */
  put(became: Iterable<readonly [string, HostModel]>): Promise<void>;
  close(): void;
}

/** Lets domain time happen to the hosts: sleeps until the next thing that is due on any of them, and looks again when the clock jumps. */
export function simulatedTime(world: { clock: Clock; log: Log; fleet: ReadonlyMap<string, Running>; save(): Promise<void> }): SimulatedTime {
  const { clock, log, fleet, save } = world;
  const hosts = (): RosterHost[] => [...fleet.values()].map(({ host }) => host);
  const models = (): Map<string, HostModel> => new Map([...fleet].map(([name, { model }]) => [name, model]));
  let due: number | undefined = 0;
  let sleeper: NodeJS.Timeout | undefined;
  let closed = false;

  const put = async (became: Iterable<readonly [string, HostModel]>): Promise<void> => {
    const ports: Promise<void>[] = [];
    for (const [name, model] of became) {
      const running = fleet.get(name);
      if (!running) continue;
      const restarted = running.model.boots !== model.boots;
      running.model = model;
      // A connection does not outlive the boot it was made in, even when nobody looked while the host was down.
      if (restarted) ports.push(running.port.become('refused'));
      ports.push(running.port.become(portStateOf(model)));
    }
    due = nextMoment(hosts(), models());
    arm();
    await Promise.all([...ports, save()]);
  };
  const pass = async (): Promise<void> => {
    if (closed || due === undefined || due > clock.now()) return;
    const became = passTime(hosts(), models(), clock.now());
    for (const [name, { down, bootId }] of became) log.info({ host: name, ...(down ? { down: true } : { bootId }) }, 'a simulated host changed by itself');
    await put(became);
  };
  const passed = (): void => {
    pass()
      .catch((error: unknown) => log.error({ err: error }, 'the simulated fleet could not be brought to now'))
      .finally(arm);
  };
  const arm = (): void => {
    clearTimeout(sleeper);
    if (due === undefined || closed) return;
    sleeper = setTimeout(passed, Math.min(LONGEST_SLEEP, Math.ceil(clock.wallUntil(due))));
    sleeper.unref();
  };
  const unjump = clock.onJump(passed);
  return {
    pass,
    put,
    close() {
      closed = true;
      clearTimeout(sleeper);
      unjump();
    },
  };
}

/** Node's timers count in 31 bits. */
const LONGEST_SLEEP = 2 ** 31 - 1;
