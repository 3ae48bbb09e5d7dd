import { Refusal } from '../../lib/refusal.ts';

/**
 * The lines that let an unprivileged login see the facts marked `root`: exactly the commands check.sh tries with
 * `sudo -n`, with their arguments, nothing that changes anything. `changes`: also the one that scripts marked `# root` are
 * run with, which is all of root. `user` is a Unix login; refuses anything that sudoers would read otherwise.
 */
export function sudoersText(user: string, { changes = false }: { changes?: boolean } = {}): string {
  if (!/^[a-z_][a-z0-9_.-]{0,31}$/.test(user)) {
    throw new Refusal(`${JSON.stringify(user.slice(0, 40))} is no Unix login: small letters, digits, "_", "-" and ".", a letter first, 32 at most.`);
  }
  const commands = ROOT_COMMANDS.flatMap(({ paths, args }) => paths.map((path) => `${path} ${args}`));
  return [
    `# What Holdfast may look at as root${changes ? ', and the shell its changes run in' : ', and nothing else'}. Install with:`,
    '#   visudo -cf holdfast.sudoers && install -m 0440 holdfast.sudoers /etc/sudoers.d/holdfast',
    `Cmnd_Alias HOLDFAST_CHECK = ${commands.map(quoted).join(', \\\n    ')}`,
    `Defaults:${user} !requiretty`,
    `${user} ALL=(root) NOPASSWD: HOLDFAST_CHECK`,
    ...(changes ? CHANGES(user) : ['# For reboot, patch, pause updates and the like as well: npx holdfast sudoers --changes']),
    '',
  ].join('\n');
}

/** The words of ROOT_COMMAND in ../ssh/command.ts, where sh lives in either place. */
const CHANGES = (user: string): string[] => [
  '# The named scripts of Holdfast that change something come over the stdin of this shell. Honestly said, this is all of root:',
  '# whoever holds the key of this login can do anything here. Without it such a job ends as failed, "needs sudo".',
  'Cmnd_Alias HOLDFAST_CHANGE = /usr/bin/sh -s, /bin/sh -s',
  `${user} ALL=(root) NOPASSWD: HOLDFAST_CHANGE`,
];

/**
 * Where each program lives differs (merged /usr or not); paths that do not exist do no harm. The only patterns are
 * single-character classes in device names, which match neither a blank nor a slash.
 */
export const ROOT_COMMANDS: readonly { fact: string; paths: string[]; args: string }[] = [
  { fact: 'kernel_errors', paths: ['/usr/bin/dmesg', '/bin/dmesg'], args: '--level=emerg,alert,crit,err,warn --time-format=iso' },
  { fact: 'last_words', paths: ['/usr/bin/journalctl', '/bin/journalctl'], args: '-k -b -1 -n 15 -o short-iso --no-pager' },
  { fact: 'last_words', paths: ['/usr/bin/tail'], args: '-c 262144 /var/log/kern.log' },
  { fact: 'last_words', paths: ['/usr/bin/tail'], args: '-c 262144 /var/log/messages' },
  { fact: 'crash_files', paths: ['/usr/bin/ls', '/bin/ls'], args: '/sys/fs/pstore' },
  { fact: 'smart_failing', paths: ['/usr/sbin/smartctl'], args: '-n standby -H -j /dev/sd[a-z]' },
  { fact: 'smart_failing', paths: ['/usr/sbin/smartctl'], args: '-n standby -H -j /dev/nvme[0-9]n1' },
  { fact: 'firewall_hash', paths: ['/usr/sbin/nft', '/sbin/nft'], args: '-s -t list ruleset' },
  { fact: 'firewall_hash', paths: ['/usr/sbin/iptables-save', '/sbin/iptables-save'], args: '""' },
  { fact: 'firewall_hash', paths: ['/usr/sbin/ip6tables-save', '/sbin/ip6tables-save'], args: '""' },
  { fact: 'guests', paths: ['/usr/sbin/xl', '/usr/bin/xl'], args: 'list' },
  { fact: 'livepatch', paths: ['/usr/bin/kcarectl'], args: '--info' },
  { fact: 'livepatch_kernel', paths: ['/usr/bin/kcarectl'], args: '--uname' },
  { fact: 'cron_updaters', paths: ['/usr/bin/crontab'], args: '-l -u root' },
];

/** In sudoers, commas, colons and equals signs in arguments need a backslash. */
function quoted(command: string): string {
  return command.replace(/[,:=]/g, '\\$&');
}
