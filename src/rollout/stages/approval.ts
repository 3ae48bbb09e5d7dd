import { sayDuration } from '../../lib/duration.ts';
import { when } from '../words.ts';
import type { Deciding, Stage } from './stage.ts';
import { ringName, wait } from './stage.ts';

/** An approval nobody gave in time ends the request; a ring further on is asked for again each day instead. */
export const expiry: Stage = {
  name: 'expiry',
  look(at) {
    const { run, now, world } = at;
    if (run.begunAt !== undefined || !isMissing(at)) return undefined;
    const ends = expires(at);
    if (now < ends) return undefined;
    return { state: 'expired', because: `nobody approved ${run.id} within ${sayDuration(world.defaults['approval.expires'])}` };
  },
};

export const approval: Stage = { name: 'approval', look: (at) => (at.ring === 0 ? missing(at) : undefined) };
export const ringApproval: Stage = { name: 'ring approval', look: (at) => (at.ring > 0 ? missing(at) : undefined) };

/** What was approved is what is done (promise 9). */
export const hash: Stage = {
  name: 'hash',
  look(at) {
    if (!isNeeded(at) || isForThisPlan(at)) return undefined;
    return wait(at, { for: 'approval', because: `${ringName(at)} was approved in another wording: approve ${at.run.id} as it is now` });
  },
};

/** Where only one person could approve, a minute lies between their word and the deed. */
export const loneMinute: Stage = {
  name: 'lone minute',
  look(at) {
    const given = at.run.approvals[at.ring];
    if (given?.notBefore === undefined || at.now >= given.notBefore) return undefined;
    const because = `${given.by} approved ${ringName(at)} alone: it begins at ${when(given.notBefore, at.now, at.world.zone)}; stop ${at.run.id} calls it off`;
    return wait(at, { for: 'time', because, until: given.notBefore });
  },
};

function missing(at: Deciding) {
  const { run } = at;
  if (!isNeeded(at) || run.approvals[at.ring]) return undefined;
  const reasons = run.plan.rings[at.ring]?.approval ?? [];
  const because = `${ringName(at)} waits for approval${reasons.length > 0 ? `: ${reasons.join(', ')}` : ': it missed its hour'}`;
  // Runs that never began are as if nobody had said yes; those that did go on existing.
  if (run.begunAt !== undefined) return wait(at, { for: 'approval', because });
  at.looks.push(expires(at));
  return wait(at, { for: 'approval', because, until: expires(at) }, 'planned');
}

const isNeeded = ({ run, ring }: Deciding): boolean =>
  (run.plan.rings[ring]?.approval.length ?? 0) > 0 || (run.askedAt !== undefined && run.begunAt === undefined);
const isForThisPlan = ({ run, ring }: Deciding): boolean =>
  run.hash === undefined || run.approvals[ring] === undefined || run.approvals[ring].hash === run.hash;
const isMissing = (at: Deciding): boolean => isNeeded(at) && (!at.run.approvals[at.ring] || !isForThisPlan(at));
const expires = ({ run, world }: Deciding): number => (run.askedAt ?? run.plannedAt) + world.defaults['approval.expires'];
