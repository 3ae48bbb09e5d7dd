import type { HostResult } from '../jobs.ts';

/** A result as it is kept with its chunk: facts live in their own table, the latest of each host; so do certificates. */
export type ChunkResult = Omit<HostResult, 'facts' | 'certificates'>;
