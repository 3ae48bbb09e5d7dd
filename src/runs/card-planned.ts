import type { Card } from '../chat/card.ts';
import type { Plan } from '../rollout/shapes.ts';
import { approvalActions, approvalLines, askedRing } from './card-approval.ts';
import { sayTime, subject, type Told, title, whose } from './card-words.ts';
import { clip } from './host-lines.ts';
import type { ShownRun } from './load.ts';
import { planLines } from './plan-lines.ts';

/** A plan that waits: what would be done to whom in which order, how much can go wrong, how long it takes, who may say yes. */
export function plannedCard(view: ShownRun, told: Told & { /** Domain ms a request waits. */ expires: number }): Card {
  const { run, plan } = view;
  const asks = askedRing(run) !== undefined;
  const only = run.id === 'plan';
  return {
    title: title(`${run.id}${only ? '' : ` ${stateOf(view, asks, told)}`}: ${subject(run)}`, `, ${sayHosts(run.size)}${most(run.plan)}`),
    tone: only ? 'quiet' : 'attention',
    body: [
      ...planLines(plan ?? { ...run.plan, hosts: [] }, run.prediction),
      ...approvalLines(run, told),
      ...(asks && !only ? [`unanswered it expires at ${sayTime((run.asked_at ?? run.planned_at).getTime() + told.expires, told)}`] : []),
      ...(!asks && run.waiting ? [clip(run.waiting.because)] : []),
      ...(only ? ['nothing was begun: this is only the plan'] : [whose(run), `every host: show ${run.id} plan`]),
    ],
    ...(!only && { actions: [...(asks ? approvalActions(run) : []), { label: 'Cancel', command: `stop ${run.id}` }] }),
  };
}

function stateOf({ run }: ShownRun, asks: boolean, told: Told): string {
  if (asks) return 'waits for approval';
  const begins = run.due?.getTime() ?? run.waiting?.until ?? run.plan.startAt;
  return begins === undefined || begins <= told.now ? 'is about to begin' : `begins ${sayTime(begins, told)}`;
}

/** The budget of the run itself is how many go at once. */
function most({ limits }: Pick<Plan, 'limits'>): string {
  const [, at] = Object.entries(limits).find(([budget]) => budget.startsWith('run:')) ?? [];
  return at === undefined ? '' : `, at most ${at} at once`;
}

const sayHosts = (count: number): string => (count === 1 ? '1 host' : `${count} hosts`);
