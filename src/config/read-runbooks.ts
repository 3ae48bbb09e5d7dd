import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Path } from './document.ts';
import type { Runbook } from './runbook.ts';
import type { Config } from './schema.ts';

/** Bytes: a run book is read at night, on a phone. */
const LONGEST = 256 * 1024;

/**
 * Reads the files that `services` and `groups` name as run books into the configuration, in place, so that a brief needs no disk. A
 * file that changes counts when the configuration is read again.
 */
export async function readRunbooks({ services, groups }: Config, file: string): Promise<{ path: Path; says: string }[]> {
  const named = [
    ...Object.entries(services).map(([name, { runbook }]) => ({ path: ['services', name, 'runbook'], runbook })),
    ...Object.entries(groups).map(([name, { runbook }]) => ({ path: ['groups', name, 'runbook'], runbook })),
  ];
  const found = await Promise.all(named.map(async ({ path, runbook }) => ({ path, says: runbook && (await readOne(runbook, file)) })));
  return found.flatMap(({ path, says }) => (says ? [{ path, says: `\`${path.join('.')}\`: ${says}` }] : []));
}

/** What is wrong with it, if anything. */
async function readOne(runbook: Runbook, file: string): Promise<string | undefined> {
  const { written } = runbook;
  if (/^[a-z][a-z0-9+.-]*:/i.test(written)) {
    if (!/^https?:\/\//i.test(written) || !URL.canParse(written)) return 'is neither a file nor a link people can open: `https://…`';
    runbook.link = written;
    return undefined;
  }
  const path = resolve(dirname(file), written);
  try {
    const { size } = await stat(path);
    if (size > LONGEST) return `${path} is larger than ${LONGEST / 1024} KiB; what somebody does first at night is shorter, and can link to the rest`;
    const bytes = await readFile(path);
    const markdown = bytes.toString('utf8');
    if (markdown.includes('\0') || !Buffer.from(markdown, 'utf8').equals(bytes)) return `${path} is no text in UTF-8`;
    if (markdown.trim() === '') return `${path} is empty: write down the first three steps, or take the line out`;
    Object.assign(runbook, { path, markdown });
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no file ${path}`;
    return code === 'EISDIR' ? `${path} is a folder; name the file in it` : `${path} cannot be read: ${code ?? message}`;
  }
}
