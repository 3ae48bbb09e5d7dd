import { webApi } from '@slack/bolt';
import type { Sent } from '../../deliver/messenger.ts';

export type Failed = Extract<Sent, { sent: false }>;

/** Errors by which Slack says that it does not know us any more. */
export const REFUSES_TOKEN = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'user_removed_from_team',
  'team_disabled',
  'not_allowed_token_type',
  'org_login_required',
]);

/** Errors after which something may have been done all the same: the vendor says so of `fatal_error`. */
const UNSURE = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org', 'accesslimited']);
/** Errors of a connection that never was: nothing was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Wall ms to wait where Slack does not say how long: when it cannot be reached, and when it refuses the token. */
const UNREACHED = 5000;
const REFUSED = 30_000;

/** What a failed call means for the one who sends; `bot` is what people call us in Slack. */
export function failed(error: unknown, bot = 'holdfast'): Failed {
  if (error instanceof webApi.WebAPIRateLimitedError)
    return { sent: false, why: 'later', says: 'Slack asks to wait', after: Math.max(1, error.retryAfter) * 1000, scope: 'channel' };
  if (error instanceof webApi.WebAPIPlatformError) return platformFailed(error.data.error, bot);
  if (error instanceof webApi.WebAPIHTTPError) return statusFailed(error.statusCode);
  if (error instanceof webApi.WebAPIRequestError) return connectionFailed(error.original);
  const says = error instanceof Error ? error.message : String(error);
  if (says.includes('Retry header did not contain')) return { sent: false, why: 'later', says: 'Slack asks to wait', after: UNREACHED, scope: 'channel' };
  return connectionFailed(error);
}

/** Slack's error code of a failed call, where it gave one. */
export const codeOf = (error: unknown): string | undefined => (error instanceof webApi.WebAPIPlatformError ? error.data.error : undefined);

function platformFailed(code: string, bot: string): Failed {
  if (code === 'ratelimited' || code === 'rate_limited') return { sent: false, why: 'later', says: 'Slack asks to wait', after: UNREACHED, scope: 'channel' };
  if (REFUSES_TOKEN.has(code)) return { sent: false, why: 'later', says: `Slack refuses the token: ${code}`, after: REFUSED, scope: 'workspace' };
  if (UNSURE.has(code)) return { sent: false, why: 'unsure', says: code };
  return { sent: false, why: 'no', says: REMEDIES[code]?.(bot) ?? code, ...(GONE.has(code) && { gone: true }) };
}

/** Errors that are about the channel, whatever is posted there. */
const GONE = new Set(['is_archived', 'channel_not_found', 'not_in_channel', 'restricted_action_read_only_channel']);

const REMEDIES: Record<string, (bot: string) => string> = {
  channel_not_found: (bot) => `channel_not_found: the channel does not exist or is private; invite me there: /invite @${bot}`,
  not_in_channel: (bot) => `not_in_channel: invite me there: /invite @${bot}`,
  is_archived: () => 'is_archived: the channel is archived; unarchive it, or name another under `channels` in holdfast.yaml',
  missing_scope: () => 'missing_scope: install the app again with the scopes of `npx holdfast manifest slack`',
  user_not_found: () => 'user_not_found: nobody in this workspace has that id',
  user_disabled: () => 'user_disabled: that account is deactivated',
};

/** An HTTP status that is none of success, from the Web API or a response URL. */
export function statusFailed(status: number): Failed {
  if (status === 429) return { sent: false, why: 'later', says: 'Slack asks to wait', after: UNREACHED, scope: 'channel' };
  return { sent: false, why: status >= 500 ? 'unsure' : 'no', says: `HTTP ${status}` };
}

/** A request that ended without an answer: not sent, or nobody knows. */
export function connectionFailed(error: unknown): Failed {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  const code = cause?.code ?? (error as NodeJS.ErrnoException).code;
  if (code !== undefined && NOT_SENT.has(code))
    return { sent: false, why: 'later', says: `Slack is not reached: ${code}`, after: UNREACHED, scope: 'workspace' };
  if (name === 'TimeoutError') return { sent: false, why: 'unsure', says: 'Slack did not answer in time' };
  return { sent: false, why: 'unsure', says: `the connection to Slack broke: ${code ?? cause?.message ?? message}` };
}
