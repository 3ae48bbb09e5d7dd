import type { Tx } from '../store/db.ts';

/** From so many hosts on it matters which index is taken. */
const MANY = 200;

/**
 * After many hosts of a run were written at once. Until it is told, the database takes a run for a few hosts, or none of them for in
 * flight, and reads all of them to find one; by itself it looks again after minutes only.
 */
export async function tellPlanner(tx: Tx, hosts: number): Promise<void> {
  if (hosts >= MANY) await tx.query(`analyze run_hosts (run, host, position, wave, state)`);
}
