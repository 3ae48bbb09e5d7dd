import type { Secret } from '../config/secret.ts';
import type { Connections } from '../deliver/connections.ts';

/** Wall ms. */
const TIMEOUT = 10_000;

/** Calls each URL once. One that does not answer is said by its number: the address itself is a secret. */
export async function sendHeartbeats(urls: readonly Secret[], connections: Pick<Connections, 'report'>): Promise<void> {
  await Promise.all(
    urls.map(async (url, at) => {
      const name = `heartbeat ${at + 1}`;
      const report = (ok: boolean, says: string): void => connections.report({ name, platform: 'heartbeat', ok, says });
      try {
        const { status } = await fetch(url.reveal(), { method: 'POST', signal: AbortSignal.timeout(TIMEOUT) });
        report(status >= 200 && status < 300, `HTTP ${status}`);
      } catch (error) {
        report(false, (error as Error & { cause?: { code?: string } }).cause?.code ?? (error as Error).name);
      }
    }),
  );
}
