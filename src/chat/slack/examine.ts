import type { Config } from '../../config/schema.ts';
import type { Examined } from '../../doctor.ts';
import type { Person } from '../../people.ts';
import { makesChannels } from '../bindings.ts';
import { askSlack, SlackSaysNo } from './ask.ts';
import { scopesFor } from './manifest.ts';

/** Asks Slack for everything Holdfast needs of it: tokens, scopes, groups, accounts. Channels are asked of src/chat/presence.ts. */
export async function examineSlack(config: Config, people: readonly Person[]): Promise<Examined[]> {
  const { slack } = config;
  if (!slack) return [];
  const bot = await botToken(slack, scopesFor(makesChannels(config)));
  const way = slack.http ? [] : [await appToken(slack)];
  if (!bot.some(({ ok }) => ok)) return [...bot, ...way];
  return [...bot, ...way, ...(await groups(slack)), ...(await accounts(slack, people))];
}

type Slack = NonNullable<Config['slack']>;

const name = 'slack';
const well = (says: string): Examined => ({ name, ok: true, says });
const unwell = (says: string, remedy: string): Examined => ({ name, ok: false, says, remedy });
const codeOf = (error: unknown): string => (error instanceof SlackSaysNo ? error.code : `no answer: ${(error as Error).message}`);

async function botToken(slack: Slack, needed: ReturnType<typeof scopesFor>): Promise<Examined[]> {
  try {
    const { team, user, scopes } = await askSlack<{ team: string; user: string }>(slack, slack.bot_token, 'auth.test');
    const token = well(`the bot token is good: @${user} in ${team}`);
    const missing = needed.filter(({ scope }) => !scopes.includes(scope));
    if (missing.length === 0) return [token, well(`all ${needed.length} scopes are granted`)];
    return [
      token,
      ...missing.map(({ scope, why }) =>
        unwell(
          `the scope ${scope} is not granted: ${why}`,
          'api.slack.com/apps, App Manifest: paste what `npx holdfast manifest slack` prints, then Install App, Reinstall',
        ),
      ),
    ];
  } catch (error) {
    const code = codeOf(error);
    const remedy = /^(invalid_auth|token_|account_inactive|not_authed|not_allowed)/.test(code)
      ? 'copy the Bot User OAuth Token anew (api.slack.com/apps, OAuth & Permissions) into slack.bot_token, and restart'
      : 'look whether this machine reaches slack.com, and at status.slack.com';
    return [unwell(`auth.test: ${code}`, remedy)];
  }
}

/** One ticket for a connection, which is not used. */
async function appToken(slack: Slack): Promise<Examined> {
  if (!slack.app_token) return unwell('there is no app token', 'put slack.app_token into holdfast.yaml');
  try {
    await askSlack(slack, slack.app_token, 'apps.connections.open');
    return well('the app token opens connections (Socket Mode)');
  } catch (error) {
    return unwell(
      `apps.connections.open: ${codeOf(error)}`,
      'Basic Information, App-Level Tokens: one with connections:write into slack.app_token; and Socket Mode must be on',
    );
  }
}

async function groups(slack: Slack): Promise<Examined[]> {
  const wrong: Examined[] = [];
  for (const usergroup of Object.keys(slack.groups ?? {})) {
    await askSlack(slack, slack.bot_token, 'usergroups.users.list', { usergroup }).catch((error: unknown) => {
      const gone = codeOf(error) === 'no_such_subteam';
      wrong.push(
        unwell(
          `the user group ${usergroup} gives nobody a role: ${codeOf(error)}`,
          gone ? 'take it out of slack.groups, or give the id of one that is there' : 'the scope usergroups:read; see above',
        ),
      );
    });
  }
  return wrong;
}

async function accounts(slack: Slack, people: readonly Person[]): Promise<Examined[]> {
  const wrong: Examined[] = [];
  const theirs = people.filter((person) => person.slack !== undefined);
  for (const person of theirs) {
    try {
      const { user } = await askSlack<{ user: { deleted?: boolean } }>(slack, slack.bot_token, 'users.info', { user: person.slack as string });
      if (user.deleted)
        wrong.push(
          unwell(
            `${person.name}'s account ${person.slack} is deactivated`,
            `their new id into people.${person.name}.slack, or: remove link slack:${person.slack}`,
          ),
        );
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'user_not_found') return [...wrong, unwell(`whether accounts exist could not be asked: ${code}`, 'try again in a minute')];
      wrong.push(
        unwell(
          `${person.name}'s account ${person.slack} is not in this workspace`,
          `their id (profile, Copy member ID) into people.${person.name}.slack, or: remove link slack:${person.slack}`,
        ),
      );
    }
  }
  const without = people.filter((person) => person.slack === undefined).map((person) => person.name);
  const rest = without.length > 0 ? `; not known there: ${without.join(', ')} (they type anything and say who they are)` : '';
  return [...wrong, ...(wrong.length === 0 ? [well(`${theirs.length} of ${people.length} people have an account that is there${rest}`)] : [])];
}
