import { readScript } from '../scripts/read.ts';
import { quote } from './quote.ts';
import type { ScriptCall } from './transport.ts';

/**
 * What `sh -s` is given to read: the script's own first line, `set -- 'a' 'b'`, then the rest of the script. The rest stands
 * in braces so that the shell has read all of it before it runs any of it: a connection that breaks half way leaves
 * a syntax error, not half a script; and what the script runs cannot eat the script as its input.
 */
export function stdinOf(call: Pick<ScriptCall, 'script' | 'args'>): Buffer {
  const { text } = readScript(call.script);
  const last = lately.get(call.script);
  // A configuration that was read again may have brought another text under the same name.
  if (last && last.text === text && sameWords(last.args, call.args)) return last.stdin;
  const cut = text.indexOf('\n') + 1;
  const words = call.args.map((arg) => ` ${quote(arg)}`).join('');
  const stdin = Buffer.from(`${text.slice(0, cut)}set --${words}\n{\n${text.slice(cut)}\n} </dev/null\n`);
  lately.set(call.script, { text, args: [...call.args], stdin });
  return stdin;
}

/** Hosts of one run are mostly asked the same: the last form of each script is kept, 5,000 hosts share one buffer. */
const lately = new Map<string, { text: string; args: string[]; stdin: Buffer }>();

const sameWords = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((word, at) => word === b[at]);
