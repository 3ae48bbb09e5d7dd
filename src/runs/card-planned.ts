import type { Card } from '../chat/card.ts';
import { atMost, planSay } from '../rollout/plan-say.ts';
import { approvalActions, approvalLines, askedRing } from './card-approval.ts';
import { sayTime, sayWaiting, subject, type Told, title, whose } from './card-words.ts';
import { clip } from './host-lines.ts';
import type { ShownRun } from './load.ts';

/** A plan that waits: what would be done to whom in which order, how much can go wrong, how long it takes, who may say yes. */
export function plannedCard(view: ShownRun, told: Told & { /** Domain ms a request waits. */ expires: number }): Card {
  const { run, plan } = view;
  const asks = askedRing(run) !== undefined;
  const only = run.id === 'plan';
  return {
    title: title(
      only ? `Only a plan, nothing was begun: ${subject(run)}` : `${run.id} ${stateOf(view, asks, told)}: ${subject(run)}`,
      `, ${sayHosts(run.size)}, at most ${atMost(run.plan)} at once`,
    ),
    tone: only ? 'quiet' : 'attention',
    body: [
      ...planSay(plan ?? { ...run.plan, hosts: [] }, { prediction: run.prediction, waves: run.plan.rings.length > 1 ? 1 : 3 })
        .slice(1)
        .map((line) => clip(line)),
      ...(run.prediction.fit ?? []).map((line) => clip(line)),
      ...(only ? [] : approvalLines(run, told).slice(1)),
      ...(asks && !only ? [`unanswered it expires at ${sayTime((run.asked_at ?? run.planned_at).getTime() + told.expires, told)}`] : []),
      ...(!asks && run.waiting ? [clip(sayWaiting(run, told))] : []),
      ...(only ? [] : [whose(run), `every host: show ${run.id} plan`]),
    ],
    ...(!only && { actions: [...(asks ? approvalActions(run) : []), { label: 'Cancel', command: `stop ${run.id}` }] }),
  };
}

function stateOf({ run }: ShownRun, asks: boolean, told: Told): string {
  if (asks) return 'waits for approval';
  const begins = run.due?.getTime() ?? run.waiting?.until ?? run.plan.startAt;
  return begins === undefined || begins <= told.now ? 'is about to begin' : `begins ${sayTime(begins, told)}`;
}

const sayHosts = (count: number): string => (count === 1 ? '1 host' : `${count} hosts`);
