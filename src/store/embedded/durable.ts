import { fsyncSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

interface Stream {
  nfd: number;
  node: { name: string; parent: { name: string } };
}

interface Emscripten {
  NODEFS: { stream_ops: { fsync?(stream: Stream): number }; tryFSOperation(work: () => void): void };
}

/**
 * PGlite's files with the one thing its node file system lacks: fsync. As shipped, `fsync` is a silent no-op there, and
 * a power cut loses every transaction since the kernel last wrote back. An error of the disk goes back to Postgres as
 * an errno: it panics, as it must.
 */
export class DurableFiles extends NodeFS {
  /** How often Postgres asked for WAL to be on the disk, and it was put there. */
  walSyncs = 0;

  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const [pg, options] = args;
    const teach = (mod: unknown): void => {
      const { NODEFS } = mod as Emscripten;
      NODEFS.stream_ops.fsync = (stream) => {
        NODEFS.tryFSOperation(() => fsyncSync(stream.nfd));
        if (stream.node.parent.name === 'pg_wal') this.walSyncs += 1;
        return 0;
      };
    };
    return super.init(pg, { ...options, preRun: [teach, ...(options.preRun ?? [])] });
  }
}
