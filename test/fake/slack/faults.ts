/** What can go wrong with one call to the Web API, an upload or a response URL. */
export type Fault =
  | { kind: 'ratelimited'; retryAfter: number }
  | { kind: 'status'; status: number }
  | { kind: 'error'; error: string }
  /** Taken or not, it is never answered. */
  | { kind: 'hang'; taken?: boolean }
  /** The connection breaks; `taken`: after Slack has done what was asked. */
  | { kind: 'drop'; taken?: boolean };

/** Faults in waiting, by method (`chat.postMessage`, `response_url`, `upload`, `*`). */
export interface Faults {
  /** The next `times` calls (1 unsaid) of this method that `where` is true of. */
  add(method: string, fault: Fault, more?: { times?: number; where?: (fields: Record<string, unknown>) => boolean }): void;
  next(method: string, fields: Record<string, unknown>): Fault | undefined;
  clear(): void;
}

export function openFaults(): Faults {
  let waiting: { method: string; fault: Fault; times: number; where: (fields: Record<string, unknown>) => boolean }[] = [];
  return {
    add: (method, fault, { times = 1, where = () => true } = {}) => void waiting.push({ method, fault, times, where }),
    next(method, fields) {
      const found = waiting.find((one) => (one.method === method || one.method === '*') && one.where(fields));
      if (!found) return undefined;
      found.times -= 1;
      if (found.times <= 0) waiting = waiting.filter((one) => one !== found);
      return found.fault;
    },
    clear() {
      waiting = [];
    },
  };
}
