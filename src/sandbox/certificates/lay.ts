import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { issue, newAuthority, type Pair } from './authority.ts';
import { kubeconfig } from './kubeconfig.ts';
import { AUTHORITY, AUTHORITY_AT, keyPathOf, type LaidLeaf, LEAVES } from './laid.ts';
import { load } from './loaded.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/**
 * Makes the authority of `@kaza` and everything it signed, once: real files below `<dir>/<host>/`, private keys 0600. They are
 * of wall time, because whoever shakes hands with a listener looks at a real clock. A quarter of a second at the first start.
 */
export async function layCertificates(dir: string): Promise<void> {
  if (await stat(dir).catch(() => undefined)) return;
  const now = Date.now();
  const making = `${dir}.new`;
  await rm(making, { recursive: true, force: true });
  const authority = await newAuthority(AUTHORITY.subject, now - AUTHORITY.began * DAY, now + AUTHORITY.days * DAY);
  for (const { host, path, key } of AUTHORITY_AT) {
    await put(join(making, host, path), authority.cert, 0o644);
    if (key) await put(join(making, host, keyPathOf(path)), authority.key, 0o600);
  }
  await Promise.all(LEAVES.map((leaf) => layLeaf(making, leaf, authority, now)));
  // All of it or nothing: a start that was killed half-way makes it anew.
  await rename(making, dir);
}

async function layLeaf(dir: string, leaf: LaidLeaf, authority: Pair, now: number): Promise<void> {
  const root = join(dir, leaf.host);
  const at = join(root, leaf.path);
  const until = now + leaf.days * DAY;
  const made = await issue(authority, { ...leaf, from: leaf.days < 0 ? until - 365 * DAY : now - HOUR, until });
  if (leaf.kubeconfig) await put(at, kubeconfig(leaf.host, authority.cert, made), 0o600);
  else {
    await put(at, leaf.chain ? made.cert + authority.cert : made.cert, 0o644);
    await put(join(root, keyPathOf(leaf.path)), made.key, 0o600);
  }
  if (leaf.serves) load(root, leaf.serves.port, leaf.path);
}

async function put(file: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, text, { mode });
}
