import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../root.ts';

export interface Script {
  name: string;
  /** From the first line, `# holdfast:<name> v<version>`. */
  version: number;
  /** The whole file, first line included. */
  text: string;
}

const cache = new Map<string, Script>();

/**
 * The file `src/fleet/scripts/<name>.sh`, read once per process. Throws (a fault of ours) for a name that is none, a file
 * that is absent, or one whose first line does not name it.
 */
export function readScript(name: string): Script {
  const known = cache.get(name);
  if (known) return known;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no script name`);
  const script = parseScript(name, readFileSync(join(packageRoot, 'src/fleet/scripts', `${name}.sh`), 'utf8'));
  cache.set(name, script);
  return script;
}

function parseScript(name: string, text: string): Script {
  const first = text.slice(0, text.indexOf('\n') + 1).trimEnd();
  const version = first.startsWith(`# holdfast:${name} v`) && first.match(/ v(\d+)$/)?.[1];
  if (!version) throw new Error(`${name}.sh must begin with "# holdfast:${name} v<n>", it begins with ${JSON.stringify(first.slice(0, 80))}`);
  return { name, version: Number(version), text };
}
