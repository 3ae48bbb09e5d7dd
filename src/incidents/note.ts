import type { Line } from '../chat/command.ts';
import type { Queries, Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { incidentNamed } from './rows.ts';
import { touchIncident } from './touch.ts';

/** The incident a note belongs to: the one it names or its thread has, or the only one that is open. Where several are, none: a guess would stay. */
export async function openHere(db: Queries, named: string | undefined): Promise<string | undefined> {
  if (named !== undefined) return (await incidentNamed(db, named)).row.id;
  const rows = await db.query<{ id: string }>(`select id from incidents where state in ('investigating', 'identified', 'monitoring') limit 2`);
  return rows.length === 1 ? rows[0]?.id : undefined;
}

/** Into the story, for those inside: the public reads updates only. */
export async function noteIn(tx: Tx, id: string, { text, hosts }: { text: string; hosts: readonly string[] }, line: Line): Promise<void> {
  await tx.query(`select id from incidents where id = $1 for update`, [id]);
  const rev = await record(tx, { thing: id, type: 'noted', data: { text, ...(hosts.length > 0 && { hosts }) }, by: line.actor.name, at: line.at });
  await touchIncident(tx, id, { rev, at: line.at });
}
