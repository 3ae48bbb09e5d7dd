import type { Began, Line } from '../chat/command.ts';
import type { Targets } from '../fleet/fleet.ts';
import type { ReadJob } from '../jobs.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import { putOut } from '../store/outbox.ts';

/** Hosts asked by one piece of work. Small enough that a piece ends well inside 30 s, large enough to cost little each. */
export const CHUNK = 50;

/** Writes one reading (a job of risk `read` over a target) with its chunks into the outbox, inside the line's transaction. */
export async function beginReading(tx: Tx, line: Pick<Line, 'at'>, job: ReadJob, params: unknown, targets: Targets): Promise<Began> {
  const names = targets.hosts.map((host) => host.name);
  const chunks = Array.from({ length: Math.ceil(names.length / CHUNK) }, (_, n) => names.slice(n * CHUNK, (n + 1) * CHUNK));
  const [row] = await tx.query<{ id: string }>(`insert into readings (job, params, expression, hosts, began) values ($1, $2, $3, $4, $5) returning id`, [
    job.name,
    toJsonb(params),
    targets.expression,
    names.length,
    new Date(line.at),
  ]);
  const id = (row as { id: string }).id;
  await tx.query(
    `insert into reading_chunks (reading_id, n, hosts)
     select $1, ordinality - 1, value from jsonb_array_elements($2::jsonb) with ordinality`,
    [id, JSON.stringify(chunks)],
  );
  await putOut(
    tx,
    'reading',
    chunks.map((_, n) => `${id}/${n}`),
  );
  return { kind: 'reading', id };
}
