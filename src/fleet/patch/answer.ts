import type { ExecResult } from '../ssh/transport.ts';

/** What a patch script said: `key=value` lines and `key[]=` lists, read with distrust. */
export interface PatchAnswer {
  said: Readonly<Record<string, string>>;
  lists: Readonly<Record<string, readonly string[]>>;
}

export interface Package {
  name: string;
  /** Absent = it was not there. */
  from?: string;
  /** Absent = it is taken away. */
  to?: string;
}

const MOST_LINES = 5000;
const LONGEST = 600;

/** The answer, or one line on why there is none. `end` = the last line of a whole answer: `patch-plan v1`. */
export function readPatchAnswer(result: ExecResult, end: string): PatchAnswer | { unanswered: string; reached: boolean } {
  if (result.reach !== 'ok') return { unanswered: `${result.reach}: ${result.detail}`, reached: false };
  if (result.needsRoot) return { unanswered: result.needsRoot, reached: true };
  const said: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  for (const line of result.stdout.split('\n', MOST_LINES)) {
    if (line === `end=${end}`) return { said, lists };
    const [, key, list, value = ''] = /^([a-z_]{1,40})(\[\])?=(.*)$/.exec(line.slice(0, LONGEST)) ?? [];
    if (key === undefined) continue;
    const text = printable(value);
    if (list === undefined) said[key] ??= text;
    else lists[key] = lists[key] ?? [];
    if (list !== undefined && text !== '') lists[key]?.push(text);
  }
  const said0 = printable((result.stderr.trim() || result.stdout.trim()).split('\n')[0] ?? '').slice(0, 200);
  return { unanswered: `the script did not come to its end (exit code ${result.code}${said0 ? `: ${said0}` : ''})`, reached: true };
}

/** `name from to`, `-` for not there. */
export function packagesIn(lines: readonly string[] | undefined): Package[] {
  return (lines ?? []).flatMap((line) => {
    const [name, from, to] = line.split(' ');
    if (!name || !from || !to) return [];
    return [{ name, ...(from !== '-' && { from }), ...(to !== '-' && { to }) }];
  });
}

/** `12 packages (hf-app, hf-lib … ), 1 of them new`; names at most `most`. */
export function sayPackages(packages: readonly Package[], most = 4): string {
  const names = packages.slice(0, most).map(({ name, to }) => (to === undefined ? name : `${name} ${to}`));
  const more = packages.length > most ? `, ${packages.length - most} more` : '';
  return `${packages.length} ${packages.length === 1 ? 'package' : 'packages'}${packages.length > 0 ? ` (${names.join(', ')}${more})` : ''}`;
}

/** A new kernel among them, by the package that carries one version of it. */
export const newKernel = (packages: readonly Package[]): string | undefined =>
  packages.find(
    ({ name, from, to }) =>
      to !== undefined &&
      (/^(linux-image-(unsigned-)?\d|(pve|proxmox)-kernel-\d)/.test(name) || (from === undefined && /^kernel(-core|-uek|-uek-core)?(\.|$)/.test(name))),
  )?.name;

const printable = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .trim();
