import type { ExecResult } from './transport.ts';
import { oneLine } from './unreached.ts';

/** The only command that reaches a login shell for a script that needs no root; every shell, fish and csh too, reads it alike. */
export const COMMAND = 'sh -s';

/**
 * For scripts that need root: the same where the login is root, through `sudo -n` otherwise, which never asks for a password.
 * A constant: nothing but single quotes, in which csh and fish change nothing either (no `!`, no backslash).
 */
export const ROOT_COMMAND = `sh -c 'test "$(id -u)" = 0 && exec sh -s; LC_ALL=C; export LC_ALL; exec sudo -n sh -s'`;

type Ran = Omit<ExecResult & { reach: 'ok' }, 'ms'>;

/**
 * Marks an answer in which sudo, and not the script, had the word: the script did not begin. sudo says it on stderr and ends
 * with 1, sh without a sudo with 127; a script of ours always says something on stdout.
 */
export function withRootRefusal(ran: Ran): Ran {
  if (ran.stdout !== '' || (ran.code !== 1 && ran.code !== 126 && ran.code !== 127)) return ran;
  const line = ran.stderr.split('\n').find((each) => SUDO_SAYS.test(each) && !/unable to resolve host/.test(each));
  return line === undefined
    ? ran
    : { ...ran, needsRoot: `needs sudo for this login: npx holdfast sudoers --changes prints the line for the host (${oneLine(line, 120)})` };
}

const SUDO_SAYS = /\bsudo: |: sudo\b|^Sorry, user |is not in the sudoers file|may not run sudo/;
