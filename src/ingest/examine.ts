import type { Ops } from '../ops.ts';
import type { Queries } from '../store/db.ts';

/** Well without a `remedy`. */
export interface ExaminedSenders {
  says: string;
  remedy?: string;
}

/** Which of the systems that should say what is wrong never said anything. */
export async function examineSenders(db: Queries, { config }: Pick<Ops, 'config'>): Promise<ExaminedSenders[]> {
  const { integrations, heartbeats } = config();
  const names = Object.keys(integrations);
  const rows = await db.query<{ integration: string; watchdog_unused: Date | null }>(
    `select integration, watchdog_unused from integrations_heard union select integration, null from heartbeats where integration is not null`,
  );
  const heard = new Set(rows.map(({ integration }) => integration));
  // A ping key is heard by the heartbeats it opens.
  const silent = names.filter((name) => !heard.has(name) && integrations[name]?.kind !== 'healthchecks');
  const watched = new Set(Object.values(heartbeats).flatMap(({ watchdog }) => watchdog ?? []));
  const unused = rows.filter(({ integration, watchdog_unused: at }) => at !== null && integrations[integration] && !watched.has(integration));
  const never = await db.query<{ name: string }>(`select name from heartbeats where state = 'new' and name = any ($1::text[]) order by name`, [
    Object.keys(heartbeats),
  ]);
  return [
    ...silent.map((name) => ({
      says: `${name} (${integrations[name]?.kind}) never sent anything`,
      remedy: 'let it send a test: docs/alerts.md has its configuration; until then nobody knows whether its alerts would arrive',
    })),
    ...unused.map(({ integration }) => ({
      says: `${integration} sends a Watchdog, and nobody is asked when it stops: heartbeats.${integration}: { watchdog: ${integration}, every: 5m, grace: 5m }`,
    })),
    ...(never.length > 0 ? [{ says: `never heard, and so not waited for: ${never.map(({ name }) => name).join(', ')}` }] : []),
    ...(names.length > 0 && silent.length === 0 ? [{ says: `each of ${names.length} integrations was heard` }] : []),
    ...(names.length === 0 ? [{ says: 'no other system says what is wrong: `integrations` in holdfast.yaml (docs/alerts.md)' }] : []),
  ];
}
