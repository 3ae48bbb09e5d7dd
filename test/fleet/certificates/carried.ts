import { rotateCerts } from '../../../jobs/rotate-certs.ts';
import { ConfigSchema } from '../../../src/config/schema.ts';
import { planRotation } from '../../../src/fleet/certificates/plan-fleet.ts';
import type { RotateParams } from '../../../src/fleet/certificates/shapes.ts';
import type { Host } from '../../../src/fleet/host.ts';
import type { ExecResult, Ssh } from '../../../src/fleet/ssh/transport.ts';
import type { ChangeJob, Memory, Step, StepContext } from '../../../src/jobs.ts';
import { type Clock, startClock } from '../../../src/lib/clocks.ts';

export interface Rotation {
  host: Host;
  config: ReturnType<typeof ConfigSchema.parse>;
  ssh: Ssh;
  clock: Clock;
}

export type Phase = 'prepare' | 'act' | 'verify' | 'undo';
type Script = (name: string, args?: readonly string[], timeout?: number) => Promise<ExecResult>;

/** A rotation over a real connection: one host, planned and carried through its steps as the engine does. */
export function rotation(host: Host, ssh: Ssh, certificates: unknown, scripts: Record<string, { sha256: string }> = {}): Rotation {
  const config = ConfigSchema.parse({ certificates });
  return { host, ssh, clock: startClock({ speed: 60 }), config: { ...config, scripts: scripts as never } };
}

const fleetOf = (host: Host) => ({ hosts: new Map([[host.name, host]]), groups: new Map() });

export function planned({ host, config, ssh, clock }: Rotation, cert?: string): Promise<RotateParams> {
  return planRotation({
    ...{ hosts: [host], config, fleet: fleetOf(host), now: clock.now(), within: 30 * 86_400_000, factsOf: () => ({}) },
    ...(cert !== undefined && { cert }),
    ask: (on, script, args, timeout) => ssh.exec(on, { script, args, timeout }),
  });
}

/** Goes through these phases, waiting as it is told to; answers how it ended and what it left. `script` may be in the way. */
export async function carried(
  { host, config, ssh, clock }: Rotation,
  params: RotateParams,
  more: { intent?: string; memory?: Memory; phases?: readonly Phase[]; script?(own: Script): Script } = {},
): Promise<{ step: Step; memory: Memory }> {
  const own: Script = (name, args = [], timeout = 20_000) => ssh.exec(host, { script: name, args, timeout });
  const script = more.script?.(own) ?? own;
  let [step, memory]: [Step, Memory] = [{ step: 'done' }, more.memory ?? {}];
  for (const phase of more.phases ?? ['prepare', 'act', 'verify']) {
    const since = clock.now();
    for (;;) {
      const context: StepContext<unknown> = {
        ...{ params, clock, memory, since, config, fleet: fleetOf(host), script, baseline: {}, predicted: { p50: 0, p95: 0 } },
        ...{ run: { id: 'R1', by: 'ada' }, intent: more.intent ?? 'R1-shop-1', keptOff: async () => [] },
        scriptOn: () => Promise.reject(new Error('not here')),
        once: async (_key, effect) => ({ answer: await effect() }),
      };
      step = await ((rotateCerts as ChangeJob)[phase] as NonNullable<ChangeJob['verify']>)(host, context);
      memory = { ...memory, ...step.remember };
      if (step.step !== 'wait') break;
      const until = clock.now() + step.lookAgainIn;
      await new Promise((resolve) => setTimeout(resolve, clock.wallUntil(until)));
    }
    if (step.step === 'end') break;
  }
  return { step, memory };
}
