import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Line } from 'ssh-config';
import type { Problem } from '../../config/problem.ts';
import { matchesWildcard } from '../target/wildcard.ts';
import { sayUnreadable } from './ansible.ts';
import type { Origin } from './draft.ts';

/** One ssh config with its includes, in the order ssh reads them. */
export interface SshConfigText {
  file: string;
  blocks: Block[];
  /** Host names without a pattern, in order, and where they stand. */
  names: Map<string, Origin>;
}

/** Settings that hold when all conditions do. */
export interface Block {
  conditions: BlockCondition[];
  settings: { key: string; value: string; words: string[]; origin: Origin }[];
}

export type BlockCondition =
  | { kind: 'host'; patterns: string[] }
  | { kind: 'match'; criteria: { keyword: string; value: string; negated: boolean }[]; origin: Origin };

/** As OpenSSH: a file may include others that deep. */
const DEEPEST = 16;

/** Reads `file` and what it includes; relative includes start from `home`/.ssh, as ssh has it. */
export async function readSshConfig(file: string, home: string, problems: Problem[]): Promise<SshConfigText> {
  const config: SshConfigText = { file, blocks: [], names: new Map() };
  const { default: SSHConfig } = await import('ssh-config');

  const readInto = async (path: string, outer: BlockCondition[], depth: number): Promise<void> => {
    let lines: Line[];
    try {
      lines = SSHConfig.parse(await readFile(path, 'utf8'));
    } catch (error) {
      problems.push({ file: path, says: sayBroken(error as NodeJS.ErrnoException) });
      return;
    }
    let block: Block = { conditions: outer, settings: [] };
    config.blocks.push(block);
    const walk = async (list: Iterable<Line>, at: { line: number }): Promise<void> => {
      for (const line of list) {
        at.line += newlines(line.before);
        const origin: Origin = { file: path, line: at.line };
        if ('param' in line) {
          const key = line.param.trim().toLowerCase();
          // The library takes the next line for the value that is missing.
          if (key !== line.param.toLowerCase() || line.value === '')
            problems.push({ ...origin, says: `${line.param.trim()} has no value: give it one, or take the line out.` });
          at.line += newlines(line.param) + newlines(line.separator);
          const words = wordsOf(line.value);
          if (key === 'host' || key === 'match') {
            const condition = 'criteria' in line ? matchCondition(line.criteria, origin) : { kind: 'host' as const, patterns: words };
            block = { conditions: [...outer, condition], settings: [] };
            config.blocks.push(block);
            if (condition.kind === 'host') for (const name of words) if (!/[*?!]/.test(name) && !config.names.has(name)) config.names.set(name, origin);
          } else if (key === 'include') {
            const { conditions } = block;
            if (depth >= DEEPEST) problems.push({ ...origin, says: `Includes are nested deeper than ${DEEPEST}: take the circle out.` });
            else for (const pattern of words) for (const one of await includedFiles(pattern, home)) await readInto(one, conditions, depth + 1);
            block = { conditions, settings: [] };
            config.blocks.push(block);
          } else block.settings.push({ key, value: words.join(' '), words, origin });
        }
        at.line += newlines(line.after);
        if ('config' in line && line.config) await walk(line.config, at);
      }
    };
    await walk(lines, { line: 1 });
  };
  await readInto(file, [], 0);
  config.blocks = config.blocks.filter(({ settings }) => settings.length > 0);
  return config;
}

function sayBroken(error: NodeJS.ErrnoException): string {
  return error.code ? sayUnreadable(error) : `Is no ssh config that can be read: ${error.message}. \`ssh -G -F <file> x\` says where.`;
}

const newlines = (text: string | undefined): number => text?.match(/\r\n|\n|\r/g)?.length ?? 0;

function wordsOf(value: string | { val: string }[]): string[] {
  return typeof value === 'string' ? [value] : value.map(({ val }) => val);
}

function matchCondition(criteria: Record<string, string | { val: string }[]>, origin: Origin): BlockCondition {
  return {
    kind: 'match',
    origin,
    criteria: Object.entries(criteria).map(([keyword, value]) => ({
      keyword: keyword.replace(/^!/, '').toLowerCase(),
      value: typeof value === 'string' ? value : value.map(({ val }) => val).join(','),
      negated: keyword.startsWith('!'),
    })),
  };
}

/** Paths an Include names, in order; what matches nothing is passed over, as ssh does. */
async function includedFiles(pattern: string, home: string): Promise<string[]> {
  const whole = pattern.startsWith('~/') ? join(home, pattern.slice(2)) : isAbsolute(pattern) ? pattern : join(home, '.ssh', pattern);
  let paths = ['/'];
  for (const segment of whole.split('/').filter(Boolean)) {
    const next: string[] = [];
    for (const path of paths) {
      if (!/[*?]/.test(segment)) next.push(join(path, segment));
      else {
        const names = await readdir(path).catch(() => []);
        const fits = names.filter((name) => matchesWildcard(segment, name) && (segment.startsWith('.') || !name.startsWith('.')));
        next.push(...fits.sort().map((name) => join(path, name)));
      }
    }
    paths = next;
  }
  if (/[*?]/.test(whole)) return paths;
  return (await readFile(whole).then(
    () => true,
    (error) => error.code !== 'ENOENT',
  ))
    ? paths
    : [];
}
