import { type PowerParams, power } from '../../jobs/power.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import type { Host, HostState } from '../../src/fleet/host.ts';
import type { ExecResult, Ssh } from '../../src/fleet/ssh/transport.ts';
import type { HostOutcome, Memory, Step, StepContext } from '../../src/jobs.ts';
import type { Clock } from '../../src/lib/clocks.ts';

export interface Doing {
  params: PowerParams;
  host: Host;
  fleet: Fleet;
  config: Config;
  clock: Clock;
  known?: HostState;
  intent?: string;
  once: StepContext<PowerParams>['once'];
  script(host: string, name: string, args: readonly string[], timeout: number): Promise<ExecResult>;
}

export interface Done {
  outcome: HostOutcome;
  detail: string;
  memory: Memory;
  /** Steps in the order in which they ended, with what was waited for. */
  steps: string[];
}

/** Carries one host through the steps of `power` as the engine does, with what each leaves for the next; waits as it is told to. */
export async function carry(
  doing: Doing,
  memory: Memory = {},
  phases: readonly ('prepare' | 'act' | 'verify')[] = ['prepare', 'act', 'verify'],
): Promise<Done> {
  const steps: string[] = [];
  let kept = memory;
  let detail = '';
  for (const phase of phases) {
    const since = doing.clock.now();
    for (;;) {
      const step: Step = await (power as unknown as Record<typeof phase, (host: Host, context: unknown) => Promise<Step>>)[phase](
        doing.host,
        contextOf(doing, kept, since),
      );
      if ('remember' in step) kept = { ...kept, ...step.remember };
      if (step.step === 'wait') {
        if (!steps.at(-1)?.startsWith(`${phase} waits`)) steps.push(`${phase} waits for ${step.waitingFor}`);
        const until = doing.clock.now() + step.lookAgainIn;
        await new Promise((resolve) => setTimeout(resolve, doing.clock.wallUntil(until)));
        continue;
      }
      steps.push(phase);
      detail = step.detail ?? detail;
      if (step.step === 'end') return { outcome: step.outcome, detail, memory: kept, steps };
      break;
    }
  }
  return { outcome: 'ok', detail, memory: kept, steps };
}

export function contextOf({ host, script, known, ...doing }: Doing, memory: Memory, since: number): StepContext<PowerParams> {
  return {
    ...doing,
    ...(known && { known }),
    run: { id: 'R1', by: 'ada' },
    intent: doing.intent ?? `R1-${host.name}-1`,
    since,
    memory,
    predicted: { p50: 0, p95: 0 },
    keptOff: async () => [],
    script: (name, args = [], timeout = 20_000) => script(host.name, name, args, timeout),
    scriptOn: (other, name, args = [], timeout = 20_000) => script(other, name, args, timeout),
  };
}

export const overSsh =
  (ssh: Ssh, fleet: Fleet): Doing['script'] =>
  (host, name, args, timeout) =>
    ssh.exec(fleet.hosts.get(host) as Host, { script: name, args, timeout });
