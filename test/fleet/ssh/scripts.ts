import type { Script } from '../../../src/fleet/scripts/read.ts';

/** Scripts these tests send instead of the real ones: `vi.mock('…/scripts/read.ts', () => import('./scripts.ts'))`. */
const BODIES: Record<string, string> = {
  hello: 'echo "hello $*"',
  words: 'for word; do printf "%s\\0" "$word"; done',
  both: 'echo out; echo err >&2; exit 3',
  flood: 'head -c 50000000 /dev/zero | tr "\\0" x; echo done >&2',
  'flood-both': 'head -c 2000000 /dev/zero | tr "\\0" x >&2; echo end',
  sleepy: 'echo begun; sleep "$1"; echo awake',
  killed: 'kill -9 $$',
  reads: 'cat; echo "and on"',
  pid: 'echo $PPID',
  who: 'id -u',
  'who-as-root': 'id -u',
  noted: 'echo began >> "$1"; sleep 30',
};

export function readScript(name: string): Script {
  const body = BODIES[name];
  if (body === undefined) throw new Error(`no script ${name}`);
  return { name, version: 1, text: `# holdfast:${name} v1\n${body}\n`, ...(name.endsWith('-as-root') && { root: true }) };
}
