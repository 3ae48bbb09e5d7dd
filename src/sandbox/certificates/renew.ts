import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostModel } from '../model.ts';
import type { Asked, Simulated } from '../simulated.ts';
import { refusal } from '../ssh-host.ts';
import { issue, newAuthority, type Pair } from './authority.ts';
import { answer, ID, isKept, storeOf } from './keep.ts';
import { kubeconfig } from './kubeconfig.ts';
import { AUTHORITY, keyPathOf, type LaidLeaf, LEAVES } from './laid.ts';
import { load } from './loaded.ts';

const DAY = 86_400_000;

/** A step as it was begun, below the root of its host. */
interface Begun {
  /** Domain time. */
  at: number;
  /** Domain ms it takes, at least. */
  takes: number;
  kind: string;
  words: string[];
  rc?: number;
  log: string[];
}

/** Domain ms that a renewal takes, and that the manifest of a static pod is away. */
const RENEWAL = 4_000;

/** Steps that this process is at. */
const inHand = new Set<string>();

/** certs-do.sh: renewals are signed by the authority of the sandbox, with real keys; services read their real files again. */
export const certsDo: Simulated = (asked) => {
  const { root, args, now } = asked;
  const [intent = '', step = '', kind = '', ...words] = args;
  if (root === undefined || !ID.test(intent) || !ID.test(step)) return refusal('nothing can be done here');
  if (!isKept(root, intent)) return answer('certs-do v1', ['failed=nothing was kept for this intent']);
  const file = join(storeOf(root, intent), 'do', `${step}.json`);
  if (existsSync(file)) return answer('certs-do v1', ['fence=already']);
  const work = workOf(kind, words, asked as Here);
  if (typeof work === 'string') return answer('certs-do v1', [`failed=${work}`]);
  const takes = kind === 'static-pod' ? Number(words[1]) * 1000 : RENEWAL;
  const begun: Begun = { at: now, takes, kind, words: words.slice(0, 2), log: [] };
  write(file, begun);
  goOn(file, begun, work);
  return answer('certs-do v1', ['fence=taken', 'how=systemd']);
};

function goOn(file: string, begun: Begun, work: () => Promise<string[]>): void {
  inHand.add(file);
  void work()
    .then(
      (log) => write(file, { ...begun, rc: 0, log }),
      (error: unknown) => write(file, { ...begun, rc: 1, log: [String(error)] }),
    )
    .finally(() => inHand.delete(file));
}

/** certs-look.sh */
export const certsLook: Simulated = (asked) => {
  const { root, args, now } = asked;
  const [intent = '', step = ''] = args;
  const file = root === undefined || !ID.test(intent) || !ID.test(step) ? undefined : join(storeOf(root, intent), 'do', `${step}.json`);
  if (file === undefined || !existsSync(file)) return answer('certs-look v1', ['state=absent']);
  const begun = JSON.parse(readFileSync(file, 'utf8')) as Begun;
  const { at, takes, rc, log } = begun;
  const seconds = `seconds=${Math.max(0, Math.floor((now - at) / 1000))}`;
  // Holdfast was killed, and the sandbox with it; a host would not have noticed, and goes on.
  const work = workOf(begun.kind, begun.words, asked as Here);
  if (rc === undefined && !inHand.has(file) && typeof work !== 'string') goOn(file, begun, work);
  if (rc === undefined || now < at + takes) return answer('certs-look v1', ['state=running', seconds]);
  return answer('certs-look v1', ['state=done', `rc=${rc}`, seconds, ...log.map((line) => `log[]=${line}`)]);
};

type Here = Asked & { root: string };

/** What a step does; or why it is none that this host knows. */
function workOf(kind: string, words: readonly string[], asked: Here): (() => Promise<string[]>) | string {
  const { host, root, model } = asked;
  const [name = ''] = words;
  const leaves = LEAVES.filter((leaf) => leaf.host === host.name);
  if (kind === 'kubeadm') {
    const leaf = leaves.find(({ path }) => kubeadmName(path) === name);
    return leaf ? () => renew(root, leaf, model.mode) : `${name} is no leaf that kubeadm renews here`;
  }
  if (kind === 'script') {
    const leaf = leaves.find(({ path }) => SCRIPTED[name] === path);
    return leaf ? () => renew(root, leaf, model.mode) : `the script ${name} does nothing on a simulated host`;
  }
  if (kind === 'static-pod' || kind === 'nginx' || kind === 'unit') {
    const served = leaves.filter(({ path, serves }) => serves && servedBy(path) === (kind === 'nginx' ? kind : name));
    return async () => {
      if (model.mode !== 'rotate-deaf') for (const { serves, path } of served) load(root, (serves as { port: number }).port, path);
      return [`${kind} ${name}`.trim()];
    };
  }
  return `there is no ${kind} here`;
}

/** Script of the sandbox's configuration → the leaf it renews. */
export const SCRIPTED: Record<string, string> = { 'renew-database-cert': '/etc/postgresql/15/main/server.crt' };

const kubeadmName = (path: string): string | undefined => /^\/etc\/kubernetes\/(?:pki\/)?(.*?)(?:\.crt)?$/.exec(path)?.[1];

function servedBy(path: string): string {
  if (path.startsWith('/etc/kubernetes/')) return 'kube-apiserver';
  if (path.startsWith('/etc/postgresql/')) return 'postgresql.service';
  return path.startsWith('/etc/nginx/') ? 'nginx' : '';
}

/** A year from now, with a new key and the names it had; in the trap a new authority of the old name comes with it. */
async function renew(root: string, leaf: LaidLeaf, mode: HostModel['mode']): Promise<string[]> {
  const at = Date.now();
  const authority = mode === 'rotate-trap' ? await trap(root, at) : authorityNear(root);
  const made = await issue(authority, { ...leaf, from: at - 3_600_000, until: at + 365 * DAY });
  if (leaf.kubeconfig) put(join(root, leaf.path), kubeconfig(leaf.host, authority.cert, made));
  else {
    put(join(root, leaf.path), leaf.chain ? made.cert + authority.cert : made.cert);
    put(join(root, keyPathOf(leaf.path)), made.key);
  }
  return [`certificate of ${leaf.subject} renewed`];
}

/** Outage 3: the same name, another key, and the files of the old one gone. */
async function trap(root: string, at: number): Promise<Pair> {
  const made = await newAuthority(AUTHORITY.subject, at - 3_600_000, at + AUTHORITY.days * DAY);
  const path = ['/etc/kubernetes/pki/ca.crt', '/etc/ssl/certs/kaza-ca.crt'].find((one) => existsSync(join(root, one))) as string;
  put(join(root, path), made.cert);
  put(join(root, keyPathOf(path)), made.key);
  return made;
}

/** Only the master has the key of the authority; who else renews asks it. */
function authorityNear(root: string): Pair {
  const pki = join(dirname(root), 'kyousuke/etc/kubernetes/pki');
  return { cert: readFileSync(join(pki, 'ca.crt'), 'utf8'), key: readFileSync(join(pki, 'ca.key'), 'utf8') };
}

/** As most tools write: in place, so that the mode stays what it was. */
function put(file: string, text: string): void {
  const fresh = !existsSync(file);
  writeFileSync(file, text, { mode: 0o600 });
  if (fresh) chmodSync(file, 0o600);
}

function write(file: string, begun: Begun): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(begun), { mode: 0o600 });
}
