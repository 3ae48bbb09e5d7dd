import { Refusal } from '../lib/refusal.ts';
import type { Queries } from '../store/db.ts';
import { type HoldRow, holdKey } from './rows.ts';

/** What a run that gives updates back begins with on a host. */
export type ResumeStart = { holds: string[]; records: Record<string, string[]> };

/**
 * The open holds that may be resumed: what each is called on its hosts, and what was recorded there, by host. Throws Refusal for one
 * that is none, or has ended.
 */
export async function toResume(
  db: Queries,
  only?: string,
): Promise<{ keys: Map<string, string>; memories(hosts: readonly string[]): Promise<Map<string, ResumeStart>> }> {
  const rows = await db.query<HoldRow>(
    `select * from holds where kind = 'updates' and case when $1::text is null then state = 'open' else id = $1 end order by begun, id`,
    [only ?? null],
  );
  const [row] = rows;
  if (only !== undefined && !row) throw new Refusal(`There is no hold ${only}. "show holds" lists what there is.`);
  if (only !== undefined && row?.state === 'ended') throw new Refusal(`${only} ended ${row.ended?.toISOString()}: its hosts have their updates back.`);
  const ids = rows.map(({ id }) => id);
  return {
    keys: new Map(rows.map((hold) => [hold.id, holdKey(hold)])),
    async memories(hosts) {
      const found = await db.query<{ hold: string; host: string; recorded: { lines?: string[] } }>(
        `select hh.hold, hh.host, hh.recorded from hold_hosts hh join holds h on h.id = hh.hold
         where hh.hold = any ($1) and hh.state <> 'resumed' and hh.host in (select jsonb_array_elements_text($2::jsonb)) order by h.begun, h.id`,
        [ids, JSON.stringify(hosts)],
      );
      const memories = new Map<string, ResumeStart>();
      for (const { hold, host, recorded } of found) {
        const own = memories.get(host) ?? { holds: [], records: {} };
        own.holds.push(hold);
        own.records[hold] = recorded.lines ?? [];
        memories.set(host, own);
      }
      return memories;
    },
  };
}
