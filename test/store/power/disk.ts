/**
 * A disk as it is after the power went: what was written and not synced is lost, in whole or in part. It is told, in
 * order, what a process did to its files (record.ts), and rebuilt as it would be found.
 *
 * What counts as on the disk, and no more:
 * - the bytes of a file: as they were at its last fsync;
 * - a name in a folder (created, renamed, removed): as it was at the last fsync of that folder, and the name of a new
 *   file also from the first fsync of that file (ext4, XFS and btrfs promise that; POSIX does not).
 */
export type Deed =
  | { do: 'mkdir' | 'create' | 'unlink' | 'rmdir'; path: string }
  | { do: 'rename'; path: string; to: string }
  | { do: 'write'; path: string; at: number; data: string }
  | { do: 'truncate'; path: string; length: number }
  | { do: 'fsync'; path: string }
  /** The caller was told that transaction `n` is committed. */
  | { do: 'acknowledged'; n: number };

interface Node {
  folder: boolean;
  /** Files: as the process sees it, and as it is on the disk. */
  now: Buffer;
  synced: Buffer;
  unsynced: ({ at: number; data: Buffer } | { length: number })[];
  /** Folders: as the process sees it; as it is on the disk; and what is between the two, in order. */
  names: Map<string, Node>;
  syncedNames: Map<string, Node>;
  unsyncedNames: ((names: Map<string, Node>) => void)[];
  /** A new file's first fsync also puts its name on the disk. */
  fresh: { parent: Node; name: string } | undefined;
}

/** `survives` says of each unsynced piece whether it reached the disk all the same; a torn write survives by the sector. */
export type Survives = () => boolean;
export const nothingSurvives: Survives = () => false;

const SECTOR = 512;
const NONE = Buffer.alloc(0);

export function makeDisk(): { tell(deed: Deed): void; found(survives: Survives): Map<string, Buffer | 'folder'> } {
  const root = makeNode(true);
  const find = (path: string): Node => {
    let at = root;
    for (const name of parts(path)) {
      const next = at.names.get(name);
      if (!next) throw new Error(`the record names ${path}, which is not there`);
      at = next;
    }
    return at;
  };
  const parent = (path: string): { folder: Node; name: string } => {
    const names = parts(path);
    const name = names.pop() as string;
    return { folder: find(names.join('/')), name };
  };
  const change = (folder: Node, how: (names: Map<string, Node>) => void): void => {
    how(folder.names);
    folder.unsyncedNames.push(how);
  };
  const add = (path: string, isFolder: boolean): void => {
    const { folder, name } = parent(path);
    if (folder.names.has(name)) return;
    const node = makeNode(isFolder);
    if (!isFolder) node.fresh = { parent: folder, name };
    change(folder, (names) => names.set(name, node));
  };

  return {
    tell(deed) {
      switch (deed.do) {
        case 'mkdir':
          return add(deed.path, true);
        case 'create':
          return add(deed.path, false);
        case 'unlink':
        case 'rmdir': {
          const { folder, name } = parent(deed.path);
          return change(folder, (names) => names.delete(name));
        }
        case 'rename': {
          const from = parent(deed.path);
          const to = parent(deed.to);
          const node = find(deed.path);
          node.fresh = undefined;
          change(to.folder, (names) => names.set(to.name, node));
          return change(from.folder, (names) => names.delete(from.name));
        }
        case 'write': {
          const node = find(deed.path);
          const piece = { at: deed.at, data: Buffer.from(deed.data, 'base64') };
          node.now = written(node.now, piece);
          node.unsynced.push(piece);
          return;
        }
        case 'truncate': {
          const node = find(deed.path);
          node.now = cut(node.now, deed.length);
          node.unsynced.push({ length: deed.length });
          return;
        }
        case 'fsync': {
          const node = find(deed.path);
          if (node.folder) {
            node.syncedNames = new Map(node.names);
            node.unsyncedNames = [];
            return;
          }
          node.synced = Buffer.from(node.now);
          node.unsynced = [];
          node.fresh?.parent.syncedNames.set(node.fresh.name, node);
          node.fresh = undefined;
          return;
        }
        case 'acknowledged':
      }
    },
    found(survives) {
      const all = new Map<string, Buffer | 'folder'>();
      const walk = (folder: Node, path: string): void => {
        const names = new Map(folder.syncedNames);
        // A journal keeps the order of names: what survives is a beginning of what was done.
        for (const how of folder.unsyncedNames) {
          if (!survives()) break;
          how(names);
        }
        for (const [name, node] of names) {
          const full = path ? `${path}/${name}` : name;
          if (node.folder) {
            all.set(full, 'folder');
            walk(node, full);
          } else all.set(full, contents(node, survives));
        }
      };
      walk(root, '');
      return all;
    },
  };
}

function contents(node: Node, survives: Survives): Buffer {
  let bytes: Buffer = Buffer.from(node.synced);
  for (const piece of node.unsynced) {
    if ('length' in piece) {
      if (survives()) bytes = cut(bytes, piece.length);
      continue;
    }
    for (let from = 0; from < piece.data.length; from += SECTOR) {
      if (survives()) bytes = written(bytes, { at: piece.at + from, data: piece.data.subarray(from, from + SECTOR) });
    }
  }
  return bytes;
}

function written(bytes: Buffer, { at, data }: { at: number; data: Buffer }): Buffer {
  const grown = at + data.length > bytes.length ? cut(bytes, at + data.length) : bytes;
  data.copy(grown, at);
  return grown;
}

function cut(bytes: Buffer, length: number): Buffer {
  if (length <= bytes.length) return Buffer.from(bytes.subarray(0, length));
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}

function makeNode(folder: boolean): Node {
  return { folder, now: NONE, synced: NONE, unsynced: [], names: new Map(), syncedNames: new Map(), unsyncedNames: [], fresh: undefined };
}

const parts = (path: string): string[] => path.split('/').filter(Boolean);
