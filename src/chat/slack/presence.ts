import type { Config } from '../../config/schema.ts';
import type { Present } from '../presence.ts';
import { askSlack, SlackSaysNo } from './ask.ts';

/** Whether the bot is in a channel of Slack. Throws when Slack does not say. */
export async function slackPresence(config: Config, channel: string): Promise<Present> {
  const { slack } = config;
  if (!slack) throw new Error('there is no slack section');
  try {
    const { channel: found } = await askSlack<{ channel: { is_member?: boolean; is_archived?: boolean; is_im?: boolean } }>(
      slack,
      slack.bot_token,
      'conversations.info',
      { channel },
    );
    if (found.is_archived) return no(`This channel (${channel}) is archived, and nothing can be posted there.`);
    return found.is_member || found.is_im
      ? { present: true }
      : no(`I am not in this channel (${channel}), so nobody there would see the answer. Type there: /invite @${await botName(slack)}`);
  } catch (error) {
    // A private channel the bot is not in is not there, as far as Slack tells it.
    if (error instanceof SlackSaysNo && error.code === 'channel_not_found')
      return no(`I am not in this channel (${channel}), or it is gone. Type there: /invite @${await botName(slack)}`);
    throw error;
  }
}

const no = (says: string): Present => ({ present: false, says });

async function botName(slack: NonNullable<Config['slack']>): Promise<string> {
  const { user } = await askSlack<{ user: string }>(slack, slack.bot_token, 'auth.test');
  return user;
}
