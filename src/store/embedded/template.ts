import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packageRoot } from '../../root.ts';

/**
 * A data directory as initdb leaves it, kept as a tar: booting from it takes a tenth of the memory and time of initdb
 * in WASM. Made once by `npm ci` (bin/build.mjs) under the version of PGlite that made it; made at first boot if absent.
 */
export function templateFile(): string {
  const { version } = JSON.parse(readFileSync(join(pgliteFolder(), 'package.json'), 'utf8')) as { version: string };
  return join(packageRoot, 'dist', `template-pglite-${version}.tar.gz`);
}

export async function loadTemplate(): Promise<Uint8Array> {
  const file = templateFile();
  return existsSync(file) ? gunzipSync(readFileSync(file)) : initdb();
}

/** @public Called by bin/build.mjs. */
export async function makeTemplate(): Promise<void> {
  const file = templateFile();
  if (existsSync(file)) return;
  const tar = await initdb();
  mkdirSync(dirname(file), { recursive: true });
  const half = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(half, gzipSync(tar));
  renameSync(half, file);
}

/**
 * Unpacks a template as `dir`, whole or not at all: everything is on the disk before the directory gets its name, so
 * that what is acknowledged a second later does not stand on files that a power cut takes away.
 */
export function unpack(tar: Uint8Array, dir: string): void {
  const half = `${dir}.new`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true, mode: 0o700 });
  for (const { path, data } of entries(tar)) {
    const full = join(half, path);
    if (data === undefined) mkdirSync(full, { recursive: true, mode: 0o700 });
    else {
      mkdirSync(dirname(full), { recursive: true, mode: 0o700 });
      writeDurably(full, data);
    }
  }
  syncFolders(half);
  renameSync(half, dir);
  syncFolder(dirname(dir));
}

async function initdb(): Promise<Uint8Array> {
  const { PGlite } = await import('@electric-sql/pglite');
  // 4 MB segments instead of 16: a fresh directory is 12 MB smaller, and so is every boot from the template.
  const pg = await PGlite.create({ initDbStartParams: ['--wal-segsize=4'] });
  await pg.exec('VACUUM FREEZE');
  await pg.exec('CHECKPOINT');
  const tar = new Uint8Array(await (await pg.dumpDataDir('none')).arrayBuffer());
  await pg.close();
  return tar;
}

function pgliteFolder(): string {
  // dist/index.js → the package's folder; its package.json is not among its exports.
  return dirname(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')));
}

function* entries(tar: Uint8Array): Generator<{ path: string; data: Uint8Array | undefined }> {
  const field = (at: number, length: number): string =>
    Buffer.from(tar.buffer, tar.byteOffset + at, length)
      .toString('utf8')
      .replace(/\0.*$/s, '')
      .trim();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(field(at + 124, 12) || '0', 8);
    const path = join(field(at + 345, 155), field(at, 100));
    const folder = field(at + 156, 1) === '5';
    yield { path, data: folder ? undefined : tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

function writeDurably(file: string, data: Uint8Array): void {
  const fd = openSync(file, 'w', 0o600);
  for (let done = 0; done < data.length; ) done += writeSync(fd, data, done, data.length - done);
  fsyncSync(fd);
  closeSync(fd);
}

function syncFolders(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) if (entry.isDirectory()) syncFolders(join(dir, entry.name));
  syncFolder(dir);
}

function syncFolder(dir: string): void {
  const fd = openSync(dir, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
