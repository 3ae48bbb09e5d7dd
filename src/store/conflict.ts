/** Two transactions met: serialization failure, deadlock, or the same unique key. Done again, it sees what the other wrote. */
const CODES = new Set(['40001', '40P01', '23505']);

export const isConflict = (error: unknown): boolean => CODES.has((error as { code?: string } | undefined)?.code ?? '');
