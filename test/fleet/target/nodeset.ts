import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';

/** The Python that runs `nodeset` on this machine, or why there is none. */
export function findNodeset(): { python: string } | { missing: string } {
  const folder = (process.env.PATH ?? '').split(':').find((path) => {
    try {
      accessSync(`${path}/nodeset`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!folder) return { missing: 'nodeset (Debian: clustershell) is not installed, so nothing was compared with ClusterShell' };
  const python = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(readFileSync(`${folder}/nodeset`, 'utf8'));
  const program = python?.[1]?.endsWith('/env') ? python[2] : python?.[1];
  return program ? { python: program } : { missing: 'nodeset is no Python program here, so nothing was compared with ClusterShell' };
}

/**
 * What ClusterShell makes of each line, all in one process: its names, its folded form, or that it refuses. `nodeset`
 * itself joins its arguments into one set, so its library is asked.
 */
export function askNodeset(python: string, lines: readonly string[]): ({ names: string[]; folded: string } | undefined)[] {
  const script = `
import json, sys
from ClusterShell.NodeSet import NodeSet, RESOLVER_NOGROUP
for line in json.load(sys.stdin):
    try:
        nodes = NodeSet(line, resolver=RESOLVER_NOGROUP)
        print(json.dumps({"names": list(nodes), "folded": str(nodes)}))
    except Exception:
        print("null")
`;
  const output = execFileSync(python, ['-c', script], { input: JSON.stringify(lines), encoding: 'utf8', maxBuffer: 1 << 28 });
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) ?? undefined);
}
