import type { Config } from '../../config/schema.ts';

type Slack = NonNullable<Config['slack']>;

/** Wall ms for one question. */
const PATIENCE = 4_000;

/** Slack said no: `channel_not_found`, `missing_scope`. */
export class SlackSaysNo extends Error {
  override name = 'SlackSaysNo';
  readonly code: string;
  /** For `missing_scope`: what it wants. */
  readonly needed?: string;

  constructor(method: string, code: string, needed?: string) {
    super(`${method}: ${code}${needed === undefined ? '' : `, needs ${needed}`}`);
    this.code = code;
    if (needed !== undefined) this.needed = needed;
  }
}

/**
 * Asks Slack one thing, once, apart from the client that posts: a 429 there must not hold up who may do what, nor the other way
 * round. Throws `SlackSaysNo`, or what the network says.
 */
export async function askSlack<Answer = unknown>(
  slack: Pick<Slack, 'api_url'>,
  token: { reveal(): string },
  method: string,
  args: Readonly<Record<string, string>> = {},
): Promise<Answer & { scopes: string[] }> {
  const response = await fetch(new URL(method, slack.api_url?.replace(/\/*$/, '/') ?? 'https://slack.com/api/'), {
    method: 'POST',
    headers: { authorization: `Bearer ${token.reveal()}` },
    body: new URLSearchParams(args),
    signal: AbortSignal.timeout(PATIENCE),
    redirect: 'error',
  });
  if (!response.ok) throw new SlackSaysNo(method, response.status === 429 ? 'ratelimited' : `HTTP ${response.status}`);
  const answer = (await response.json()) as { ok: boolean; error?: string; needed?: string };
  if (!answer.ok) throw new SlackSaysNo(method, answer.error ?? 'no reason given', answer.needed);
  const scopes = (response.headers.get('x-oauth-scopes') ?? '').split(',').map((scope) => scope.trim());
  return { ...(answer as unknown as Answer), scopes: scopes.filter(Boolean) };
}

/** Members of a user group, for the roles it gives. */
export async function slackMembers(config: Config, group: string): Promise<string[]> {
  if (!config.slack) throw new Error('there is no slack section');
  const { users } = await askSlack<{ users: string[] }>(config.slack, config.slack.bot_token, 'usergroups.users.list', { usergroup: group });
  return users;
}

/** The account with an e-mail address; nothing where there is none that may count as proof of who somebody is. */
export async function slackAccountOf(config: Config, email: string): Promise<string | undefined> {
  if (!config.slack) return undefined;
  const { bot_token: token } = config.slack;
  try {
    const { team_id: team } = await askSlack<{ team_id: string }>(config.slack, token, 'auth.test');
    const { user } = await askSlack<{ user: SlackUser }>(config.slack, token, 'users.lookupByEmail', { email });
    // A guest of another organisation brings an address that organisation vouches for.
    const foreign = user.is_stranger === true || (user.team_id !== undefined && user.team_id !== team && user.enterprise_user === undefined);
    return foreign || user.deleted === true || user.is_bot === true || user.is_email_confirmed === false ? undefined : user.id;
  } catch (error) {
    if (error instanceof SlackSaysNo && error.code === 'users_not_found') return undefined;
    throw error;
  }
}

interface SlackUser {
  id: string;
  team_id?: string;
  deleted?: boolean;
  is_bot?: boolean;
  is_stranger?: boolean;
  is_email_confirmed?: boolean;
  enterprise_user?: unknown;
}
