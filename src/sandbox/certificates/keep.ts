import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Simulated, SimulatedAnswer } from '../simulated.ts';
import { refusal } from '../ssh-host.ts';

/** A file as it was kept; below the root of its host, like everything here. */
interface Kept {
  path: string;
  sha256: string;
  mode: number;
  /** Milliseconds, with their fraction. */
  mtime: number;
}

/** certs-keep.sh, on the real files of a simulated host. */
export const certsKeep: Simulated = ({ root, args }) => {
  const [intent = '', ...paths] = args;
  if (root === undefined || !ID.test(intent)) return refusal('nothing can be kept here');
  const store = storeOf(root, intent);
  const said: string[] = [];
  if (!existsSync(join(store, 'files.json'))) {
    const there = [...new Set(paths)].filter((path) => existsSync(join(root, path)));
    said.push(...paths.filter((path) => !there.includes(path)).map((path) => `absent[]=${path}`), 'fence=new');
    if (there.length === 0) return answer('certs-keep v1', ['failed=none of these files is here']);
    mkdirSync(join(store, 'kept'), { recursive: true, mode: 0o700 });
    const kept = there.map((path, n): Kept => {
      copyFileSync(join(root, path), join(store, 'kept', String(n)));
      chmodSync(join(store, 'kept', String(n)), 0o600);
      return now(root, path);
    });
    writeFileSync(join(store, 'files.new'), JSON.stringify(kept), { mode: 0o600 });
    renameSync(join(store, 'files.new'), join(store, 'files.json'));
    writeFileSync(latestOf(root), intent, { mode: 0o600 });
  } else said.push('fence=again');
  return answer('certs-keep v1', [...said, ...keptIn(store).map((file) => `kept[]=${lineOf(root, file)}`)]);
};

/** certs-back.sh */
export const certsBack: Simulated = ({ root, args }) => {
  const [intent = '', mode, ...paths] = args;
  if (root === undefined || !ID.test(intent) || !existsSync(join(storeOf(root, intent), 'files.json'))) return answer('certs-back v1', ['state=absent']);
  const store = storeOf(root, intent);
  if (mode === 'back' && existsSync(latestOf(root)) && readFileSync(latestOf(root), 'utf8') !== intent) return answer('certs-back v1', ['state=superseded']);
  const lines = keptIn(store).flatMap((file, n): string[] => {
    if (paths.length > 0 && !paths.includes(file.path)) return [];
    const at = join(root, file.path);
    const is = existsSync(at) ? now(root, file.path) : undefined;
    if (is && is.sha256 === file.sha256 && is.mode === file.mode && Math.floor(is.mtime) === Math.floor(file.mtime)) return [`now[]=${lineOf(root, is)}`];
    if (mode === 'look') return [`differs[]=${file.path}`, is ? `now[]=${lineOf(root, is)}` : `now[]=absent ${file.path}`];
    const aside = is ? [`aside[]=${putAside(store, root, file.path)}`] : [];
    copyFileSync(join(store, 'kept', String(n)), `${at}.holdfast`);
    chmodSync(`${at}.holdfast`, file.mode);
    utimesSync(`${at}.holdfast`, file.mtime / 1000, file.mtime / 1000);
    renameSync(`${at}.holdfast`, at);
    return [`differs[]=${file.path}`, ...aside, `now[]=${lineOf(root, now(root, file.path))}`];
  });
  return answer('certs-back v1', ['state=kept', ...lines]);
};

/** Whether something was kept for this intent. */
export const isKept = (root: string, intent: string): boolean => ID.test(intent) && existsSync(join(storeOf(root, intent), 'files.json'));

export const storeOf = (root: string, intent: string): string => join(root, 'var/lib/holdfast/certs', intent);

/** Which intent kept last. */
const latestOf = (root: string): string => join(root, 'var/lib/holdfast/certs/latest');

export const ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

export const answer = (script: string, lines: readonly string[]): SimulatedAnswer => ({
  code: 0,
  stdout: [...lines, `end=${script}`].map((line) => `${line}\n`).join(''),
  stderr: '',
});

const keptIn = (store: string): Kept[] => JSON.parse(readFileSync(join(store, 'files.json'), 'utf8')) as Kept[];

function now(root: string, path: string): Kept {
  const { mode, mtimeMs } = statSync(join(root, path));
  return {
    path,
    sha256: createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('hex'),
    mode: mode & 0o7777,
    mtime: mtimeMs,
  };
}

function lineOf(root: string, { path, sha256, mode, mtime }: Kept): string {
  const { uid, gid } = existsSync(join(root, path)) ? statSync(join(root, path)) : { uid: 0, gid: 0 };
  return `${sha256} ${mode.toString(8)} ${uid} ${gid} ${Math.floor(mtime / 1000)} ${path}`;
}

/** What was put in its place is moved away and never thrown away. */
function putAside(store: string, root: string, path: string): string {
  for (let n = 1; ; n++) {
    const aside = join(store, 'aside', `${n}-${path.replace(/^.*\//, '')}`);
    if (existsSync(aside)) continue;
    mkdirSync(dirname(aside), { recursive: true, mode: 0o700 });
    copyFileSync(join(root, path), aside);
    rmSync(join(root, path));
    return `/${aside.slice(root.length).replace(/^\//, '')}`;
  }
}
