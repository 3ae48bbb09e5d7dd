import type { Finding } from '../fleet/host.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';

const HAZARD = 'hold-drift';

/**
 * Puts what came back by itself among the findings of hosts, and takes away what is mended. `undefined` = mended. A host that was
 * never checked is known by its finding alone.
 */
export async function findDrift(tx: Tx, drifts: ReadonlyMap<string, string | undefined>, at: number): Promise<void> {
  if (drifts.size === 0) return;
  const rows = [...drifts].map(([host, text]) => {
    const finding: Finding[] = text === undefined ? [] : [{ hazard: HAZARD, severity: 'critical', text }];
    return { host, finding, drifted: text !== undefined };
  });
  // One order for all who write facts: two at once must not deadlock.
  rows.sort((a, b) => (a.host < b.host ? -1 : 1));
  await tx.query(
    `update facts f set findings = d.finding || coalesce((select jsonb_agg(one) from jsonb_array_elements(f.findings) as one where one ->> 'hazard' <> $2), '[]'::jsonb)
     from jsonb_to_recordset($1::jsonb) as d (host text, finding jsonb) where f.host = d.host and (d.finding <> '[]'::jsonb or f.findings @> jsonb_build_array(jsonb_build_object('hazard', $2::text)))`,
    [toJsonb(rows), HAZARD],
  );
  await tx.query(
    `insert into facts (host, reach, asked, findings) select host, 'ok', $2, finding from jsonb_to_recordset($1::jsonb) as d (host text, finding jsonb, drifted boolean)
     where drifted on conflict (host) do nothing`,
    [toJsonb(rows), new Date(at)],
  );
}
