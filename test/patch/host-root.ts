import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { stdinOf } from '../../src/fleet/ssh/stdin.ts';

/** Why no host of its own can be laid over this machine; `undefined` when it can. */
export const noHost: string | undefined = whyNot();

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root: a host of its own (overlay and chroot) cannot be made';
  if (!existsSync('/var/lib/dpkg/status') || !existsSync('/usr/bin/apt-get')) return 'no Debian with apt under us';
  const tried = spawnSync('unshare', [
    '-m',
    '-p',
    '--fork',
    'sh',
    '-c',
    'd=$(mktemp -d) && mount -t tmpfs t "$d" && mkdir "$d/u" "$d/w" "$d/r" && mount -t overlay o -o "lowerdir=/,upperdir=$d/u,workdir=$d/w" "$d/r"; s=$?; umount -l "$d"; rmdir "$d"; exit $s',
  ]);
  return tried.status === 0 ? undefined : 'no overlay mounts here (unshare -m)';
}

/** This machine's own system with a layer over it that is thrown away, and processes of its own. */
export interface HostRoot {
  /** A line of shell in there; throws when it fails. */
  sh(line: string): string;
  /** A script as the SSH room sends it: its `key=value` lines, lists gathered. */
  run(script: string, args: readonly string[], shell?: string): Answer;
  close(): void;
}

export interface Answer {
  stdout: string;
  said: Record<string, string>;
  lists: Record<string, string[]>;
}

export async function hostRoot(): Promise<HostRoot> {
  const holder: ChildProcess = spawn(
    'unshare',
    [
      '-m',
      '-p',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      // Over /mnt, in this namespace only.
      'mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w /mnt/r && mount -t overlay o -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r && mount -t proc p /mnt/r/proc && mount --rbind /dev /mnt/r/dev && mount -t tmpfs t /mnt/r/run && mount -t tmpfs t /mnt/r/tmp && chmod 1777 /mnt/r/tmp && echo ready && exec sleep infinity',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise<void>((resolve, reject) => {
    holder.stdout?.once('data', () => resolve());
    holder.once('exit', (code) => reject(new Error(`the root ended with ${code}`)));
  });
  const inner = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim();
  const enter = (words: string[], input: string | Buffer) =>
    spawnSync('nsenter', ['-t', inner, '-m', '-p', 'chroot', '/mnt/r', ...words], {
      input,
      encoding: 'utf8',
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
    });
  return {
    sh(line) {
      const { stdout, stderr, status } = enter(['sh', '-s'], line);
      if (status !== 0) throw new Error(`${line}\nended with ${status}: ${stderr}`);
      return stdout;
    },
    run(script, args, shell = 'sh') {
      const { stdout, stderr, status } = enter([...shell.split(' '), '-s'], stdinOf({ script, args }));
      if (status !== 0 || stderr !== '') throw new Error(`${script} ended with ${status}: ${stderr}\n${stdout}`);
      return { stdout, ...read(stdout) };
    },
    close: () => void holder.kill('SIGKILL'),
  };
}

function read(stdout: string): Omit<Answer, 'stdout'> {
  const said: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  for (const line of stdout.split('\n')) {
    const [, key = '', list, value = ''] = /^([a-z_]+)(\[\])?=(.*)$/.exec(line) ?? [];
    if (list === undefined) said[key] = value;
    else lists[key] = [...(lists[key] ?? []), ...(value === '' ? [] : [value])];
  }
  return { said, lists };
}

/** Makes a repository of tiny packages at /repo, the only one the host knows. */
export function aptRepository(root: HostRoot): {
  add(name: string, version: string, more?: { depends?: string; postinst?: string; conffile?: string; preinst?: string }): void;
  index(): void;
} {
  root.sh(
    `rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/* /etc/apt/preferences.d/* /etc/apt/apt.conf.d/*docker* && mkdir -p /repo && echo 'deb [trusted=yes] file:/repo ./' >/etc/apt/sources.list`,
  );
  return {
    add(name, version, { depends, postinst, conffile, preinst } = {}) {
      const file = (path: string, text: string, mode = '644') => `cat >"$d/${path}" <<'HERE'\n${text}\nHERE\nchmod ${mode} "$d/${path}"`;
      root.sh(
        [
          `d=$(mktemp -d) && chmod 755 $d && mkdir -p $d/DEBIAN $d/usr/share/${name} $d/etc`,
          file(`usr/share/${name}/version`, version),
          file(
            'DEBIAN/control',
            `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: for a test${depends ? `\nDepends: ${depends}` : ''}`,
          ),
          ...(postinst ? [file('DEBIAN/postinst', `#!/bin/sh\n${postinst}`, '755')] : []),
          ...(preinst ? [file('DEBIAN/preinst', `#!/bin/sh\n${preinst}`, '755')] : []),
          ...(conffile ? [file(`etc/${name}.conf`, conffile), file('DEBIAN/conffiles', `/etc/${name}.conf`)] : []),
          `dpkg-deb --root-owner-group -b $d /repo/${name}_${version}_all.deb >/dev/null`,
        ].join('\n'),
      );
    },
    index() {
      root.sh(
        'cd /repo && for f in *.deb; do dpkg-deb -f $f; echo "Filename: ./$f"; echo "Size: $(stat -c %s $f)"; echo "SHA256: $(sha256sum <$f | cut -d" " -f1)"; echo; done >Packages && rm -f Packages.gz',
      );
    },
  };
}

export const present = (program: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore', env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
    return true;
  } catch {
    return false;
  }
};
