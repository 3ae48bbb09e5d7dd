import type { Step } from '../../jobs.ts';
import { short, writtenAuthorities } from './judge.ts';
import { notAsBefore } from './kept.ts';
import { keptOnHost } from './on-host.ts';
import { rememberRotation } from './remembered.ts';
import { listenersOf, pathsOf, readSeen, sawServed } from './see.ts';
import { type At, carry, enter, LOOK_AGAIN, PATIENCE, silent } from './stage.ts';

/**
 * Puts back what was kept, has it served again where something else is, and looks whether all of it is as it was. After a failure
 * everything; for an undo what the rotation wrote and nothing else.
 */
export async function goBack(at: At): Promise<Step> {
  const { context, memory, plan } = at;
  if (memory.stage === 'back reload') return carry(at, plan.reloads, memory.undo ?? 'back', 'back judge', judgeAllTheSame);
  if (memory.stage === 'back judge') return judge(at);
  const only = memory.undo === undefined ? [] : memory.written;
  const back = await keptOnHost(context.script, memory.store, memory.undo === undefined ? 'back' : 'undo', only);
  if ('wrong' in back) return silent(at, { why: back.wrong, lost: back.lost });
  const asked = memory.kept.filter(({ path }) => only.length === 0 || only.includes(path));
  const left = [...back.failed, ...notAsBefore(asked, back.files).filter((path) => !back.failed.some((says) => says.startsWith(`${path}:`)))];
  if (left.length > 0) {
    const says = `${memory.why ?? 'asked'}; and it could NOT all be put back: ${left.slice(0, 3).join(', ')}. It is kept on the host under ${memory.store}`;
    return { step: 'end', outcome: 'failed', detail: says };
  }
  return enter(at, memory.reloaded && !memory.reloadWrites ? 'back reload' : 'back judge', { put: asked.length });
}

/** A reload that fails with the old files in place changes nothing: what is served says how it stands. */
const judgeAllTheSame = (at: At): Step => enter(at, 'back judge');

async function judge(at: At): Promise<Step> {
  const { context, memory, plan } = at;
  const read = await readSeen(context.script, pathsOf(plan));
  if ('wrong' in read) return silent(at, { why: read.wrong, lost: read.lost });
  const wrong = [
    ...writtenAuthorities(plan.authorities, read.seen),
    ...plan.leaves.flatMap(({ path, fingerprint }) =>
      read.seen.some((one) => one.path === path && one.fingerprint === fingerprint) ? [] : [`${path} is not the old one`],
    ),
  ];
  if (wrong.length > 0) return end(at, `and ${wrong[0]} all the same`, false);
  const now = await sawServed(plan);
  const taken = new Set(memory.renewed.map(({ fingerprint }) => fingerprint));
  // What nobody saw before may be anything but what was taken away again.
  const other = listenersOf(plan).filter((_, n) => (memory.served[n] === null ? taken.has(now[n] ?? '') : now[n] !== memory.served[n]));
  const where = other.map(({ says }) => says).join(', ');
  if (other.length > 0 && !memory.reloaded) return enter(at, 'back reload', { reloaded: true });
  if (other.length > 0 && context.clock.now() - memory.since < PATIENCE) {
    return { step: 'wait', lookAgainIn: LOOK_AGAIN, waitingFor: `${where} to serve the old certificate again`, remember: rememberRotation(memory) };
  }
  const keys = [...new Set(plan.authorities.map(({ pin }) => short(pin)))].slice(0, 3).join(', ');
  const looked = `looked at again${keys ? `, authorities have the keys they had (${keys})` : ''}`;
  return other.length === 0 ? end(at, looked, true) : end(at, `${looked}, but ${where} does not serve the old certificate`, false);
}

/** A failure that was put back is a failure still; an undo that put back is what was asked. What matters first: a line is cut on a phone. */
function end({ memory }: At, says: string, well: boolean): Step {
  const remember = rememberRotation({ ...memory, written: [], renewed: [] });
  const back = `put back byte for byte${memory.put === undefined ? '' : ` (${memory.put === 1 ? '1 file' : `${memory.put} files`})`}`;
  if (memory.undo === undefined) return { step: 'end', outcome: 'failed', detail: `${back}: ${memory.why ?? 'it failed'}; ${says}`, remember };
  return well ? { step: 'done', detail: `${back}; ${says}`, remember } : { step: 'end', outcome: 'failed', detail: `${back}, but ${says}`, remember };
}
