import { runbookSteps } from '../escalation/runbook-steps.ts';
import { near } from '../fleet/target/nearest.ts';
import { Refusal } from '../lib/refusal.ts';
import { loadStanding } from '../oncall/standing.ts';
import type { Ops } from '../ops.ts';
import type { Listed } from './listed.ts';

/** `show runbook web`: its first steps, what not to do, and the whole of it attached. Throws Refusal where there is none. */
export async function runbookListed(ops: Pick<Ops, 'records' | 'clock' | 'config' | 'fleet' | 'people'>, named: string | undefined): Promise<Listed> {
  const { services } = await loadStanding(ops.records, ops);
  const having = [...services.values()].filter(({ runbook }) => runbook).map(({ name }) => name);
  const there = having.length > 0 ? `There is one for ${having.join(', ')}.` : 'No service has one: services.web.runbook in holdfast.yaml.';
  const name = named?.replace(/^@/, '');
  if (name === undefined) throw new Refusal(`Whose? For example: show runbook ${having[0] ?? 'web'}. ${there}`);
  const service = services.get(name);
  if (!service) throw new Refusal(`There is no service "${name.slice(0, 60)}".${meant(name, [...services.keys()])} ${there}`);
  const { runbook, doNot } = service;
  if (!runbook) throw new Refusal(`${name} has no run book. ${there}`);
  const steps = runbookSteps(runbook.markdown);
  return {
    card: {
      title: `The run book of ${name}: ${runbook.written}`,
      tone: 'quiet',
      body: [...doNot.map((line) => `not: ${line}`), ...steps.map((step, n) => `${n + 1}. ${step}`)],
      ...(runbook.markdown !== '' && { attachment: { name: `${name}.md`, text: runbook.markdown } }),
    },
    json: { service: name, where: runbook.link ?? runbook.path ?? runbook.written, steps, do_not: [...doNot], markdown: runbook.markdown },
  };
}

function meant(name: string, known: readonly string[]): string {
  const [close] = near(name, known, 1);
  return close ? ` Did you mean ${close}?` : '';
}
