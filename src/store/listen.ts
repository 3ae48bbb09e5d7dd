import type pg from 'pg';
import type { Log } from '../ops.ts';

export interface Listener {
  listen(channel: string, hear: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const FIRST_RETRY = 100;
const LAST_RETRY = 5000;

/**
 * One dedicated connection that listens. When it is lost it is made again, and every hearer is called once with an
 * empty payload: what was said meanwhile nobody heard.
 */
export function hearNotifications(connect: () => pg.Client, log: Log, lookAt?: number): Listener {
  const hearers = new Map<string, Set<(payload: string) => void>>();
  let client: Promise<pg.Client> | undefined;
  let closed = false;
  let retry = FIRST_RETRY;
  let timer: NodeJS.Timeout | undefined;

  async function open(): Promise<pg.Client> {
    const one = connect();
    const lost = (error?: Error): void => {
      if (dead) return;
      dead = true;
      clearInterval(look);
      void one.end().catch(() => {});
      if (closed) return;
      log.warn({ error: error?.message }, 'the listening database connection was lost; it is made again');
      client = undefined;
      again();
    };
    let dead = false;
    let look: NodeJS.Timeout | undefined;
    one.on('error', lost);
    one.on('end', () => lost());
    one.on('notification', ({ channel, payload = '' }) => say(channel, payload));
    try {
      await one.connect();
      for (const channel of hearers.keys()) await one.query(`LISTEN ${channel}`);
    } catch (error) {
      dead = true;
      void one.end().catch(() => {});
      throw error;
    }
    // A connection dropped by something in between is silent for ever: only asking shows it.
    if (lookAt) look = setInterval(() => void one.query({ text: 'SELECT 1', query_timeout: 10_000 } as pg.QueryConfig).catch(lost), lookAt).unref();
    return one;
  }

  function again(): void {
    // A server that takes a connection and closes it fails twice; one timer, or each failure would make two.
    if (timer) return;
    timer = setTimeout(async () => {
      timer = undefined;
      retry = Math.min(retry * 2, LAST_RETRY);
      try {
        client ??= open();
        await client;
        retry = FIRST_RETRY;
        for (const channel of hearers.keys()) say(channel, '');
      } catch (error) {
        client = undefined;
        log.warn({ error: (error as Error).message }, 'the listening database connection could not be made; it is tried again');
        if (!closed) again();
      }
    }, retry).unref();
  }

  function say(channel: string, payload: string): void {
    for (const hear of hearers.get(channel) ?? []) {
      try {
        hear(payload);
      } catch (error) {
        log.error({ channel, error: (error as Error).stack }, 'a hearer of notifications failed');
      }
    }
  }

  return {
    async listen(channel, hear) {
      const known = hearers.get(channel);
      const all = known ?? new Set();
      all.add(hear);
      hearers.set(channel, all);
      try {
        client ??= open();
        const one = await client;
        if (!known) await one.query(`LISTEN ${channel}`);
      } catch (error) {
        all.delete(hear);
        if (all.size === 0) hearers.delete(channel);
        client = undefined;
        throw error;
      }
      return async () => {
        all.delete(hear);
        if (all.size > 0 || hearers.get(channel) !== all) return;
        hearers.delete(channel);
        await (await client)?.query(`UNLISTEN ${channel}`).catch(() => {});
      };
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      hearers.clear();
      const one = await client?.catch(() => undefined);
      await one?.end().catch(() => {});
    },
  };
}
