import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Wall ms: after the first answers, which nobody wants to wait for this. */
const LATER = 3000;

/**
 * Gives back, once, what starting left behind: the unpacked template, the parsed inventory, tens of megabytes in all. An idle
 * process allocates nothing, so by itself it would not collect for hours. Takes 20 to 50 ms.
 */
export function dropLeftovers(): void {
  const timer = setTimeout(() => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
    collect();
  }, LATER);
  timer.unref();
}
