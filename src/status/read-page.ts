import { dayAt } from '../rollout/local-time.ts';
import type { Db } from '../store/db.ts';
import type { Component } from './components.ts';
import { loadRuns } from './load-runs.ts';
import { loadSpells } from './load-spells.ts';
import { type Kept, loadCurrent, loadIndex } from './load-stories.ts';
import { BAR_DAYS, type Indexed, type PageRows } from './view.ts';

/** As many as Statuspage's incidents.json has. */
const NEWEST = 50;
const DAY = 86_400_000;

/** What is read for the page: one picture of one moment, in a handful of statements however many incidents there are. `kept`: what was read the last time. */
export function readPage(db: Db, world: { components: readonly Component[]; zone: string; now: number; kept?: Kept }): Promise<PageRows & { kept: Kept }> {
  const { components, zone, now } = world;
  const componentsOf = (hosts: readonly string[]): string[] =>
    components.flatMap((component) => (hosts.some((host) => component.hosts.has(host)) ? [component.name] : []));
  return db.tx(async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const kept = await loadCurrent(tx, NEWEST, world.kept);
    const incidents = [...kept.values()].map(({ story }) => story);
    const runs = await loadRuns(tx, { now, componentsOf });
    const spells = await loadSpells(tx, now - (BAR_DAYS + 1) * DAY);
    const index: Indexed[] = [
      ...(await loadIndex(tx)).map(({ code, opened, into }) => ({ code, month: monthOf(opened.getTime(), zone), ...(into !== null && { into }) })),
      ...runs.map(({ code, created }) => ({ code, month: monthOf(created, zone) })),
    ];
    const [first] = await tx.query<{ at: Date }>(`select min(at) as at from holdfast_migrations`);
    return { since: Math.min(first?.at.getTime() ?? now, now), components, stories: [...incidents, ...runs], spells, index, kept };
  });
}

/** `2026-11` */
export function monthOf(at: number, zone: string): string {
  const { year, month } = dayAt(at, zone);
  return `${year}-${String(month).padStart(2, '0')}`;
}
