import { type App, HTTPReceiver, type ReceiverEvent } from '@slack/bolt';
import { Refusal } from '../../lib/refusal.ts';
import type { ChatWorld } from '../room.ts';
import { sdkLog } from './sdk-log.ts';

/** Hears signed HTTP at `/slack/events`. Throws Refusal where it cannot listen. */
export async function serveHttp({
  config,
  log,
  hear,
}: Pick<ChatWorld, 'config' | 'log'> & { hear(event: ReceiverEvent): Promise<void> }): Promise<{ close(): Promise<void> }> {
  const { http, signing_secret: secret } = config().slack ?? {};
  if (!http || !secret) throw new Refusal('Signed HTTP from Slack needs `slack.http` and `slack.signing_secret` in holdfast.yaml.');
  const receiver = new HTTPReceiver({
    signingSecret: secret.reveal(),
    logger: sdkLog(log),
    // What was not taken is answered as such at once, and Slack sends an event again.
    processEventErrorHandler: async ({ error, response }) => {
      log.warn({ err: error }, 'a delivery from Slack was not taken');
      if (!response.headersSent) response.writeHead(503).end();
      return true;
    },
  });
  receiver.init({ processEvent: hear } as unknown as App);
  try {
    const server = await receiver.start({ port: http.port, host: http.host } as never);
    server.on('error', (error) => log.error({ err: error }, 'the listener for Slack failed'));
    return {
      async close() {
        server.closeAllConnections();
        await receiver.stop().catch(() => {});
      },
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Refusal(`Slack cannot be heard on ${http.host}:${http.port} (${code ?? message}). Take another port under slack.http in holdfast.yaml.`);
  }
}
