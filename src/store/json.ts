/**
 * JSON as a jsonb parameter. Postgres keeps neither NUL nor half of a surrogate pair, and would refuse the whole
 * statement for one host's or one person's sake: both become U+FFFD.
 */
export function toJsonb(value: unknown): string {
  // JSON.stringify writes whole pairs as they are and halves as \udxxx; `.` keeps an escaped backslash from being read as the begin of one.
  return JSON.stringify(value).replace(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escaped) => (/^\\u(?:0000|d[89a-f])/.test(escaped) ? '\ufffd' : escaped));
}

/** Text as a parameter: NUL is the one character Postgres does not take. */
export const toText = (text: string): string => text.replaceAll('\0', '\ufffd');
