import type { Step, StepContext } from '../../jobs.ts';
import { sayDuration } from '../../lib/duration.ts';
import type { Host } from '../host.ts';
import { judgeRenewed } from './judge.ts';
import { changedFiles } from './kept.ts';
import { liveOf } from './live.ts';
import { withLook } from './look-again.ts';
import { keptOnHost } from './on-host.ts';
import { goBack } from './put-back.ts';
import { type RotateMemory, readRotateMemory, rememberRotation } from './remembered.ts';
import { sayRenewed } from './say.ts';
import { listenersOf, pathsOf, readSeen, sawServed } from './see.ts';
import { type RotateParams, rotationOf } from './shapes.ts';
import { type At, carry, enter, LOOK_AGAIN, PATIENCE, putBack, silent } from './stage.ts';

type Context = StepContext<RotateParams>;

/**
 * Carries a rotation on from the stage it is in: every renewal, a look at all that came of it, every reload, and what is served. Whatever
 * goes wrong before it is served leads back to what there was.
 */
export async function goOn(host: Host, context: Context): Promise<Step> {
  const step = await nextStage(host, context);
  return step.step === 'end' ? withLook(step, host, context) : step;
}

async function nextStage(host: Host, context: Context): Promise<Step> {
  const memory = readRotateMemory(context.memory);
  if (!memory) return { step: 'end', outcome: 'failed', detail: 'nothing was kept, so nothing was begun' };
  const at: At = { context, memory, plan: rotationOf(host.name, context.params) };
  switch (memory.stage) {
    case 'renew':
      return carry(at, at.plan.renewals, 'renew', 'judge');
    case 'judge':
      return judge(at);
    case 'reload':
      return carry(at, at.plan.reloads, 'reload', 'served');
    case 'served':
      return served(at);
    default:
      return goBack(at);
  }
}

async function judge(at: At): Promise<Step> {
  const looked = await judgeOnHost(at);
  return 'step' in looked ? looked : enter(at, 'reload', { written: looked.written, renewed: looked.renewed, reloaded: true });
}

/** What stands on its disk, or the way back where it may not stay. */
async function judgeOnHost(at: At, reloaded = false): Promise<Step | { written: string[]; renewed: RotateMemory['renewed'] }> {
  const { context, memory, plan } = at;
  const read = await readSeen(context.script, pathsOf(plan));
  if ('wrong' in read) return silent(at, { why: read.wrong, lost: read.lost });
  const now = await keptOnHost(context.script, memory.store, 'look');
  if ('wrong' in now) return silent(at, { why: now.wrong, lost: now.lost });
  const judged = judgeRenewed({
    ...{ leaves: plan.leaves, authorities: plan.authorities, signers: memory.signers, after: read.seen, keys: new Set(read.keys.values()) },
    ...{ kept: memory.kept, files: now.files, now: Date.now() },
  });
  const written = changedFiles(memory.kept, now.files);
  if (judged.wrong.length > 0) return enter(at, 'back', { why: judged.wrong.slice(0, 3).join('; '), written, reloadWrites: reloaded && judged.authority });
  return { written, renewed: judged.renewed };
}

/** Looked at from here, as a client would: what is on the disk is not yet what is served. */
async function served(at: At): Promise<Step> {
  const { context, memory, plan } = at;
  const listeners = listenersOf(plan);
  const now = await sawServed(plan);
  const wanted = listeners.map(({ path }) => memory.renewed.find((one) => one.path === path)?.fingerprint);
  const { live, old, gone, silent: silence } = liveOf(memory.served, now, wanted);
  const say = (numbers: readonly number[]): string => listeners.flatMap(({ says }, n) => (numbers.includes(n) ? [says] : [])).join(', ');
  const where = say(old);
  // It answered when it was planned: one that is silent may be on its way up.
  const open = [...old, ...silence].sort((a, b) => a - b);
  if (open.length > 0 && context.clock.now() - memory.since < PATIENCE) {
    return { step: 'wait', lookAgainIn: LOOK_AGAIN, waitingFor: `${say(open)} to serve the new certificate`, remember: rememberRotation(memory) };
  }
  // What reloads it may have written, too: nothing ends well before all of it was looked at once more.
  const looked = await judgeOnHost(at, true);
  if ('step' in looked) return looked;
  if (old.length === 0) return { step: 'done', detail: sayRenewed(plan, memory.renewed, { live: live.length, silent: silence.length }, context.clock.now()) };
  // Nobody is served any more who was before: worse than an old certificate.
  if (gone.length > 0) return putBack(at, `nothing answers on ${say(gone)} any more with the new certificate`);
  return {
    step: 'end',
    outcome: 'unverified',
    detail: `RENEWED, NOT LIVE: ${where} still serves another certificate after ${sayDuration(PATIENCE)}; the new one is on the disk and well. Reload what serves it by hand, or "undo ${context.run.id}"`,
    remember: rememberRotation(memory),
  };
}
