import { webApi } from '@slack/bolt';
import type { ChatWorld } from '../room.ts';
import { codeOf, failed, REFUSES_TOKEN } from './failures.ts';
import { sdkLog } from './sdk-log.ts';
import { TIMES } from './times.ts';

/** The Web API with the bot's token of the configuration in force: one try a call, each watched for what it says of the token. */
export interface Calls {
  /** Wall ms before one is given up. */
  timeout: number;
  /** Throws what the SDK throws; `failed` says what it means. */
  call<Answer>(what: (client: webApi.WebClient) => Promise<Answer>): Promise<Answer>;
  /** What people call us there, once it is known. */
  bot(): { user?: string; name: string };
  /** Asks Slack who we are. True when it knows us. */
  test(): Promise<boolean>;
}

const NAME = 'slack web api';

export function openCalls({ config, log, connections }: Pick<ChatWorld, 'config' | 'log' | 'connections'>, timeout = TIMES.call): Calls {
  let known: { token: string; url: string | undefined; client: webApi.WebClient } | undefined;
  let bot: { user?: string; name: string } = { name: 'holdfast' };

  const client = (): webApi.WebClient => {
    const { bot_token: secret, api_url: url } = config().slack ?? {};
    const token = secret?.reveal() ?? '';
    if (known?.token !== token || known.url !== url) {
      const options = { retryConfig: { retries: 0 }, timeout, rejectRateLimitedCalls: true, logger: sdkLog(log) };
      known = { token, url, client: new webApi.WebClient(token, { ...options, ...(url !== undefined && { slackApiUrl: url }) }) };
    }
    return known.client;
  };
  const report = (ok: boolean, says: string): void => connections.report({ name: NAME, platform: 'slack', ok, says });
  const calls: Calls = {
    timeout,
    async call(what) {
      try {
        const answer = await what(client());
        report(true, 'Slack answers');
        return answer;
      } catch (error) {
        const code = codeOf(error);
        if (code !== undefined && REFUSES_TOKEN.has(code))
          report(false, `Slack refuses the bot token (${code}). Put a good one under slack.bot_token in holdfast.yaml and reload.`);
        // Any other word of Slack's is a word: it is there.
        else if (code !== undefined || failed(error).says === 'Slack asks to wait') report(true, 'Slack answers');
        else report(false, failed(error).says);
        throw error;
      }
    },
    bot: () => bot,
    async test() {
      try {
        const { user_id: user, user: name } = await calls.call((web) => web.auth.test());
        bot = { ...(user !== undefined && { user }), name: name ?? bot.name };
        return true;
      } catch {
        return false;
      }
    },
  };
  return calls;
}
