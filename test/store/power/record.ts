import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { relative, resolve } from 'node:path';
import type { Deed } from './disk.ts';

type Call = (...args: unknown[]) => unknown;

/**
 * Records, below everything, what this thread does to the files under `root`: node's own fs is wrapped, so neither
 * Holdfast nor PGlite knows. A call it has no model for, on a file under `root`, ends the process: a method with holes
 * would prove nothing.
 */
export function recordFiles(root: string, tell: (deed: Deed) => void): void {
  const open = new Map<number, string>();
  const real = { ...fs } as unknown as Record<string, Call>;
  const inside = (path: unknown): string | undefined => {
    if (typeof path !== 'string') return undefined;
    const below = relative(root, resolve(path));
    return below.startsWith('..') ? undefined : below;
  };
  const wrap = (name: string, wrapped: (original: Call, ...args: never[]) => unknown): void => {
    (fs as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => wrapped(real[name] as Call, ...(args as never[]));
  };
  const withPath = (name: string, note: (path: string, ...args: unknown[]) => void): void =>
    wrap(name, (original, path: unknown, ...args: unknown[]) => {
      const below = inside(path);
      const result = original(path, ...args);
      if (below !== undefined) note(below, ...args);
      return result;
    });

  wrap('openSync', (original, path: unknown, flags: unknown, ...args: unknown[]) => {
    const below = inside(path);
    const existed = below === undefined || fs.existsSync(path as string);
    const fd = original(path, flags, ...args) as number;
    if (below === undefined) return fd;
    open.set(fd, below);
    const truncates = typeof flags === 'number' ? (flags & fs.constants.O_TRUNC) !== 0 : String(flags ?? 'r').startsWith('w');
    if (!existed) tell({ do: 'create', path: below });
    else if (truncates) tell({ do: 'truncate', path: below, length: 0 });
    return fd;
  });
  wrap('closeSync', (original, fd: number) => {
    open.delete(fd);
    return original(fd);
  });
  wrap('writeSync', (original, fd: number, data: Uint8Array | string, offset?: number, length?: number, position?: number | bigint | null) => {
    const path = open.get(fd);
    const at = path === undefined ? 0 : (position ?? undefined) === undefined ? positionOf(fd) : Number(position);
    const count = original(fd, data, offset, length, position) as number;
    if (path !== undefined) {
      const from = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset + (offset ?? 0), count);
      tell({ do: 'write', path, at, data: from.subarray(0, count).toString('base64') });
    }
    return count;
  });
  for (const name of ['fsyncSync', 'fdatasyncSync']) {
    wrap(name, (original, fd: number) => {
      const result = original(fd);
      const path = open.get(fd);
      if (path !== undefined) tell({ do: 'fsync', path });
      return result;
    });
  }
  wrap('ftruncateSync', (original, fd: number, length = 0) => {
    const result = original(fd, length);
    const path = open.get(fd);
    if (path !== undefined) tell({ do: 'truncate', path, length });
    return result;
  });
  withPath('truncateSync', (path, length) => tell({ do: 'truncate', path, length: Number(length ?? 0) }));
  withPath('mkdirSync', (path, options) => {
    // `recursive` may make parents too; the disk does not mind being told of folders it has.
    const made = (options as { recursive?: boolean } | undefined)?.recursive ? parents(path) : [path];
    for (const one of made) tell({ do: 'mkdir', path: one });
  });
  withPath('unlinkSync', (path) => tell({ do: 'unlink', path }));
  withPath('rmdirSync', (path) => tell({ do: 'rmdir', path }));
  wrap('writeFileSync', (original, path: unknown, data: string | Uint8Array, ...args: unknown[]) => {
    const below = inside(path);
    const existed = below !== undefined && fs.existsSync(path as string);
    const result = original(path, data, ...args);
    if (below === undefined) return result;
    if (existed) tell({ do: 'truncate', path: below, length: 0 });
    else tell({ do: 'create', path: below });
    if (data.length > 0) tell({ do: 'write', path: below, at: 0, data: Buffer.from(data as string).toString('base64') });
    return result;
  });
  wrap('renameSync', (original, from: unknown, to: unknown) => {
    const result = original(from, to);
    const path = inside(from);
    if (path === undefined) return result;
    const target = inside(to) as string;
    tell({ do: 'rename', path, to: target });
    for (const [fd, name] of open) if (name === path || name.startsWith(`${path}/`)) open.set(fd, target + name.slice(path.length));
    return result;
  });
  // Holdfast removes half-made folders by it; only where there is nothing, in the test.
  wrap('rmSync', (original, path: unknown, ...args: unknown[]) => {
    if (inside(path) !== undefined && fs.existsSync(path as string)) hole(`rmSync ${path}`);
    return original(path, ...args);
  });
  for (const name of ['appendFileSync', 'writevSync', 'linkSync', 'symlinkSync', 'cpSync', 'copyFileSync']) {
    wrap(name, (original, path: unknown, ...args: unknown[]) => {
      if (inside(path) !== undefined || inside(args[0]) !== undefined || open.has(path as number)) hole(`${name} ${path}`);
      return original(path, ...args);
    });
  }
  syncBuiltinESMExports();

  /** Where the kernel would write next: our files are written from the start to the end. */
  function positionOf(fd: number): number {
    return fs.fstatSync(fd).size;
  }
}

function parents(path: string): string[] {
  const names = path.split('/').filter(Boolean);
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}

function hole(call: string): never {
  console.error(`the recorder has no model for ${call}`);
  process.exit(70);
}
