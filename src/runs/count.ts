import type { Tx } from '../store/db.ts';

/** Outcomes are counted as they happen: nobody counts 5,000 rows for one host. */
export async function count(tx: Tx, run: string, outcome: string, hosts: number): Promise<void> {
  await tx.query(
    `insert into run_counts (run, outcome, hosts) values ($1, $2, $3) on conflict (run, outcome) do update set hosts = run_counts.hosts + excluded.hosts`,
    [run, outcome, hosts],
  );
}
