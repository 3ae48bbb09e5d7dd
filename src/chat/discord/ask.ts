import type { Config } from '../../config/schema.ts';

type Discord = NonNullable<Config['discord']>;

/** Wall ms for one question. */
const PATIENCE = 4_000;

/** Discord said no. `code`: its own number, 0 where it gave none. */
export class DiscordSaysNo extends Error {
  override name = 'DiscordSaysNo';
  readonly status: number;
  readonly code: number;

  constructor(path: string, status: number, code: number, says: string) {
    super(`${path}: ${status} ${says}`);
    this.status = status;
    this.code = code;
  }
}

/**
 * Asks Discord one thing, once, apart from the client that posts: its queue and its token that a single 401 erases are not ours
 * here. Throws `DiscordSaysNo`, or what the network says.
 */
export async function askDiscord<Answer>(discord: Pick<Discord, 'token' | 'api_url'>, path: string): Promise<Answer> {
  const response = await fetch(`${(discord.api_url ?? 'https://discord.com/api').replace(/\/+$/, '')}/v10${path}`, {
    headers: { authorization: `Bot ${discord.token.reveal()}` },
    signal: AbortSignal.timeout(PATIENCE),
    redirect: 'error',
  });
  const answer = (await response.json().catch(() => ({}))) as { code?: number; message?: string };
  if (!response.ok) throw new DiscordSaysNo(path, response.status, answer.code ?? 0, answer.message ?? response.statusText);
  return answer as Answer;
}
