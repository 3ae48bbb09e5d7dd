import type { Card } from '../chat/card.ts';
import type { HostResult } from '../jobs.ts';
import { foldNames } from './target/fold.ts';

/** A script of risk `read` over a target, as far as it has come. */
export interface ScriptView {
  script: string;
  expression: string;
  asked: readonly string[];
  results: readonly HostResult[];
  done: boolean;
}

/** Answers a person reads before scrolling; the rest is in the attachment. */
const MOST = 20;
const LONGEST = 600;

/** What the hosts said, equal answers folded, those that did not answer well first. */
export function renderScript(view: ScriptView): Card {
  const bad = view.results.filter((result) => result.outcome !== 'ok');
  const missing = view.asked.length - view.results.length;
  const answers = folded(view.results);
  const counts = [
    `${view.results.length - bad.length} of ${view.asked.length} answered`,
    ...(bad.length > 0 ? [`${bad.length} not well`] : []),
    ...(missing > 0 ? [`${missing} not yet`] : []),
  ];
  const long = answers.length > MOST || answers.some(({ says }) => says.length > LONGEST);
  return {
    title: `${view.script} on ${view.expression}: ${counts.join(', ')}`,
    tone: bad.length > 0 ? 'attention' : view.done ? 'good' : 'quiet',
    fields: answers.slice(0, MOST).map(({ hosts, says }) => ({ name: foldNames(hosts), value: says.length > LONGEST ? `${says.slice(0, LONGEST)} …` : says })),
    ...(answers.length > MOST && { body: [`${answers.length - MOST} more answers are in the attachment`] }),
    ...(long &&
      view.done && { attachment: { name: `${view.script}.txt`, text: answers.map(({ hosts, says }) => `== ${foldNames(hosts)}\n${says}\n`).join('') } }),
  };
}

/** Stable; docs/json.md. */
export function scriptJson(view: ScriptView): { script: string; hosts: Record<string, unknown>[] } {
  return {
    script: view.script,
    hosts: inOrder(view).map(({ host, outcome, reach, detail, output }) => ({
      host,
      outcome,
      reach,
      ...(detail !== undefined && { detail }),
      output: output ?? '',
    })),
  };
}

function inOrder({ asked, results }: ScriptView): HostResult[] {
  const byHost = new Map(results.map((result) => [result.host, result]));
  return asked.flatMap((host) => byHost.get(host) ?? []);
}

function folded(results: readonly HostResult[]): { hosts: string[]; says: string }[] {
  const groups = new Map<string, { hosts: string[]; says: string; bad: boolean }>();
  for (const result of results) {
    const says = sayOne(result);
    const group = groups.get(says) ?? { hosts: [], says, bad: result.outcome !== 'ok' };
    group.hosts.push(result.host);
    groups.set(says, group);
  }
  return [...groups.values()].sort((a, b) => Number(b.bad) - Number(a.bad));
}

function sayOne({ outcome, reach, detail, output }: HostResult): string {
  if (reach !== 'ok') return `${reach}${detail ? `: ${detail}` : ''}`;
  return output?.trim() || detail || (outcome === 'ok' ? '(it printed nothing)' : outcome);
}
