import { defaultsOf } from '../config/defaults.ts';
import type { Ops } from '../ops.ts';
import type { Queries } from '../store/db.ts';
import type { Silence } from './silence.ts';
import { standsOn } from './stands-on.ts';

/** Everything that silences alerts now: what people paused by name, hosts that runs disrupt until they are found well again, and maintenances in their windows. */
export async function silencesNow(db: Queries, { config, fleet }: Pick<Ops, 'config' | 'fleet'>, now: number): Promise<Silence[]> {
  // Whoever watches from outside needs a while to notice that a host is back.
  const defaults = defaultsOf(config());
  const notices = defaults['alerts.notices'];
  // A phase that takes longer than any host may take to come back has nobody who does it: the worker may be what died with the host.
  const longest = defaults['reboot.back_cap'] + notices;
  const named = await db.query<{ hold: string; host: string; until: Date }>(
    `select hh.hold, hh.host, h.until from holds h join hold_hosts hh on hh.hold = h.id
     where h.kind = 'alerts' and h.state = 'open' and h.until > $1 and hh.state = 'held' order by h.begun, h.id`,
    [new Date(now)],
  );
  const holds = new Map<string, { hosts: Set<string>; until: number }>();
  for (const { hold, host, until } of named) {
    const own = holds.get(hold) ?? { hosts: new Set(), until: until.getTime() };
    own.hosts.add(host);
    holds.set(hold, own);
  }
  const disrupted = await db.query<{ run: string; host: string; started: Date; since: Date; state: string; ended: Date | null }>(
    `select rh.run, rh.host, rh.started, coalesce(rh.phase_since, rh.started) as since, rh.state, rh.ended from run_hosts rh join runs r on r.id = rh.run
     where r.plan ->> 'risk' = 'disrupt' and (r.state in ('running', 'halted') or r.ended > $1) and rh.started is not null
       and (rh.state = 'going' or (rh.state = 'ended' and rh.outcome in ('ok', 'already') and coalesce(rh.ended, rh.finished) > $1)) order by rh.started, rh.run`,
    [new Date(now - notices)],
  );
  const maintained = await db.query<{ incident: string; host: string; scheduled_for: Date; scheduled_until: Date }>(
    `select distinct i.id as incident, h.host, i.scheduled_for, i.scheduled_until from incidents i join incident_hosts h on h.incident = i.id
     where i.kind = 'maintenance' and i.state in ('scheduled', 'in_progress', 'verifying') and i.scheduled_for <= $1 and i.scheduled_until > $1 order by i.id, h.host`,
    [new Date(now)],
  );
  const stands = standsOn(fleet());
  return [
    ...[...holds].map(([by, { hosts, until }]) => ({ by, hosts, until, named: true })),
    ...disrupted.map(({ run, host, started, since, state, ended }) => ({
      by: run,
      hosts: new Set(stands.withGuests(host)),
      named: false,
      from: started.getTime(),
      ...(state === 'going' ? { until: since.getTime() + longest } : ended && { until: ended.getTime() + notices }),
    })),
    ...maintained.map(({ incident, host, scheduled_for: from, scheduled_until: until }) => ({
      by: incident,
      hosts: new Set(stands.withGuests(host)),
      named: false,
      from: from.getTime(),
      until: until.getTime(),
    })),
  ];
}
