import type { ExecResult } from '../ssh/transport.ts';
import { lastLine, lastLines } from './last-lines.ts';

/** What a configured script came to on one host, small enough to be kept. */
export interface Ran {
  /** Its exit code; absent = it is not known how it ended, or that it began at all. */
  code?: number;
  reach: ExecResult['reach'];
  /** One line: the last it printed, or why it did not run. */
  says: string;
  output: string;
}

/** Failure speaks on stderr, success on stdout; where that one is silent the other counts. */
export function ranOf(result: ExecResult): Ran {
  if (result.reach !== 'ok') return { reach: result.reach, says: result.detail, output: '' };
  const { code, stdout, stderr, cut } = result;
  if (result.needsRoot) return { code, reach: 'ok', says: result.needsRoot, output: result.needsRoot };
  const first = code === 0 ? stdout : stderr;
  const output = lastLines([stdout, stderr].filter((text) => text.trim()).join('\n'));
  return {
    code,
    reach: 'ok',
    says: lastLine(first.trim() ? first : `${stdout}${stderr}`),
    output: cut ? `${output}\n… (it printed more than is kept; this is not its end)` : output,
  };
}
