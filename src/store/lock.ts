import { closeSync, fsyncSync, linkSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { uniqueId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';

/** Who holds a data directory. */
export interface LockHolder {
  pid: number;
  /** Which boot of the machine: a pid of before means nothing now. */
  boot: string;
  /** When the process started, in the kernel's ticks: a pid is used again. */
  started: string;
  /** The pid namespace: a pid of another container means nothing here. */
  namespace: string;
  since: string;
  id: string;
}

/** Another process holds the directory; it may be about to end. */
export class InUse extends Refusal {}

/**
 * Takes a data directory for this process, or refuses. A holder that died is followed; a living one is never robbed:
 * nothing but this file keeps a second process from losing what the first has committed. Returns how to let go.
 */
export async function lockDirectory(dataDir: string): Promise<() => void> {
  const file = join(dataDir, 'lock');
  const me = thisProcess();
  for (let tries = 0; ; tries += 1) {
    if (create(file, me)) break;
    const holder = read(file);
    if (holder === 'gone') continue;
    if (holder === 'unreadable' || tries >= 20) throw refusal(dataDir, file, undefined);
    if (await isAlive(holder, me, dataDir)) throw refusal(dataDir, file, holder);
    removeStale(file, holder);
  }
  const sign = await signOfLife(dataDir);
  return () => {
    sign?.close();
    const holder = read(file);
    if (typeof holder === 'object' && holder.id === me.id) rmSync(file, { force: true });
  };
}

function create(file: string, me: LockHolder): boolean {
  const whole = `${file}.${me.id}`;
  try {
    const fd = openSync(whole, 'wx', 0o600);
    writeSync(fd, `${JSON.stringify(me)}\n`);
    fsyncSync(fd);
    closeSync(fd);
    // Exclusive as O_EXCL is, and never half written: an empty lock left by a crash could be nobody's to judge.
    linkSync(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

function read(file: string): LockHolder | 'gone' | 'unreadable' {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockHolder;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : 'unreadable';
  }
}

async function isAlive(holder: LockHolder, me: LockHolder, dataDir: string): Promise<boolean> {
  if (holder.boot !== me.boot) return false;
  if (holder.namespace === me.namespace) return startOf(holder.pid) === holder.started;
  return answers(dataDir);
}

/** Away with a dead holder's file, unless somebody else was quicker and the file is theirs by now. */
function removeStale(file: string, holder: LockHolder): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const took = read(aside);
  if (typeof took === 'object' && took.id !== holder.id) {
    try {
      linkSync(aside, file);
    } catch {
      // A third one holds it: the next look finds that.
    }
  }
  rmSync(aside, { force: true });
}

function thisProcess(): LockHolder {
  return {
    pid: process.pid,
    boot: readOr('/proc/sys/kernel/random/boot_id', 'unknown'),
    started: startOf(process.pid) ?? 'unknown',
    namespace: linkOr('/proc/self/ns/pid', 'none'),
    since: new Date().toISOString(),
    id: uniqueId(),
  };
}

/** The start of a living process, `undefined` when there is none. Without /proc only whether it lives. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  const stat = readOr(`/proc/${pid}/stat`, '');
  // The name in parentheses may hold spaces; a zombie holds no files any more.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return undefined;
  return fields[19] ?? 'unknown';
}

/** A socket in the directory that answers while this process lives, also for processes of other containers. */
function signOfLife(dataDir: string): Promise<Server | undefined> {
  const path = socketOf(dataDir);
  rmSync(path, { force: true });
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    // No sockets on this file system (or too long a path): within one container the pid says enough.
    server.once('error', () => resolve(undefined));
    server.listen(path, () => resolve(server.unref()));
  });
}

function answers(dataDir: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketOf(dataDir));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: its process is dead. Not there: it never had one, and nothing can be known of it.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}

const socketOf = (dataDir: string): string => join(dataDir, 'lock.sock');

function refusal(dataDir: string, file: string, holder: LockHolder | undefined): InUse {
  const who = holder ? `by process ${holder.pid} since ${holder.since}` : 'but its lock file says not by whom';
  return new InUse(
    `The data directory ${dataDir} is in use ${who}. Two processes on one embedded database would lose data. ` +
      'Give this one another directory (HOLDFAST_DATA), stop the other (npx holdfast stop), or send it commands with npx holdfast exec; ' +
      `several processes at once need a Postgres server (DATABASE_URL). Only when you are sure that nothing uses ${dirname(file)}: delete ${file}.`,
  );
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return otherwise;
  }
}

function linkOr(path: string, otherwise: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return otherwise;
  }
}
