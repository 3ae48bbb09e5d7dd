import type { Card } from '../chat/card.ts';
import type { Plan } from '../rollout/shapes.ts';
import { sayTime } from '../zone.ts';
import { approvalActions, approvalLines, askedRing } from './card-approval.ts';
import { subject, type Told, title, whose } from './card-words.ts';
import { clip } from './host-lines.ts';
import type { ShownRun } from './load.ts';
import { planLines } from './plan-lines.ts';

/** A plan that waits: what would be done to whom in which order, how much can go wrong, how long it takes, who may say yes. */
export function plannedCard(view: ShownRun, told: Told & { /** Domain ms a request waits. */ expires: number }): Card {
  const { run, plan } = view;
  const asks = askedRing(run) !== undefined;
  const begins = run.plan.startAt ?? run.waiting?.until;
  const state = asks ? 'waits for approval' : begins === undefined ? 'is planned' : `begins ${sayTime(begins, told.now, told.zone)}`;
  return {
    title: title(`${run.id} ${state}: ${subject(run)}`, `, ${sayHosts(run.size)}${most(run.id, run.plan)}`),
    tone: 'attention',
    body: [
      ...planLines(plan ?? { ...run.plan, hosts: [] }, run.prediction, told),
      ...approvalLines(run, told),
      ...(asks ? [`unanswered it expires at ${sayTime(run.planned_at.getTime() + told.expires, told.now, told.zone)}`] : []),
      ...(!asks && run.waiting ? [clip(run.waiting.because)] : []),
      whose(run),
      `every host: show ${run.id} plan`,
    ],
    actions: [...(asks ? approvalActions(run) : []), { label: 'Cancel', command: `stop ${run.id}` }],
  };
}

/** The budget of the run itself is how many go at once. */
function most(id: string, { limits }: Pick<Plan, 'limits'>): string {
  const at = limits[`run:${id}`];
  return at === undefined ? '' : `, at most ${at} at once`;
}

const sayHosts = (count: number): string => (count === 1 ? '1 host' : `${count} hosts`);
