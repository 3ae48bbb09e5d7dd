import type { Delivery } from '../channel.ts';

/** What a provider answered over HTTP, or how there was no answer. */
export interface Answered {
  /** 0 = there was none. */
  status: number;
  body: string;
  /** Wall ms. */
  retryAfter?: number;
  /** Why there was none, and whether it may have been taken all the same. */
  lost?: { taken: 'no' | 'unsure'; says: string };
}

/** An answer longer than this is read no further: it is somebody else's. Characters. */
const LONGEST = 64_000;
/** Errors before anything was sent. */
const BEFORE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'ERR_TLS_CERT_ALTNAME_INVALID']);

/** One call with a time-out over all of it; never follows a redirect, which is where secrets would go astray. Never throws. */
export async function call(url: string, init: RequestInit, timeout: number): Promise<Answered> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeout) });
    const body = (await response.text()).slice(0, LONGEST);
    const retryAfter = secondsIn(response.headers.get('retry-after'));
    return { status: response.status, body, ...(retryAfter !== undefined && { retryAfter }) };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    if (name === 'TimeoutError') return lost('unsure', `no answer within ${timeout / 1000} s`);
    const code = cause?.code ?? name;
    return lost(BEFORE.has(code) || /^(CERT_|SELF_SIGNED|DEPTH_ZERO)/.test(code) ? 'no' : 'unsure', code);
  }
}

const lost = (taken: 'no' | 'unsure', says: string): Answered => ({ status: 0, body: '', lost: { taken, says } });

/**
 * What a status means for a message: 2xx is the caller's to judge. 503 and 429 took nothing; another 5xx may have come after it was taken;
 * whatever else is no 2xx will not have it.
 */
export function refused(answer: Answered, who: string, why = ''): Delivery & { sent: false } {
  if (answer.lost) return { sent: false, why: answer.lost.taken === 'no' ? 'later' : 'unsure', says: `${who}: ${answer.lost.says}` };
  const says = `${who}: HTTP ${answer.status}${why ? `, ${why.slice(0, 200)}` : ''}`;
  if (answer.status === 429 || answer.status === 503 || answer.status === 408 || answer.status === 425)
    return { sent: false, why: 'later', says, ...(answer.retryAfter !== undefined && { after: answer.retryAfter }) };
  return { sent: false, why: answer.status >= 500 ? 'unsure' : 'no', says };
}

/** The object a provider answers; what is none is an empty one. */
export function objectIn(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Wall ms. A date is taken from our own clock, which is near enough for a pause. */
function secondsIn(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
