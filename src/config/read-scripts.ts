import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isBuiltIn } from '../fleet/scripts/read.ts';
import type { Path } from './document.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema.ts';
import type { ConfiguredScript } from './scripts.ts';

/** Sandbox and real hosts take no more over stdin. */
const LONGEST = 256 * 1024;

/**
 * Reads the files that `scripts:` names into the configuration, in place. What is run later is this text and no other: a
 * file that changes counts when the configuration is read again. Every problem has its place, in holdfast.yaml or in the script.
 */
export async function readScripts(
  config: Config,
  file: string,
  at: (path: Path, part?: 'key' | 'value') => { line: number; column: number },
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [name, entry] of Object.entries(config.scripts)) {
    const here = (key: string, says: string): void => void problems.push({ file, ...at(['scripts', name, key]), says: `\`scripts.${name}.${key}\` ${says}` });
    if (isBuiltIn(name))
      problems.push({
        file,
        ...at(['scripts', name], 'key'),
        says: `\`scripts.${name}\`: Holdfast has a script of that name itself; call yours by another word`,
      });
    if (entry.undo !== undefined) {
      const undo = config.scripts[entry.undo];
      if (!undo) here('undo', `names \`${entry.undo}\`, and there is no such script under \`scripts\``);
      else if (undo.risk === 'read') here('undo', `names \`${entry.undo}\`, whose risk is \`read\`: it takes nothing back`);
      if (entry.risk === 'read') here('undo', 'stands at a script of risk `read`, which changes nothing');
    }
    for (const [param, says] of wrongDefaults(entry))
      problems.push({ file, ...at(['scripts', name, 'params', param]), says: `\`scripts.${name}.params.${param}\` ${says}` });
    problems.push(...(await readOne(name, entry, resolve(dirname(file), entry.file), (says) => here('file', says))));
  }
  return problems;
}

async function readOne(name: string, entry: ConfiguredScript, path: string, here: (says: string) => void): Promise<Problem[]> {
  let body: string;
  try {
    const [bytes, { mode, size }] = await Promise.all([readFile(path), stat(path)]);
    // It is run on every host as whoever logs in there, or as root.
    if (mode & 0o002) here(`names ${path}, which everyone on this machine can change: \`chmod o-w ${path}\``);
    if (size > LONGEST) return [{ file: path, says: `has ${Math.ceil(size / 1024)} KB; a script may have ${LONGEST / 1024}` }];
    body = bytes.toString('utf8');
    if (!Buffer.from(body).equals(bytes)) return [{ file: path, line: 1, column: 1, says: 'is no UTF-8 text' }];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    here(
      code === 'ENOENT'
        ? `names ${path}, which does not exist`
        : code === 'EISDIR'
          ? `names ${path}, which is a folder`
          : `names ${path}, which cannot be read: ${code ?? message}`,
    );
    return [];
  }
  const problems = wrongText(name, body).map((wrong) => ({ file: path, ...wrong }));
  const version = Number(/^# holdfast:\S+ v(\d{1,9})\n/.exec(body)?.[1] ?? 0);
  Object.assign(entry, { path, version, body, sha256: createHash('sha256').update(body).digest('hex') });
  return problems;
}

function wrongText(name: string, body: string): { line: number; column: number; says: string }[] {
  const first = body.slice(0, body.indexOf('\n') + 1);
  const place = (index: number) => {
    const before = body.slice(0, index);
    return { line: before.split('\n').length, column: index - before.lastIndexOf('\n') };
  };
  const returns = body.indexOf('\r');
  if (returns >= 0) return [{ ...place(returns), says: 'has the line ends of Windows, which no POSIX sh reads: `dos2unix`' }];
  const nul = body.indexOf('\0');
  if (nul >= 0) return [{ ...place(nul), says: 'has a NUL byte, which no shell can read' }];
  const own = /^# holdfast:(\S+) v\d{1,9}\n$/.exec(first)?.[1];
  if (own === undefined)
    return [
      {
        line: 1,
        column: 1,
        says: `must begin with the line \`# holdfast:${name} v1\`${first.startsWith('#!') ? '; it takes the place of `#!`, and sh runs it' : ''}`,
      },
    ];
  if (own !== name) return [{ line: 1, column: 12, says: `calls itself \`${own}\`, and \`scripts.${name}\` names it; one of them is wrong` }];
  if (!/^\s*[^\s#]/m.test(body)) return [{ line: 1, column: 1, says: 'does nothing: there is no command in it' }];
  return [];
}

function wrongDefaults({ params }: ConfiguredScript): [string, string][] {
  return Object.entries(params).flatMap(([name, { type, choices, default: value }]): [string, string][] => {
    if (value === undefined) return [];
    if (type === 'number' && !/^-?\d{1,15}(\.\d{1,6})?$/.test(value)) return [[name, 'has a default that is no number']];
    if (choices && !choices.includes(value)) return [[name, `has a default that is none of ${choices.join(', ')}`]];
    return [];
  });
}
