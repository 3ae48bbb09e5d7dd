import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { type Reader, showCards } from './cards.ts';
import { type Shower, showMessages } from './messages.ts';
import type { Renderer } from './shown.ts';

/**
 * Delivery to devices attached to this process: the terminal, and `holdfast exec` over the control socket. What they were
 * not yet shown is in the database; attaching an address again (after a crash, a lost connection) shows the rest.
 */
export interface Attached {
  /** `print` resolves when the device has the text; only then is it marked as shown. */
  attach(channel: string, print: (text: string) => Promise<void>): () => void;
  busy(): boolean;
  close(): Promise<void>;
}

/** Wall ms between two tries at a device or a database that does not take or give the answer. */
const LONGEST_PAUSE = 30_000;

export async function deliverAttached(options: { db: Db; log: Log; renderers: Record<string, Renderer> }): Promise<Attached> {
  const { db, log } = options;
  const devices = new Map<string, Device>();

  interface Device extends Reader, Shower {
    again: boolean;
    running?: Promise<void>;
    timer?: NodeJS.Timeout;
  }
  const wake = (channel: string, device: Device): void => {
    device.again = true;
    device.running ??= show(channel, device).finally(() => {
      device.running = undefined;
      if (device.again && devices.get(channel) === device) wake(channel, device);
    });
  };
  const wakeIn = (ms: number, channel: string, device: Device): void => {
    clearTimeout(device.timer);
    device.timer = setTimeout(() => wake(channel, device), ms);
  };
  const show = async (channel: string, device: Device): Promise<void> => {
    while (device.again && devices.get(channel) === device) {
      device.again = false;
      try {
        await showMessages(options, channel, device);
        const again = await showCards(options, channel, device);
        clearTimeout(device.timer);
        if (again !== undefined && devices.get(channel) === device) wakeIn(again + 20, channel, device);
        device.failed = 0;
      } catch (error) {
        // Whoever left was not shown it, and knows.
        if (devices.get(channel) !== device) return;
        device.failed += 1;
        log.warn({ err: error, channel }, 'an answer could not be shown; it is tried again');
        wakeIn(Math.min(1000 * 2 ** (device.failed - 1), LONGEST_PAUSE), channel, device);
      }
    }
  };

  const unlisten = await db.listen('shown', () => {
    for (const [channel, device] of devices) wake(channel, device);
  });
  return {
    attach(channel, print) {
      const device: Device = { print, again: false, has: new Set(), said: new Map(), looked: new Map(), failed: 0 };
      devices.set(channel, device);
      wake(channel, device);
      return () => {
        if (devices.get(channel) === device) devices.delete(channel);
        clearTimeout(device.timer);
      };
    },
    busy: () => [...devices.values()].some((device) => device.running !== undefined),
    async close() {
      await unlisten();
      const running = [...devices.values()].map((device) => device.running);
      for (const device of devices.values()) clearTimeout(device.timer);
      devices.clear();
      await Promise.allSettled(running);
    },
  };
}
