import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../lib/refusal.ts';
import type { Queries } from './db.ts';

/** A database belongs to a real fleet or to the sandbox; the two must not tell each other's stories. */
export async function claimForKind(db: Queries, kind: 'fleet' | 'sandbox', dataDir: string): Promise<void> {
  await db.query(`insert into meta (key, value) values ('kind', to_jsonb($1::text)) on conflict (key) do nothing`, [kind]);
  const [row] = await db.query<{ value: string }>(`select value from meta where key = 'kind'`);
  if (row?.value === kind) return;
  throw new Refusal(
    kind === 'fleet'
      ? `The data in ${dataDir} belongs to the sandbox, not to a real fleet. Set "data" in holdfast.yaml (or HOLDFAST_DATA) to another directory.`
      : `The data in ${dataDir} belongs to a real fleet; the sandbox does not touch it. Set HOLDFAST_DATA to another directory, or start with --config holdfast.yaml.`,
  );
}

/** Starting over deletes: only where the simulated fleet has lived, which leaves its folder beside the database. */
export function refuseToForget(dataDir: string): void {
  if (!existsSync(join(dataDir, 'pgdata')) || existsSync(join(dataDir, 'sandbox'))) return;
  throw new Refusal(
    `--fresh deletes the sandbox's data, and what lies in ${dataDir} is not the sandbox's. Set HOLDFAST_DATA to another directory, or move this one away.`,
  );
}
