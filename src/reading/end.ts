import type { Outcome } from '../chat/command.ts';
import type { Tx } from '../store/db.ts';
import { endLine } from '../store/lines.ts';
import type { ChunkResult } from './chunk-result.ts';

/** Ends the reading, and the line that began it, when no chunk is open any more; asks for its card to be shown again. */
export async function endReading(tx: Tx, id: string, now: number, whole: Whole): Promise<void> {
  const [ended] = await tx.query<{ id: string }>(
    `update readings set state = 'ended', ended = $2, wall_ended = now() where id = $1 and state = 'begun'
     and not exists (select 1 from reading_chunks where reading_id = $1 and state = 'open') returning id`,
    [id, new Date(now)],
  );
  await tx.query(`update cards set wanted_rev = wanted_rev + 1, final = final or $2 where thing_kind = 'reading' and thing_id = $1`, [id, ended !== undefined]);
  if (ended) await endLine(tx, { kind: 'reading', id }, await outcomeOf(tx, id, whole), now);
  await tx.notify('shown', `reading:${id}`);
}

/** Every host there is, and what is said of people when all of them were checked. */
interface Whole {
  size: number;
  ofPeople?(tx: Tx): Promise<readonly string[]>;
}

/** Findings and unreachable hosts are answers; only a host that answered wrongly makes the line fail. */
async function outcomeOf(tx: Tx, id: string, { size, ofPeople }: Whole): Promise<Outcome> {
  const chunks = await tx.query<{ job: string; results: ChunkResult[] }>(
    `select r.job, c.results from reading_chunks c join readings r on r.id = c.reading_id where c.reading_id = $1`,
    [id],
  );
  const results = chunks.flatMap((chunk) => chunk.results);
  if (results.some((result) => result.outcome === 'failed')) return 'failed';
  if (results.some((result) => result.outcome !== 'ok' || (result.findings ?? []).some((finding) => finding.severity !== 'info'))) return 'findings';
  const all = chunks[0]?.job === 'check' && results.length === size;
  return all && ofPeople && (await ofPeople(tx)).length > 0 ? 'findings' : 'ok';
}
