import type { Log } from './ops.ts';

/**
 * Logs go to stderr: JSON, one line per outcome; words on a terminal. Loaded late: pino costs start-up time.
 * The terminal form is written here instead of with pino-pretty, which is larger than everything else that starts.
 */
export async function openLog(level: string): Promise<Log> {
  const { default: pino } = await import('pino');
  if (!process.stderr.isTTY) return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  const write = (line: string): void => {
    const { level: rank, msg, time: _, err, ...rest } = JSON.parse(line) as { level: number; msg: string; time: number; err?: { message: string } };
    const words = Object.entries(rest).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
    process.stderr.write(`${rank >= 50 ? 'error' : rank >= 40 ? 'warning' : 'info'}: ${[msg, ...words, err?.message].filter(Boolean).join(' ')}\n`);
  };
  return pino({ level, base: null }, { write });
}
