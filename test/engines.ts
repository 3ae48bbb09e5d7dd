import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { uniqueId } from '../src/lib/ids.ts';

/** One set of engines (docs/architecture.md), started for a test. */
export interface Running {
  /** Embedded only. */
  dataDir?: string;
  databaseUrl?: string;
  redisUrl?: string;
  stop(): Promise<void>;
  /** Redis only: everything it holds is gone. */
  flushAll?(): Promise<void>;
  /** Redis only, where it is ours: killed without a word, and started again on the same port and files. */
  kill9?(): Promise<void>;
  restart?(): Promise<void>;
}

export interface Engine {
  name: 'embedded' | 'postgres' | 'postgres and redis';
  /** `true`, or why not: to be said in the name of the skipped test. */
  available: true | string;
  start(): Promise<Running>;
}

/**
 * The rows of the test matrix. Servers are private and temporary, started at first use and shared by the tests of one
 * file, each with a database of its own; TEST_DATABASE_URL and TEST_REDIS_URL name others (their Redis is flushed).
 */
export function engines(): Engine[] {
  const noPostgres = whyNoPostgres();
  const noRedis =
    process.env.TEST_REDIS_URL || findProgram('redis-server') ? undefined : 'there is no redis-server (apt install redis-server) and no TEST_REDIS_URL';
  return [
    { name: 'embedded', available: true, start: startEmbedded },
    { name: 'postgres', available: noPostgres ?? true, start: startDatabase },
    {
      name: 'postgres and redis',
      available: noPostgres ?? noRedis ?? true,
      async start() {
        const [database, redis] = await Promise.all([startDatabase(), startRedis()]);
        return { ...database, ...redis, stop: async () => void (await Promise.all([database.stop(), redis.stop()])) };
      },
    },
  ];
}

async function startEmbedded(): Promise<Running> {
  const dataDir = temporary('embedded');
  return { dataDir, stop: async () => rmSync(dataDir, { recursive: true, force: true }) };
}

let server: Promise<string> | undefined;

/** A new, empty database. */
export async function startDatabase(): Promise<Running> {
  server ??= process.env.TEST_DATABASE_URL ? Promise.resolve(process.env.TEST_DATABASE_URL) : startPostgres();
  const admin = await server;
  const name = `holdfast_test_${uniqueId().replaceAll('-', '')}`;
  await ask(admin, `CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { databaseUrl: url.href, stop: () => ask(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

const startPostgres = async (): Promise<string> => (await startOwnPostgres()).databaseUrl;

export interface OwnPostgres extends Running {
  databaseUrl: string;
  /** Killed without a word, and started again on the same port and files. */
  kill9(): Promise<void>;
  restart(): Promise<void>;
}

/** A Postgres of a test's own, which may be killed. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const bin = postgresBin() as string;
  const dir = temporary('postgres');
  const data = join(dir, 'data');
  if (asUser) chownSync(dir, asUser.uid, asUser.gid);
  copyCluster(bin, data);
  const port = await freePort();
  const flags = ['-D', data, '-p', String(port), '-k', dir, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'max_connections=200'];
  const databaseUrl = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | undefined;
  const restart = (): Promise<void> =>
    until('Postgres', async () => {
      // Right after it was killed its old sessions may still hold its memory, and it ends again.
      if (!child || child.exitCode !== null || child.signalCode !== null) child = start(join(bin, 'postgres'), flags, dir, asUser);
      await ask(databaseUrl, 'SELECT 1');
    });
  await restart();
  const kill9 = (): Promise<void> => killed(child);
  return { databaseUrl, restart, kill9, stop: kill9 };
}

/** initdb takes seconds: it is done once on this machine, and copied. */
function copyCluster(bin: string, data: string): void {
  const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).replace(/\W+/g, '-');
  const kept = join(tmpdir(), `holdfast-test-cluster-${version}${process.getuid?.() ?? ''}`);
  if (!existsSync(kept)) {
    const half = temporary('initdb');
    if (asUser) chownSync(half, asUser.uid, asUser.gid);
    execFileSync(join(bin, 'initdb'), ['-D', join(half, 'data'), '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'], {
      stdio: 'ignore',
      cwd: '/',
      ...asUser,
    });
    try {
      renameSync(join(half, 'data'), kept);
    } catch {
      // Another test file was quicker.
    }
  }
  cpSync(kept, data, { recursive: true });
  chmodSync(data, 0o700);
  if (asUser) chownAll(data);
}

function chownAll(dir: string): void {
  chownSync(dir, asUser?.uid as number, asUser?.gid as number);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) chownAll(path);
    else chownSync(path, asUser?.uid as number, asUser?.gid as number);
  }
}

/** A Redis as Holdfast wants it: AOF, noeviction. Private, or the one TEST_REDIS_URL names. */
export async function startRedis(): Promise<Running> {
  const redisUrl = process.env.TEST_REDIS_URL;
  if (!redisUrl) return startOwnRedis();
  const flushAll = async (): Promise<void> => void (await withRedis(redisUrl, (redis) => redis.flushall()));
  await flushAll();
  return { redisUrl, flushAll, stop: async () => {} };
}

export interface OwnRedis extends Running {
  port: number;
  redisUrl: string;
  flushAll(): Promise<void>;
  kill9(): Promise<void>;
  restart(): Promise<void>;
}

/** `flags` go after ours and win: `--replicaof`, `--cluster-enabled yes`, or `--sentinel` with a file of its own. */
export async function startOwnRedis(flags: string[] = [], file: string[] = []): Promise<OwnRedis> {
  const dir = temporary('redis');
  const port = await freePort();
  const redisUrl = `redis://127.0.0.1:${port}`;
  const ours = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir];
  const kept = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction'];
  let child: ChildProcess | undefined;
  const restart = async (): Promise<void> => {
    child = start(findProgram('redis-server') as string, [...file, ...ours, ...(file.length > 0 ? [] : kept), ...flags], dir);
    await until('Redis', () => withRedis(redisUrl, (redis) => redis.ping()));
  };
  await restart();
  return {
    port,
    redisUrl,
    restart,
    flushAll: async () => void (await withRedis(redisUrl, (redis) => redis.flushall())),
    kill9: () => killed(child),
    stop: () => killed(child),
  };
}

export async function withRedis<Result>(url: string, work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/**
 * Starts a server that ends, by SIGKILL, when its stdin does: also when this process is killed itself, as the processes
 * of vitest are at their end.
 */
function start(program: string, args: string[], cwd: string, as: { uid: number; gid: number } | undefined = undefined): ChildProcess {
  const child = spawn('sh', ['-c', '"$@" & server=$!; cat >/dev/null; kill -9 $server; wait', 'sh', program, ...args], {
    cwd,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    ...as,
  });
  unref(child);
  return child;
}

function killed(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.ref();
    child.once('exit', () => done());
    child.stdin?.destroy();
  });
}

let room: string | undefined;

/** A folder that goes when this process does, however it ends. */
export function temporary(name: string): string {
  if (!room) {
    room = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
    chmodSync(room, 0o755);
    unref(spawn('sh', ['-c', 'cat >/dev/null; sleep 0.2; rm -rf "$1"', 'sh', room], { stdio: ['pipe', 'ignore', 'ignore'], cwd: '/', detached: true }));
  }
  return mkdtempSync(join(room, `${name}-`));
}

/** Keeps no test process alive. */
function unref(child: ChildProcess): void {
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}

export async function until(what: string, works: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + 20_000;
  for (;;) {
    const failed = await works().then(
      () => undefined,
      (error: Error) => error,
    );
    if (!failed) return;
    if (Date.now() > end) throw new Error(`${what} did not start: ${failed.message}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Postgres refuses to run as root. */
const asUser = process.getuid?.() === 0 ? userNamed('postgres') : undefined;

function userNamed(name: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function whyNoPostgres(): string | undefined {
  if (process.env.TEST_DATABASE_URL) return undefined;
  if (!postgresBin()) return 'there is no Postgres server (apt install postgresql) and no TEST_DATABASE_URL';
  if (process.getuid?.() === 0 && !asUser) return 'Postgres does not run as root, there is no user postgres, and no TEST_DATABASE_URL';
  return undefined;
}

function postgresBin(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const found = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(':')];
  return found.find((dir) => existsSync(join(dir, 'initdb')) && existsSync(join(dir, 'postgres')));
}

export function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(':')
    .map((dir) => join(dir, name))
    .find(existsSync);
}
