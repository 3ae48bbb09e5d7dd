/** One piece of work that is due now. The row it points at is the truth; whoever takes it compares `rev` first. */
export interface WorkItem {
  kind: string;
  ref: string;
  rev: number;
}

/** Work that is due now, by BullMQ on Redis or on the database. It holds nothing that cannot be made again from the outbox. */
export interface WorkQueue {
  /** Queues a batch at once. Rejects soon when the queue cannot be reached; an id that still waits is not queued twice. */
  add(items: { id: string; data: WorkItem }[]): Promise<void>;
  /** Takes work until closed, `concurrency` pieces at a time. One that throws is gone from the queue: what failed is in the database. */
  work(handle: (item: WorkItem, id: string) => Promise<void>, options: { concurrency: number }): Promise<void>;
  state(): Promise<{ waiting: number; active: number }>;
  /** As of the last time it was asked: `state` asks. `advice`: it works, and is not kept as it should be. */
  healthy(): { ok: boolean; says: string; remedy?: string; advice?: { says: string; remedy: string; bearable?: true }[] };
  /** Finishes what is in hand and gives the connections back. */
  close(): Promise<void>;
}
