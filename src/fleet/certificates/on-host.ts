import type { StepContext } from '../../jobs.ts';
import { readScript } from '../scripts/read.ts';
import { type Answer, answerOf, type Said } from '../scripts/said.ts';
import { deniedScript } from './deny.ts';
import { type KeptFile, keptFiles } from './kept.ts';
import type { Reload, Renewal } from './shapes.ts';

type Script = StepContext<unknown>['script'];

/** Wall ms: an archive is written to a disk that may be slow. */
const KEEP_TIME = 20_000;

export type OnHost<What> = What | { wrong: string; lost: boolean };

/** Keeps these files, or says what was kept for this intent before. */
export async function keepOnHost(script: Script, intent: string, paths: readonly string[]): Promise<OnHost<{ kept: KeptFile[] }>> {
  const answer = answerOf(await script('certs-keep', [intent, ...paths], KEEP_TIME), 'certs-keep v1');
  if ('wrong' in answer) return wrongOf(answer);
  const { values, lists } = answer.said;
  if (values.failed !== undefined) return { wrong: values.failed, lost: false };
  return { kept: keptFiles(lists.kept) };
}

/** How the files that were kept stand now; with `back` and `undo`, after they were put back. A rotation puts back only what no later one has begun on. */
export async function keptOnHost(
  script: Script,
  intent: string,
  mode: 'look' | 'back' | 'undo',
  paths: readonly string[] = [],
): Promise<OnHost<{ files: KeptFile[]; differs: readonly string[]; failed: readonly string[]; aside: readonly string[] }>> {
  const answer = answerOf(await script('certs-back', [intent, mode, ...paths], KEEP_TIME), 'certs-back v1');
  if ('wrong' in answer) return wrongOf(answer);
  const { values, lists } = answer.said;
  if (values.state === 'superseded') return { wrong: 'another rotation was begun on the host since', lost: false };
  if (values.state !== 'kept') return { wrong: 'nothing was kept on the host for this', lost: false };
  return { files: keptFiles(lists.now), differs: lists.differs ?? [], failed: lists.failed ?? [], aside: lists.aside ?? [] };
}

/** How a step on the host stands. `not known` = it could not be asked. */
export type Doing = { is: 'running' } | { is: 'done' } | { is: 'failed'; why: string } | { is: 'not known'; why: string; lost: boolean };

/**
 * Looks how far a step is, and begins it where the host knows nothing of it. The host takes each once: a worker that was away comes
 * to the one that was begun.
 */
export async function stepOnHost(script: Script, intent: string, step: string, what: Renewal | Reload): Promise<Doing> {
  const looked = await lookOnHost(script, intent, step, what.says);
  if (looked !== 'absent') return looked;
  const words = what.kind === 'script' ? textOf(what.words[0] as string) : what.words;
  const denied = what.kind === 'script' ? deniedScript(words[1] as string) : undefined;
  if (denied !== undefined) return { is: 'failed', why: `"${what.says}" is not run: ${denied}` };
  const begun = answerOf(await script('certs-do', [intent, step, what.kind, ...words]), 'certs-do v1');
  if ('wrong' in begun) return { is: 'not known', why: begun.wrong, lost: begun.lost };
  if (begun.said.values.failed !== undefined) return { is: 'failed', why: `"${what.says}" was not begun: ${begun.said.values.failed}` };
  return { is: 'running' };
}

/** Refuses where the script is no longer the one that was approved. */
const textOf = (exact: string): [string, string] => [exact.replace(/@.*$/, ''), readScript(exact).text];

/** How a step stands on the host, without beginning it. */
export async function lookOnHost(script: Script, intent: string, step: string, says: string): Promise<Doing | 'absent'> {
  const answer = answerOf(await script('certs-look', [intent, step]), 'certs-look v1');
  if ('wrong' in answer) return { is: 'not known', why: answer.wrong, lost: answer.lost };
  const { values } = answer.said;
  if (values.state === 'absent') return 'absent';
  if (values.state === 'running') return { is: 'running' };
  if (values.state === 'done' && values.rc === '0') return { is: 'done' };
  if (values.state === 'done') return { is: 'failed', why: `"${says}" ended with ${values.rc ?? 'nothing'}${logged(answer.said)}` };
  return { is: 'failed', why: `"${says}" was broken off, and nobody is at it any more${logged(answer.said)}` };
}

const logged = ({ lists }: Said): string => (lists.log?.length ? `: ${lists.log.slice(-2).join(' / ').slice(0, 200)}` : '');

const wrongOf = ({ wrong, lost }: Extract<Answer, { wrong: string }>): { wrong: string; lost: boolean } => ({ wrong, lost });
