import type { Memory, Step, StepContext } from '../../jobs.ts';
import { sayDuration } from '../../lib/duration.ts';
import type { Host } from '../host.ts';
import { type PatchAnswer, packagesIn, readPatchAnswer, sayPackages } from './answer.ts';
import { some } from './judge.ts';
import type { PatchParams } from './params.ts';

const LOOK_TIME = 40_000;
/** Domain ms between two looks, and for which a host that is upgraded may be silent: sshd and the network are restarted, too. */
const LOOK_AGAIN = 20_000;
const SILENCE = 10 * 60_000;

/** Looks whether the upgrade is over, and how it ended. */
export async function verifyPatch(_host: Host, context: StepContext<PatchParams>): Promise<Step> {
  const now = context.clock.now();
  const answer = readPatchAnswer(await context.script('patch-look', [context.intent], LOOK_TIME), 'patch-look v1');
  if ('unanswered' in answer) {
    const since = typeof context.memory.silentSince === 'number' ? context.memory.silentSince : now;
    const { unanswered, reached } = answer;
    if (now - since < SILENCE)
      return { step: 'wait', lookAgainIn: LOOK_AGAIN, waitingFor: `it to answer again (${unanswered})`, remember: { silentSince: since } };
    return { step: 'end', outcome: reached ? 'unverified' : 'lost', detail: `no answer for ${sayDuration(now - since)} while it was upgraded: ${unanswered}` };
  }
  return judgeLook(answer);
}

/** Pure. */
export function judgeLook({ said, lists }: PatchAnswer): Step {
  const wait = (waitingFor: string): Step => ({ step: 'wait', lookAgainIn: LOOK_AGAIN, waitingFor, remember: { silentSince: null } });
  const failed = (detail: string, remember?: Memory): Step => ({ step: 'end', outcome: 'failed', detail, ...(remember && { remember }) });
  const logged = lists.log?.length ? `: ${lists.log.join(' / ')}` : '';
  switch (said.state) {
    case 'waiting':
      return wait(said.holder ? `${said.holder}, which holds the lock of packages` : 'it to begin');
    case 'installing':
      return wait(said.says ? `packages to be installed: ${said.says}` : 'packages to be installed');
    case 'absent':
      return failed('it did not begin: the host knows nothing of it');
    case 'changed':
      return failed(
        `nothing was done: what would be upgraded is no longer what was looked at (somebody else upgraded, or new packages came). "go retry" looks anew`,
      );
    case 'leaks':
      return failed('nothing was done: the upgrade would bring what is to stay off');
    case 'locked':
      return failed('nothing was done: the lock of packages was not free in time');
    case 'called-off':
      return { step: 'end', outcome: 'held', detail: 'called off before it began' };
    case 'done':
      return ended({ said, lists }, failed, logged);
    case 'died':
      return failed(
        `the upgrade was broken off ${said.other_boot === 'yes' ? 'by a reboot' : 'and nobody is at it any more'}${sayHalf(lists.half)}; finish it by hand (dpkg --configure -a)`,
        { changed: packagesIn(lists.changed) },
      );
    default:
      return failed(`the host gave an answer that is not understood (${said.state ?? 'nothing'})`);
  }
}

function ended({ said, lists }: PatchAnswer, failed: (detail: string, remember?: Memory) => Step, logged: string): Step {
  const changed = packagesIn(lists.changed);
  const half = lists.half ?? [];
  const stale = lists.stale ?? [];
  const remember = {
    changed,
    stale: [...stale],
    silentSince: null,
    rebootRequired: said.reboot_required === 'yes',
    ...(said.kernel_newest && { kernelNewest: said.kernel_newest }),
  };
  if (said.rc !== '0') return failed(`apt or dnf ended with ${said.rc ?? 'nothing'}${sayHalf(half)}${logged}`, remember);
  if (half.length > 0) return failed(`upgraded, but packages stand half-way: ${some(half)}`, remember);
  const detail = [
    sayPackages(changed),
    ...(stale.length > 0 ? [`still on old files: ${some(stale)}`] : []),
    ...(said.reboot_required === 'yes' ? [`wants a reboot${said.kernel_newest ? ` into ${said.kernel_newest}` : ''}`] : []),
  ].join('; ');
  return { step: 'done', detail, remember };
}

const sayHalf = (half: readonly string[] | undefined): string => (half?.length ? `, with packages half-way: ${some(half)}` : '');
