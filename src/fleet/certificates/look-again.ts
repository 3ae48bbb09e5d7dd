import { lookAtCertificates } from '../../certificates/look.ts';
import type { HostResult, Step, StepContext } from '../../jobs.ts';
import type { Host } from '../host.ts';

/** After a rotation: what stands there now is what is known, and whoever is asked about its end hears that it was renewed. */
export async function lookAgain(host: Host, context: StepContext<unknown>): Promise<Step> {
  const looked = await look(host, context);
  return { step: 'done', ...(looked && { looked }) };
}

/** The same with the outcome of a step; one that is waited for is looked at when it has ended. */
export async function withLook(step: Step, host: Host, context: StepContext<unknown>): Promise<Step> {
  if (step.step === 'wait' || (step.step === 'end' && step.outcome === 'lost')) return step;
  const looked = await look(host, context);
  return looked ? { ...step, looked } : step;
}

/** A look that fails takes nothing from what was done: the next one, within a day, sees it. */
async function look(host: Host, { script, scriptOn, config, fleet, clock, known }: StepContext<unknown>): Promise<HostResult | undefined> {
  const found = await lookAtCertificates(host, { params: {}, script, clock, around: { config, fleet, scriptOn }, ...(known && { known }) });
  return found.reach === 'ok' && found.certificates ? found : undefined;
}
