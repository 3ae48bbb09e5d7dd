import type { Card } from '../chat/card.ts';
import { foldSome } from '../fleet/target/fold-some.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Queries } from '../store/db.ts';
import type { AlertRow } from './rows.ts';

/** Alerts that get a row. */
const MOST = 50;

/** `show alerts`: what burns, whether somebody is asked or why not, and what was over last. */
export async function alertsListed(db: Queries, now: number): Promise<{ card: Card; json: Record<string, unknown> }> {
  const rows = await db.query<AlertRow>(`select * from alerts order by (state = 'firing') desc, received desc, id desc limit ${MOST}`);
  const [{ firing, silenced } = { firing: 0, silenced: 0 }] = await db.query<{ firing: number; silenced: number }>(
    `select count(*)::int as firing, count(silenced_by)::int as silenced from alerts where state = 'firing'`,
  );
  const title = firing === 0 ? (rows.length === 0 ? 'No alert ever came.' : 'Nothing burns.') : `${firing} ${firing === 1 ? 'alert burns' : 'alerts burn'}`;
  return {
    card: {
      title: silenced > 0 ? `${title}, ${silenced} of them silenced` : title,
      tone: firing > silenced ? 'bad' : firing > 0 ? 'attention' : 'good',
      ...(rows.length > 0 && {
        table: {
          columns: ['what', 'on', 'since', 'by', 'asked'],
          rows: rows.map((alert) => [
            alert.summary.slice(0, 120),
            alert.hosts.length > 0 ? foldSome(alert.hosts, 60) : (alert.service ?? ''),
            sayDuration(Math.max(0, now - alert.started.getTime())),
            alert.integration,
            alert.state === 'resolved' ? 'over' : (alert.silenced_by ?? alert.page ?? ''),
          ]),
        },
      }),
    },
    json: { firing, silenced, alerts: rows.map(alertJson) },
  };
}

/** Stable; docs/json.md. */
export function alertJson(alert: AlertRow): Record<string, unknown> {
  const { integration, dedup, state, summary, urgency, service, hosts, parent, link, details, started, received, heard, resolved, page, incident } = alert;
  return {
    ...{ integration, dedup, state, summary, urgency, service, hosts, parent, link, details },
    started: started.toISOString(),
    received: received.toISOString(),
    heard: heard.toISOString(),
    resolved: resolved?.toISOString() ?? null,
    silenced_by: alert.silenced_by,
    page,
    incident,
  };
}
