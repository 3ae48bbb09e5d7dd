import type { Log } from '../../src/ops.ts';

/** A log for tests that look at what is done, not at what is said. */
export const quiet: Log = { info() {}, warn() {}, error() {} };

/** A log that keeps what was said, for those that do. */
export function kept(): Log & { said: { level: string; message: string; fields: Record<string, unknown> }[] } {
  const said: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const at = (level: string) => (fields: Record<string, unknown>, message: string) => void said.push({ level, message, fields });
  return { said, info: at('info'), warn: at('warn'), error: at('error') };
}
