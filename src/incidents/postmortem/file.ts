import { constants } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../../lib/refusal.ts';

/** Postmortems as files, for whoever edits them with an editor on the machine Holdfast runs on. */
export interface PostmortemFiles {
  /** `INC-1` → where its file is. */
  at(id: string): string;
  /** Absent when there is none. Throws Refusal for what is no text. */
  read(id: string): Promise<string | undefined>;
  /** Lays a draft there; one that is there already stays. */
  lay(id: string, text: string): Promise<void>;
}

/** Bytes. */
const LARGEST = 256 * 1024;

/** In `postmortems` of the data directory; a file is named for its incident, and nothing else is ever read. */
export function openPostmortemFiles(dataDir: string): PostmortemFiles {
  const folder = join(dataDir, 'postmortems');
  const at = (id: string): string => join(folder, `${id.replace(/[^A-Z0-9-]/g, '')}.md`);
  return {
    at,
    async read(id) {
      // Whoever can write here could as well lay a link to anything.
      const file = await open(at(id), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        if (error.code === 'ELOOP') throw new Refusal(`${at(id)} is a link, and links are not followed.`);
        throw error;
      });
      if (!file) return undefined;
      try {
        const { size } = await file.stat();
        if (size > LARGEST) throw new Refusal(`${at(id)} is larger than ${LARGEST / 1024} KiB.`);
        return new TextDecoder('utf8', { fatal: true }).decode(await file.readFile());
      } catch (error) {
        if (error instanceof TypeError) throw new Refusal(`${at(id)} is no UTF-8 text.`);
        throw error;
      } finally {
        await file.close();
      }
    },
    async lay(id, text) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(at(id), text, { flag: 'wx', mode: 0o600 });
    },
  };
}
