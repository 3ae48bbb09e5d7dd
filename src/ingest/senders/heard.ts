import type { Log } from '../../ops.ts';
import type { Db } from '../../store/db.ts';
import type { From } from './told.ts';

/** Wall ms. */
const MINUTE = 60_000;

/** Notes when each integration was heard, at most once a minute and after its delivery: `doctor` says which never was. */
export function noteHeard(db: Db, log: Log): (from: From, watchdogUnused: boolean) => void {
  const noted = new Map<string, number>();
  return ({ name, now, wall }, unused) => {
    const key = `${name} ${unused}`;
    if (wall - (noted.get(key) ?? 0) < MINUTE) return;
    noted.set(key, wall);
    void db
      .query(
        `insert into integrations_heard (integration, heard, watchdog_unused) values ($1, $2, $3)
         on conflict (integration) do update set heard = excluded.heard, watchdog_unused = coalesce(excluded.watchdog_unused, integrations_heard.watchdog_unused)`,
        [name, new Date(now), unused ? new Date(now) : null],
      )
      .catch((error: unknown) => {
        noted.delete(key);
        log.warn({ err: error, integration: name }, 'that an integration was heard could not be noted');
      });
  };
}
