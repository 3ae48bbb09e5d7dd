import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../../lib/refusal.ts';
import { packageRoot } from '../../root.ts';

export interface Script {
  name: string;
  /** From the first line, `# holdfast:<name> v<version>`. */
  version: number;
  /** The whole file, first line included. */
  text: string;
  /** Its second line is `# root`, or the configuration says so: it needs root. */
  root?: boolean;
}

const builtIn = new Map<string, Script>();
/** Scripts of the configuration in force in this process, also as `name@sha256`; earlier texts stay under that name. */
const configured = new Map<string, Script>();

/**
 * The script of this name: one of the configuration, or the file `src/fleet/scripts/<name>.sh`, read once per process.
 * `name@sha256` is exactly that text of a configured one, else refused. Throws (a fault of ours) for a name that is none,
 * a file that is absent, or one whose first line does not name it.
 */
export function readScript(name: string): Script {
  const known = builtIn.get(name) ?? configured.get(name);
  if (known) return known;
  if (name.includes('@'))
    throw new Refusal(
      `${name.replace(/@.*/s, '')} is not the script that was planned (its file has changed since, or this worker has another copy); plan it again`,
    );
  if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no script name`);
  const script = parseScript(name, withParts(readFileSync(fileOf(name), 'utf8')));
  builtIn.set(name, script);
  return script;
}

/** Whether Holdfast has a script of this name itself. */
export const isBuiltIn = (name: string): boolean => NAME.test(name) && existsSync(fileOf(name));

/** Puts the scripts of a configuration in force; those it no longer has are gone. */
export function useConfigured(scripts: Readonly<Record<string, { version: number; sha256: string; body: string; root: boolean }>>): void {
  for (const name of configured.keys()) if (!name.includes('@') && !Object.hasOwn(scripts, name)) configured.delete(name);
  for (const [name, { version, sha256, body, root }] of Object.entries(scripts)) {
    const exact = `${name}@${sha256}`;
    const same = configured.get(exact);
    // The same text keeps its identity, and with it what was made of it for the hosts of a run.
    const script = same?.root === root ? same : { name, version, text: body, root };
    configured.set(exact, script).set(name, script);
  }
}

const NAME = /^[a-z][a-z0-9-]*$/;
const fileOf = (name: string): string => join(packageRoot, 'src/fleet/scripts', `${name}.sh`);

/** Scripts that belong together share parts: a line `# part:updates` stands for `parts/updates.sh`. */
function withParts(text: string): string {
  return text.replace(/^# part:([a-z][a-z0-9-]*)$/gm, (_, part: string) => readFileSync(join(packageRoot, 'src/fleet/scripts/parts', `${part}.sh`), 'utf8'));
}

function parseScript(name: string, text: string): Script {
  const [first = '', second] = text.split('\n', 2);
  const version = first.startsWith(`# holdfast:${name} v`) && first.match(/ v(\d+)$/)?.[1];
  if (!version) throw new Error(`${name}.sh must begin with "# holdfast:${name} v<n>", it begins with ${JSON.stringify(first.slice(0, 80))}`);
  return { name, version: Number(version), text, ...(second === '# root' && { root: true }) };
}
