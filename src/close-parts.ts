import type { Log } from './ops.ts';

/** Ends what was opened, the last first. One that does not end cleanly holds up none of the others. */
export async function closeParts(closing: (() => unknown)[], log: Log): Promise<void> {
  for (const close of closing.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      log.warn({ err: error }, 'a part did not end cleanly');
    }
  }
}
