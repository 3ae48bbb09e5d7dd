/** What BullMQ runs on. */
export interface Engine {
  where: string;
  prefix: string | undefined;
  producer: never;
  worker(): never;
  /** BullMQ's backend; its own, Redis, when undefined. Typed as the default: the calls are the same. */
  factory: unknown;
  ready(): boolean;
  /** Why it is not ready, where its server said so itself. */
  refused(): Advice | undefined;
  /** Rejects when it makes no sense to ask now. */
  reachable(): Promise<void>;
  /** Asks whether work would be taken, and how it would be kept. Rejects when it is refused. */
  examine(): Promise<Advice[]>;
  /** Something was asked and never answered: the connections may be to a machine that hangs. */
  unanswered(): void;
  close(): Promise<void>;
}

/** What is not as it should be on the server, and what to do there. */
export interface Advice {
  says: string;
  remedy: string;
  /** Costs seconds after a failure, and some services offer nothing else: worth saying, no alarm. */
  bearable?: true;
}

/** Wall ms a producer waits for the queue before it says no. */
export const ANSWER = 2000;

/** Resolves to `otherwise` when `work` takes longer; it goes on all the same. */
export async function within<Result>(work: Promise<Result> | undefined, ms: number, otherwise?: unknown): Promise<Result | unknown> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([work, new Promise((resolve) => (timer = setTimeout(() => resolve(otherwise), ms)))]);
  } finally {
    clearTimeout(timer);
  }
}
