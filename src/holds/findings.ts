import type { Finding } from '../fleet/host.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';

const HAZARD = 'hold-drift';

/** Puts what came back by itself among the findings of hosts, and takes away what is mended. `undefined` = mended. */
export async function findDrift(tx: Tx, drifts: ReadonlyMap<string, string | undefined>): Promise<void> {
  if (drifts.size === 0) return;
  const rows = [...drifts].map(([host, text]) => {
    const finding: Finding[] = text === undefined ? [] : [{ hazard: HAZARD, severity: 'critical', text }];
    return { host, finding };
  });
  await tx.query(
    `update facts f set findings = d.finding || coalesce((select jsonb_agg(one) from jsonb_array_elements(f.findings) as one where one ->> 'hazard' <> $2), '[]'::jsonb)
     from jsonb_to_recordset($1::jsonb) as d (host text, finding jsonb) where f.host = d.host`,
    [toJsonb(rows), HAZARD],
  );
}
