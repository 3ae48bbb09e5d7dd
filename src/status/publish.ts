import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Refusal } from '../lib/refusal.ts';
import { addressesOf, documentAt } from './documents.tsx';
import { type Model, type ModelWorld, openModel } from './model.ts';
import type { View } from './view.ts';

/** Incidents read at once. */
const AT_ONCE = 50;
/** Says that a folder is ours to replace. */
const MARK = '.holdfast-page';

/**
 * Writes the page as files that any web server serves, or nobody's at all: `file://` will do. The folder is replaced as one; whoever reads meanwhile
 * reads the old one or the new one. Answers what was done, in a sentence. Refuses a folder that holds something else.
 */
export async function publishPage(world: Omit<ModelWorld, 'url'> & { url: string | undefined }, dir: string): Promise<string> {
  const { before } = mayReplace(dir);
  const model = await openModel({ ...world, url: () => world.url ?? 'http://localhost' });
  const half = mkdtempSync(join(dirname(dir), `.${basename(dir)}-`));
  try {
    const view = await model.view();
    if (view.stale !== undefined) throw new Refusal('The database does not answer: nothing was published.');
    const files = await writeAll(half, view, model);
    await chmod(half, 0o755);
    if (existsSync(dir)) renameSync(dir, before);
    try {
      renameSync(half, dir);
    } catch (error) {
      if (existsSync(before)) renameSync(before, dir);
      throw error;
    }
    rmSync(before, { recursive: true, force: true });
    const { url } = world.config().status;
    return `published to ${dir}: ${files} files${url === undefined ? '. Its feeds link to where Holdfast listens; say where the public reads it: `status.url` in holdfast.yaml' : ''}`;
  } finally {
    rmSync(half, { recursive: true, force: true });
    await model.close();
  }
}

/** Where the old one stands for a moment. One that was left there by a power cut goes back first. */
function mayReplace(dir: string): { before: string } {
  const before = join(dirname(dir), `.${basename(dir)}.before`);
  if (!existsSync(dirname(dir))) throw new Refusal(`There is no folder ${dirname(dir)}. Make it, or name another one.`);
  if (!existsSync(dir) && existsSync(join(before, MARK))) renameSync(before, dir);
  if (!existsSync(dir)) return { before };
  let held: string[];
  try {
    held = readdirSync(dir);
  } catch {
    throw new Refusal(`${dir} is no folder. Name one that is empty or that publish wrote before.`);
  }
  if (held.length > 0 && !held.includes(MARK))
    throw new Refusal(`${dir} holds something else, and publish replaces the whole folder. Name one that is empty, or that it wrote before.`);
  rmSync(before, { recursive: true, force: true });
  return { before };
}

async function writeAll(root: string, view: View, model: Model): Promise<number> {
  let written = 0;
  const put = async (path: string, stories: Model['stories']): Promise<void> => {
    const document = await documentAt(path, view, stories, 'files');
    // One that was merged into another a moment ago.
    if (!document) return;
    const file = join(root, document.type.startsWith('text/html') ? `${path || 'index'}.html` : path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, document.text, { mode: 0o644, flag: 'wx' });
    written += 1;
  };
  for (const path of addressesOf(view)) await put(path, model.stories);
  for (let from = 0; from < view.index.length; from += AT_ONCE) {
    const some = view.index.slice(from, from + AT_ONCE);
    const read = await model.stories(view, [...new Set(some.map(({ code, into }) => into ?? code))]);
    for (const { code } of some) await put(`incidents/${code}`, async (_, codes) => read.filter((story) => codes.includes(story.code)));
  }
  writeFileSync(join(root, MARK), 'Written by `holdfast publish`, which replaces the whole folder.\n', { mode: 0o644 });
  return written;
}
