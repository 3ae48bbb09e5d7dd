/** A file as certs-keep and certs-back say it: `SHA256 MODE UID GID MTIME PATH`, or `absent PATH`. */
export interface KeptFile {
  path: string;
  /** Absent = there is no such file. */
  sha256?: string;
  mode?: string;
  /** `uid gid` */
  owner?: string;
  /** Seconds since 1970. */
  mtime?: number;
}

export function keptFiles(lines: readonly string[] | undefined): KeptFile[] {
  return (lines ?? []).flatMap((line): KeptFile[] => {
    const [, gone] = /^absent (\/.*)$/.exec(line) ?? [];
    if (gone !== undefined) return [{ path: gone }];
    const [, sha256, mode, uid, gid, mtime, path] = /^([0-9a-f]{64}) (\d+) (\d+) (\d+) (\d+) (\/.*)$/.exec(line) ?? [];
    return sha256 === undefined || path === undefined ? [] : [{ path, sha256, mode: mode as string, owner: `${uid} ${gid}`, mtime: Number(mtime) }];
  });
}

/** Paths of files whose content is another one, or that are gone. */
export function changedFiles(before: readonly KeptFile[], after: readonly KeptFile[]): string[] {
  const now = new Map(after.map((file) => [file.path, file.sha256]));
  return before.flatMap(({ path, sha256 }) => (now.has(path) && now.get(path) !== sha256 ? [path] : []));
}

/** Files that are not, in content, mode, owner and time, what they were. Empty = byte for byte. */
export function notAsBefore(before: readonly KeptFile[], after: readonly KeptFile[]): string[] {
  const now = new Map(after.map((file) => [file.path, file]));
  return before.flatMap((was) => {
    const is = now.get(was.path);
    if (is?.sha256 !== was.sha256) return [was.path];
    // Of a link neither mode nor time is anybody's.
    return was.mode !== '777' && (is?.mode !== was.mode || is?.owner !== was.owner || is?.mtime !== was.mtime) ? [was.path] : [];
  });
}
