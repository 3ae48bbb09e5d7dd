/** Two transactions met: serialization failure, deadlock, or the same unique key. Done again, it sees what the other wrote. */
const CODES = new Set(['40001', '40P01', '23505']);

/** Times something that met another is done in all. */
export const MEETINGS = 5;

export const isConflict = (error: unknown): boolean => CODES.has((error as { code?: string } | undefined)?.code ?? '');

/** Transactions that meet are undone whole by the database: done again at once, with what the other wrote. */
export async function meeting<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let met = 1; ; met += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || met === MEETINGS) throw error;
    }
  }
}
