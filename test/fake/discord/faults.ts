/** What can be made to go wrong with one kind of request. */
export type How =
  /** 429 before anything was done. */
  | { is: 'rate limit'; seconds: number; global?: boolean }
  /** 503; `after`: it was done all the same. */
  | { is: 'server error'; after?: boolean }
  /** No answer ever comes; `after`: it was done all the same. */
  | { is: 'hang'; after?: boolean }
  /** The connection breaks; `after`: it was done all the same. */
  | { is: 'drop'; after?: boolean }
  | { is: 'refuse'; status: number; code: number; message: string }
  /** 3,001 ms of the stand-in's clock go by before it is looked at. */
  | { is: 'late' };

export interface Fault {
  /** `POST /channels/…/messages` matches `POST ` and a part of the path: `POST messages`. */
  on: RegExp;
  how: How;
  left: number;
}

/** Faults that were switched on, each so many times. */
export function faultList(): { add(on: RegExp, how: How, times?: number): void; take(request: string): How | undefined; clear(): void } {
  let faults: Fault[] = [];
  return {
    add: (on, how, times = 1) => void faults.push({ on, how, left: times }),
    take(request) {
      const found = faults.find((fault) => fault.left > 0 && fault.on.test(request));
      if (found) found.left -= 1;
      return found?.how;
    },
    clear() {
      faults = [];
    },
  };
}
