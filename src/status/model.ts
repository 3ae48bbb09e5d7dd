import type { Config } from '../config/schema.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Clock } from '../lib/clocks.ts';
import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { componentsIn } from './components.ts';
import { type Kept, loadByCode } from './load-stories.ts';
import { readPage } from './read-page.ts';
import type { Story } from './story.ts';
import { type PageSettings, type View, viewOf } from './view.ts';

/** What the page is made of, kept in memory: read again when something was written, never because time went by. */
export interface Model {
  /** As it is now, or, while the database does not answer, as it was last, with `stale`. */
  view(): Promise<View>;
  /** Of the index of a view; those it has no room for are read. The same order; what is gone meanwhile is left out. Throws while they cannot be read. */
  stories(view: View, codes: readonly string[]): Promise<Story[]>;
  close(): Promise<void>;
}

export interface ModelWorld {
  db: Db;
  clock: Pick<Clock, 'now'>;
  log: Log;
  config(): Config;
  fleet(): Fleet;
  /** Where the page is, if the configuration does not say. */
  url(): string;
}

/** Wall ms the database has, for somebody who waits for a page. */
const PATIENCE = 2_000;
/** Wall ms after which whoever asks has the database asked whether it is there; a lost one sends no word. */
const TRUSTED = 10_000;
/** Wall ms between two tries while it does not answer. */
const REST = 1_000;

export async function openModel(world: ModelWorld): Promise<Model> {
  const { db, log } = world;
  let written = 0;
  let known: { view: View; written: number; config: Config; fleet: Fleet } | undefined;
  let reading: Promise<View> | undefined;
  // Wall ms, and domain ms, at which the database was there last.
  let sure = 0;
  let sureAt = world.clock.now();
  let failed = 0;
  let stale: View | undefined;
  let kept: Kept | undefined;
  const unlisten = await db.listen('status', () => {
    written += 1;
  });

  const read = async (): Promise<View> => {
    const seen = { written, config: world.config(), fleet: world.fleet() };
    const settings = settingsOf(seen.config, world.url());
    const now = world.clock.now();
    const rows = await readPage(db, { components: componentsIn(seen.config, seen.fleet), zone: settings.zone, now, ...(kept && { kept }) });
    kept = rows.kept;
    const view = viewOf(rows, settings, now);
    known = { view, ...seen };
    sure = Date.now();
    sureAt = now;
    failed = 0;
    stale = undefined;
    return view;
  };
  const isTrue = (): boolean =>
    known !== undefined &&
    known.written === written &&
    known.config === world.config() &&
    known.fleet === world.fleet() &&
    world.clock.now() < known.view.holds &&
    known.view.page.url === settingsOf(known.config, world.url()).url;
  const makeSure = (): void => {
    if (Date.now() - sure < TRUSTED || failed > 0) return;
    sure = Date.now();
    inTime(db.query('select 1')).then(
      () => {
        sureAt = world.clock.now();
      },
      () => {
        failed = Date.now();
        // Nobody knows what was written meanwhile.
        written += 1;
      },
    );
  };
  /** The same object as long as it is the same, so that what was rendered of it stays of use. */
  const asStale = (view: View): View => {
    stale ??= { ...view, stale: sureAt };
    return stale;
  };
  return {
    async view() {
      if (known && isTrue()) {
        makeSure();
        return known.view;
      }
      if (known && failed > 0 && Date.now() - failed < REST) return asStale(known.view);
      // What was written while one reads is read by the next: whoever asks after a write sees it.
      const before = written;
      if (reading) {
        await reading.catch(() => undefined);
        if (known && known.written >= before && isTrue()) return known.view;
      }
      reading ??= inTime(read()).finally(() => {
        reading = undefined;
      });
      try {
        return await reading;
      } catch (error) {
        if (failed === 0) log.warn({ err: error }, 'the status page cannot be read anew; it shows what was known last');
        failed = Date.now();
        if (!known) throw error;
        return asStale(known.view);
      }
    },
    async stories(view, codes) {
      const kept = new Map([...view.incidents, ...view.maintenances].map((story) => [story.code, story]));
      const missing = codes.filter((code) => !kept.has(code));
      // What cannot be read is not what there is none of.
      if (missing.length > 0 && view.stale !== undefined) throw new Error('the database does not answer, and this was not read lately');
      const read = missing.length === 0 ? [] : await inTime(loadByCode(db, missing));
      for (const story of read) kept.set(story.code, story);
      return codes.flatMap((code) => kept.get(code) ?? []);
    },
    close: unlisten,
  };
}

export function settingsOf({ name, timezone, status }: Pick<Config, 'name' | 'timezone' | 'status'>, url: string): PageSettings {
  return {
    name: status.name ?? name,
    url: status.url ?? url,
    zone: status.zone ?? timezone,
    ...(status.about !== undefined && { about: status.about }),
    ...(status.support !== undefined && { support: status.support }),
  };
}

function inTime<Answer>(asked: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the database did not answer within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  asked.catch(() => {});
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
