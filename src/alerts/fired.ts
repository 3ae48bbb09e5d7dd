import type { BriefFacts } from '../escalation/brief.ts';
import { foldSome } from '../fleet/target/fold-some.ts';
import { grouped } from '../paging/rows.ts';
import type { Queries } from '../store/db.ts';
import { alertJson } from './list.ts';
import type { AlertRow } from './rows.ts';

/** Of one alert, the details that help somebody who was asleep, in that order. */
const HELPFUL = ['description', 'message', 'value', 'runbook_url', 'runbook', 'check', 'severity'];
const SHOWN = 2;
const LONGEST = 120;

/** What fired, for what is told of pages: by the page, the oldest first. */
export async function firedOf(db: Queries, pages: readonly string[]): Promise<Map<string, NonNullable<BriefFacts['fired']>>> {
  const rows = await db.query<AlertRow & { page: string }>(`select * from alerts where page = any ($1::text[]) and state = 'firing' order by started, id`, [
    pages,
  ]);
  return new Map(
    [...grouped(rows, ({ page }) => page)].map(([page, alerts]) => [
      page,
      alerts.map(({ summary, hosts, integration, started, link, details }) => ({
        says: hosts.length > 0 && !hosts.every((host) => summary.includes(host)) ? `${foldSome(hosts, 60)}: ${summary}` : summary,
        by: integration,
        since: started.getTime(),
        ...(link !== null && { link }),
        details: HELPFUL.flatMap((key) => (details[key] && details[key] !== summary ? [`${key}: ${details[key].slice(0, LONGEST)}`] : [])).slice(0, SHOWN),
      })),
    ]),
  );
}

/** Every alert a page asks or asked about, as `--json` has them. */
export async function alertsOfPage(db: Queries, page: string): Promise<Record<string, unknown>[]> {
  return (await db.query<AlertRow>(`select * from alerts where page = $1 order by id`, [page])).map(alertJson);
}
