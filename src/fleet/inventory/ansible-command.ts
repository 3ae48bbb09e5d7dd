import { execFile } from 'node:child_process';
import { readAnsibleList } from './ansible-list.ts';
import { type Draft, newDraft, type Origin } from './draft.ts';

/** Wall milliseconds; cloud inventories ask an API page by page. */
const PATIENCE = 60_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Runs the command (argv, no shell) in `folder` and reads the inventory it prints. Its failure is a problem of `origin`. */
export async function runAnsibleCommand(argv: readonly string[], folder: string, origin: Origin, patience = PATIENCE): Promise<Draft> {
  const [program = '', ...args] = argv;
  const shown = argv.join(' ');
  const failed = (says: string): Draft => ({ ...newDraft(), problems: [{ ...origin, says: `The inventory command \`${shown}\` ${says}` }] });
  const { error, stdout, stderr } = await run(program, args, folder, patience);
  if (error) {
    if (error.code === 'ENOENT') return failed(`cannot be started: there is no program "${program}". Install it or give its whole path.`);
    if (error.code === 'EACCES') return failed(`cannot be started: "${program}" may not be run by this user.`);
    if (error.killed) return failed(`was stopped: no end within ${Math.round(patience / 1000)} s, or more than 64 MB of output.`);
    const last = stderr.trim().split('\n').at(-1)?.slice(0, 300);
    return failed(`ended with ${error.code ?? error.signal}${last ? `: ${last}` : ' and said nothing on stderr'}. Run it by hand in ${folder}.`);
  }
  try {
    return readAnsibleList(JSON.parse(stdout), `output of \`${shown}\``);
  } catch {
    return failed(`printed no JSON (it begins "${stdout.trim().slice(0, 40)}"): it must print what \`ansible-inventory --list\` prints.`);
  }
}

type Failure = Error & { code?: string | number | null; killed?: boolean; signal?: string | null };

function run(program: string, args: string[], cwd: string, timeout: number): Promise<{ error: Failure | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const done = (error: Failure | null, stdout: string, stderr: string): void => resolve({ error, stdout, stderr });
    try {
      const child = execFile(program, args, { cwd, timeout, maxBuffer: MOST_BYTES, encoding: 'utf8' }, done);
      child.stdin?.end();
    } catch (error) {
      done(error as Failure, '', '');
    }
  });
}
