import { Cron } from 'croner';

/** What is wrong with a pattern of five fields, if anything: minute, hour, day of month, month, day of week. */
export function wrongCron(pattern: string): string | undefined {
  try {
    return new Cron(pattern, { mode: '5-part' }).nextRun() === null ? 'never comes' : undefined;
  } catch {
    return 'is no cron pattern of five fields: minute, hour, day of month, month, day of week';
  }
}

/** When it comes next after `at` (ms) by the clock on the wall of an IANA zone. Nights with an hour more or less are croner's: a time that is skipped comes right after the gap. */
export function nextByCron(pattern: string, zone: string, at: number): number {
  const next = new Cron(pattern, { mode: '5-part', timezone: zone }).nextRun(new Date(at));
  // A pattern that has no next time (the 29th of February in the last year there is) never comes.
  return next?.getTime() ?? Number.MAX_SAFE_INTEGER;
}
