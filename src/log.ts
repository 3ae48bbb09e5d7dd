import type { Log } from './ops.ts';

/**
 * Logs go to stderr: JSON, one line per outcome; words on a terminal. Loaded late: pino costs start-up time.
 * The terminal form is written here instead of with pino-pretty, which is larger than everything else that starts.
 */
export async function openLog(level: string): Promise<Log> {
  const { pino, destination } = await import('pino');
  const to = process.stderr.isTTY ? { write: (line: string) => void process.stderr.write(inWords(line)) } : destination({ dest: 2, sync: true });
  const logger = pino({ level, base: null }, to);
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

/** What a host or a person said must not move the cursor or colour the screen of whoever reads the log. */
const UNSEEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

function inWords(line: string): string {
  const { level, msg, time: _, err, ...rest } = JSON.parse(line) as { level: number; msg: string; time: number; err?: { message: string } };
  const words = Object.entries(rest).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${level >= 50 ? 'error' : level >= 40 ? 'warning' : 'info'}: ${[msg, ...words, err?.message].filter(Boolean).join(' ').replace(UNSEEN, '·')}\n`;
}
