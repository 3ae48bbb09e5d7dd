import { z } from 'zod';
import type { Config } from '../src/config/schema.ts';
import type { ConfiguredScript } from '../src/config/scripts.ts';
import { argsOf } from '../src/fleet/scripts/parameters.ts';
import { type Ran, ranOf } from '../src/fleet/scripts/ran.ts';
import { defineChange, type Step, type StepContext } from '../src/jobs.ts';
import { Refusal } from '../src/lib/refusal.ts';

/** A script as it was when it was asked for: this text and no other is run. */
const Frozen = z.object({ name: z.string(), sha256: z.string(), root: z.boolean() });

export const ScriptParams = z.object({
  script: Frozen,
  /** What takes it back, where the configuration names it. */
  undo: Frozen.optional(),
  risk: z.enum(['change', 'disrupt']),
  params: z.record(z.string(), z.string()),
});
export type ScriptParams = z.infer<typeof ScriptParams>;

/**
 * A named script of the configuration. The host cannot refuse a text of somebody else's the second time, so it is begun at
 * most once for an intent: when a worker died meanwhile, nobody knows, and a person looks.
 */
export const script = defineChange({
  name: 'script',
  summary: 'Runs a script named in holdfast.yaml, with typed parameters',
  risk: ({ risk }: ScriptParams) => risk,
  params: ScriptParams,
  compare: true,
  foresee(_host, { params, config }) {
    const now = sameAs(config, params.script);
    if ('says' in now) throw new Refusal(now.says);
    const words = [params.script.name, ...argsOf(params.params)].join(' ');
    return { does: `run ${words}`, estimate: { p50: now.timeout / 4, p95: now.timeout }, class: `script ${params.script.name}` };
  },
  async act(_host, context) {
    const { undo, params } = context.params;
    const step = await run(context, context.params.script);
    return undo ? { ...step, remember: { ...step.remember, takenBackBy: [undo.name, ...argsOf(params)].join(' ') } } : step;
  },
  async undo(_host, context) {
    const { undo, script: done } = context.params;
    if (!undo) return { step: 'end', outcome: 'failed', detail: `nothing takes ${done.name} back: no \`undo\` stands at it in holdfast.yaml` };
    return run(context, undo);
  },
  sayUndo: (_host, { takenBackBy }) => (typeof takenBackBy === 'string' ? `run ${takenBackBy}` : undefined),
});

async function run(context: StepContext<ScriptParams>, frozen: z.infer<typeof Frozen>): Promise<Step> {
  const now = sameAs(context.config, frozen);
  if ('says' in now) return { step: 'end', outcome: 'failed', detail: `not run: ${now.says}` };
  const once = await context.once(frozen.name, async () =>
    ranOf(await context.script(`${frozen.name}@${frozen.sha256}`, argsOf(context.params.params), now.timeout)),
  );
  if (once === 'unsure')
    return { step: 'end', outcome: 'unverified', detail: `a worker died while ${frozen.name} ran; whether it ended, and how, is not known` };
  return stepOf(frozen.name, once.answer);
}

function stepOf(name: string, ran: Ran): Step {
  const remember = { output: ran.output };
  const said = ran.says ? `: ${ran.says}` : '';
  if (ran.code === 0) return { step: 'done', detail: `${name} ended well${said}`, remember };
  if (ran.code !== undefined) return { step: 'end', outcome: 'failed', detail: `${name} ended with ${ran.code}${said}`, remember };
  if (ran.reach === 'exec-timeout') return { step: 'end', outcome: 'unverified', detail: `${name} did not end${said}`, remember };
  return { step: 'end', outcome: 'lost', detail: `${ran.reach}${said}`, remember };
}

/** The entry in force, where it is still the one that was planned. */
function sameAs(config: Config, { name, sha256, root }: z.infer<typeof Frozen>): ConfiguredScript | { says: string } {
  const entry = config.scripts[name];
  if (!entry) return { says: `this Holdfast has no script ${name} in its holdfast.yaml` };
  if (entry.sha256 === sha256 && entry.root === root) return entry;
  return { says: `${name} is not the script that was planned (its file has changed since, or this worker has another copy); plan it again` };
}
