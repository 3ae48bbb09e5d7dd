import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../../ops.ts';

/** Slack's libraries write to our log; what they would say at debug (tokens are left out of it, texts are not) goes nowhere. */
export function sdkLog(log: Log): Logger {
  const say =
    (level: 'info' | 'warn') =>
    (...parts: unknown[]): void =>
      log[level](
        { sdk: 'slack' },
        parts
          .map((part) => (part instanceof Error ? part.message : String(part)))
          .join(' ')
          .slice(0, 500),
      );
  return {
    debug() {},
    info: say('info'),
    warn: say('warn'),
    // What is an error for us we say ourselves; theirs are often tried again.
    error: say('warn'),
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  };
}
