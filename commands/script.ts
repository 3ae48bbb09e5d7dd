import { z } from 'zod';
import { script as job, type ScriptParams } from '../jobs/script.ts';
import { scriptReading } from '../jobs/script-reading.ts';
import { defineCommand } from '../src/chat/command.ts';
import { didYouMean } from '../src/chat/nearest.ts';
import { because, count, flag, scriptParams, target, until, word } from '../src/chat/options.ts';
import type { ConfiguredScript } from '../src/config/scripts.ts';
import { readParameters } from '../src/fleet/scripts/parameters.ts';
import { Refusal } from '../src/lib/refusal.ts';
import type { Ops } from '../src/ops.ts';
import { planRun } from '../src/runs/plan.ts';

export const script = defineCommand({
  name: 'script',
  summary: 'Runs a script that holdfast.yaml names, with its parameters; its risk is declared there',
  examples: ['script disk-usage @web', 'script restart-app web01 service=web', 'script restart-app @web service web batch 2 because the leak is back'],
  role: 'operator',
  options: z.object({
    name: word({ words: 'the name of the script' }),
    target: target({ words: 'the hosts' }),
    params: scriptParams({ words: 'its parameters' }).optional(),
    batch: count({ words: 'hosts at once' }).optional(),
    byRings: flag({ words: 'ring after ring' }),
    at: until({ keyword: 'at', words: 'when to begin' }).optional(),
    plan: flag({ words: 'only show what would be done' }),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    const { name, byRings, plan: planOnly } = options;
    const entry = named(name, ops);
    const params = readParameters(name, entry, options.params ?? {}, ops.fleet().hosts);
    const targets = await ops.targets(options.target, actor);
    if (entry.risk === 'read') {
      if (options.batch !== undefined || byRings || options.at || planOnly)
        throw new Refusal(`${name} only reads: it is asked of all hosts at once and now, without a plan. Leave batch, by rings, at and plan out.`);
      return ops.read(scriptReading, { name, sha256: entry.sha256, timeout: entry.timeout, params }, targets);
    }
    return planRun(ops, {
      job,
      params: { script: frozen(name, entry), ...undoOf(entry, ops), risk: entry.risk, params } satisfies ScriptParams,
      words: `script ${name}`,
      targets,
      actor,
      place,
      byRings,
      planOnly,
      ...(options.batch !== undefined && { batch: options.batch }),
      ...(options.at && { at: options.at.at }),
      ...(options.because !== undefined && { because: options.because }),
    });
  },
});

function named(name: string, ops: Ops): ConfiguredScript {
  const { scripts } = ops.config();
  const entry = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  if (entry) return entry;
  const names = Object.keys(scripts);
  if (names.length === 0)
    throw new Refusal('There are no scripts here: an admin names them under `scripts:` in holdfast.yaml. Nothing else of yours reaches a shell.');
  throw new Refusal(`There is no script ${JSON.stringify(name.slice(0, 60))}.${didYouMean(name, names)} There is ${names.join(', ')}.`);
}

const frozen = (name: string, { sha256, root }: ConfiguredScript) => ({ name, sha256, root });

function undoOf({ undo }: ConfiguredScript, ops: Ops): Pick<ScriptParams, 'undo'> {
  const entry = undo === undefined ? undefined : ops.config().scripts[undo];
  return undo !== undefined && entry ? { undo: frozen(undo, entry) } : {};
}
