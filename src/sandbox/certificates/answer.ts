import { createHash, createPublicKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Simulated } from '../simulated.ts';
import { keyPathOf } from './laid.ts';

/** What `certs` and `certs-root` say of a simulated host, out of its real files; a host that has none has no certificates. */
export const certificates =
  (script: string): Simulated =>
  ({ root, args }) => ({ code: 0, stdout: `${root === undefined ? '' : filesOf(root, args).join('')}end=${script}\n`, stderr: '' });

function filesOf(root: string, extra: readonly string[]): string[] {
  const paths = [
    ...FOLDERS.flatMap((folder) => below(root, folder)),
    ...extra.filter((path) => existsSync(join(root, path)) && statSync(join(root, path)).isFile()),
  ];
  return [...new Set(paths)].sort().flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return path.endsWith('.conf') ? ofKubeconfig(root, path, text) : ofPem(root, path, text);
  });
}

/** Where the real script looks, as far as these hosts have anything there. */
const FOLDERS = ['/etc', '/var/lib/kubelet/pki'];

function below(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return below(root, path);
    return /\.(crt|pem|cer|cert|der|conf)$/.test(path) ? [path] : [];
  });
}

const line = (key: string, value: string | number): string => `${key}=${value}\n`;

function about(root: string, path: string): string[] {
  const { mode, mtimeMs } = statSync(join(root, path));
  const owner = path.startsWith('/etc/postgresql/') ? 'postgres:postgres' : 'root:root';
  return [line('file', path), line('owner', owner), line('mode', (mode & 0o7777).toString(8)), line('mtime', Math.floor(mtimeMs / 1000))];
}

function ofPem(root: string, path: string, text: string): string[] {
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)(-----END CERTIFICATE-----)?/g)];
  if (blocks.length === 0) return [];
  const found = blocks.map(([, block = '', end]) => (end ? line('pem', block.replace(/\s/g, '').replace(/[^A-Za-z0-9+/=]/g, '?')) : line('broken', 'no end')));
  const key = keyPathOf(path);
  const held = existsSync(join(root, key)) ? [line('key', key), ...keypin(readFileSync(join(root, key), 'utf8'))] : [];
  return [...about(root, path), ...found, ...held];
}

function ofKubeconfig(root: string, path: string, text: string): string[] {
  const { clusters, users } = parse(text) as { clusters: { cluster: Fields }[]; users: { user: Fields }[] };
  const fields = { ...clusters[0]?.cluster, ...users[0]?.user };
  const found = EMBEDDED.flatMap((name) => (fields[name] ? [line('at', name), line('b64', fields[name])] : []));
  const key = fields['client-key-data'];
  return [...about(root, path), ...found, ...(key ? [line('key', path), ...keypin(Buffer.from(key, 'base64').toString())] : [])];
}

type Fields = Record<string, string>;
const EMBEDDED = ['client-certificate-data', 'certificate-authority-data'];

function keypin(pem: string): string[] {
  try {
    return [
      line(
        'keypin',
        createHash('sha256')
          .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
          .digest('hex'),
      ),
    ];
  } catch {
    return [line('keywhy', 'unreadable')];
  }
}
