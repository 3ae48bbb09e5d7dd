import { countEnding, sayEnding } from '../certificates/counted.ts';
import { foldSome } from '../fleet/target/fold-some.ts';
import { sayDuration } from '../lib/duration.ts';
import { onCallTitle, sayTroubles } from '../oncall/card.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { ringAsked } from '../runs/approvers.ts';
import { subject } from '../runs/card-words.ts';
import { clip } from '../runs/host-lines.ts';
import { openIncidents } from '../runs/incidents.ts';
import type { RunRow } from '../runs/rows.ts';
import type { Listed } from './listed.ts';
import { onCallNow } from './on-call.ts';
import { unheardLines } from './unheard.ts';

/** A hold's end that is this near is said in the title. */
const SOON = 4 * 3600_000;
/** Runs, and holds, that get a line of their own. */
const MOST = 6;

type Ours = Pick<Ops, 'board' | 'records' | 'fleet' | 'clock' | 'stop' | 'config' | 'people' | 'sandbox' | 'connections'>;

/** What needs somebody: runs that halted or wait, what is in flight, hosts that do not answer, findings, holds that end; and who is on call. */
export async function statusListed(ops: Ours, actor: Person): Promise<Listed> {
  const now = ops.clock.now();
  const hosts = await hostsNow(ops);
  const runs = await ops.records.query<RunRow & { going: number; done: number }>(
    `select r.*, (select count(*)::int from run_hosts where run = r.id and state = 'going') as going,
            (select coalesce(sum(hosts), 0)::int from run_counts where run = r.id and outcome <> 'skipped') as done
     from runs r where state in ('halted', 'running', 'planned') order by array_position(array['halted', 'running', 'planned'], state), planned_at`,
  );
  const holds = await ops.records.query<{ id: string; kind: string; owner: string; until: Date }>(
    `select id, kind, owner, until from holds where state = 'open' order by until`,
  );
  const { duties, standing, troubles } = await onCallNow(ops);
  const pages = await ops.records.query<{ id: string; text: string; recipient: string | null; theirs: boolean }>(
    `select id, text, recipient, exists (select 1 from page_attempts a where a.page = p.id and a.person = $1) as theirs
     from pages p where state = 'open' order by opened, length(id), id`,
    [actor.name],
  );
  const incidents = await openIncidents(ops.records);
  const alerts = await alertCounts(ops);
  const certificates = await countEnding(ops.records, now);
  const unheard = await unheardLines(ops);
  const stop = ops.stop.state();
  const need = hosts.down.length + hosts.ill.length;
  const says = [
    ...(stop.stopped ? [`stopped by ${stop.by}`] : []),
    ...(pages.length > 2 ? [`${pages.length} pages wait for an answer`] : pages.map(({ id, theirs }) => `${id} waits for ${theirs ? 'your' : 'an'} answer`)),
    ...runs.filter((run) => run.state === 'halted').map(({ id }) => `${id} halted`),
    hostsTitle(hosts, need),
    ...runs.filter((run) => ringAsked(run) !== undefined).map(({ id, by }) => `${id} waits for ${by === actor.name ? 'approval' : 'your approval'}`),
    ...holds.filter(({ until }) => until.getTime() - now < SOON).map((hold) => `${hold.id} ${sayEnd(hold, now)}${hold.owner === actor.name ? ' (yours)' : ''}`),
  ];
  const onCall = duties.length > 0 ? [onCallTitle(duties, standing.people)] : [];
  return {
    card: {
      title: clip([...says, ...onCall].join(' · '), 100),
      tone:
        pages.length > 0 || runs.some(({ state }) => state === 'halted')
          ? 'bad'
          : says.length > 1 || need > 0 || troubles.length > 0 || unheard.length > 0
            ? 'attention'
            : 'good',
      body: [
        ...(stop.stopped
          ? [`Stopped by ${stop.by}${stop.because ? ` because ${stop.because}` : ''}: nothing that changes a host begins. /ops go lifts it.`]
          : []),
        ...pages.slice(0, MOST).map(({ id, text, recipient }) => clip(`${id} for ${recipient?.replace(/^\w+:/, '') ?? 'everyone'}: ${text}`, 120)),
        ...(pages.length > MOST ? [`${pages.length - MOST} more pages: show pages`] : []),
        ...incidents.slice(0, MOST).map(({ id, severity, title }) => clip(`${id} (${severity}) is open: ${title}`, 120)),
        ...(incidents.length > MOST ? [`${incidents.length - MOST} more incidents: show incidents`] : []),
        ...(alerts.firing > 0 ? [`alerts: ${alerts.firing} burn${alerts.silenced > 0 ? `, ${alerts.silenced} silenced` : ''} (show alerts)`] : []),
        ...runs.slice(0, MOST).map((run) => sayRun(run)),
        ...(runs.length > MOST ? [`${runs.length - MOST} more runs: show runs`] : []),
        ...(hosts.down.length > 0 ? [`do not answer: ${foldSome(hosts.down)}`] : []),
        ...(hosts.ill.length > 0 ? [`with findings: ${foldSome(hosts.ill)}`] : []),
        ...sayEnding(certificates),
        ...holds.slice(0, MOST).map((hold) => `${hold.id}: ${hold.kind} paused, owner ${hold.owner}, ${sayEnd(hold, now)}`),
        ...unheard,
        ...sayTroubles(troubles, { now, zone: actor.zone }),
        ...(hosts.oldest === undefined ? [] : [`oldest answer looked at: ${sayDuration(now - hosts.oldest)} ago`]),
        ...(hosts.never > 0 ? [`never asked: ${hosts.never} (check @all)`] : []),
      ],
      ...(ops.board && { actions: [{ label: 'The board', command: 'board' }] }),
    },
    json: {
      hosts: hosts.all,
      down: hosts.down,
      findings: hosts.ill,
      never: hosts.never,
      stopped: stop.stopped,
      pages: pages.map(({ id, text, recipient }) => ({ id, text, to: recipient })),
      incidents: incidents.map(({ id, severity, title, hosts: named }) => ({ id, severity, title, hosts: named.length })),
      alerts,
      certificates,
      runs: runs.map(({ id, state, waiting }) => ({ id, state, waiting: waiting && { for: waiting.for, because: waiting.because } })),
      holds: holds.map(({ id, owner, until }) => ({ id, owner, until: until.toISOString() })),
      oncall: duties.map(({ service, now: { ask } }) => ({ service: service.name, person: ask[0]?.person ?? null, local_time: ask[0]?.localTime ?? null })),
      troubles: troubles.map(({ says: said }) => said),
    },
  };
}

async function alertCounts({ records }: Ours): Promise<{ firing: number; silenced: number }> {
  const [row] = await records.query<{ firing: number; silenced: number }>(
    `select count(*)::int as firing, count(silenced_by)::int as silenced from alerts where state = 'firing'`,
  );
  return row ?? { firing: 0, silenced: 0 };
}

interface HostsNow {
  all: number;
  down: string[];
  ill: string[];
  never: number;
  oldest?: number;
}

/** Without the facts themselves: of 5,000 hosts they are megabytes. */
async function hostsNow({ records, fleet }: Ours): Promise<HostsNow> {
  const { hosts } = fleet();
  const rows = await records.query<{ host: string; reach: string; asked: Date; ill: boolean }>(
    `select host, reach, asked, jsonb_path_exists(findings, '$[*] ? (@.severity != "info")') as ill from facts order by host`,
  );
  const known = rows.filter(({ host }) => hosts.has(host));
  return {
    all: hosts.size,
    down: known.filter(({ reach }) => reach !== 'ok').map(({ host }) => host),
    ill: known.filter(({ reach, ill }) => reach === 'ok' && ill).map(({ host }) => host),
    never: hosts.size - known.length,
    ...(known.length > 0 && { oldest: known.reduce((least, { asked }) => Math.min(least, asked.getTime()), Infinity) }),
  };
}

function hostsTitle({ all, never }: HostsNow, need: number): string {
  if (need > 0) return `${need} of ${all} need you`;
  return never === all ? `${all} ${all === 1 ? 'host' : 'hosts'}, none asked yet` : `${all - never} of ${all} asked, nothing needs you`;
}

/** `R1 reboot @kvm: halted, 4 of 12 done, 1 in flight: kvm05 was lost` */
function sayRun(run: RunRow & { going: number; done: number }): string {
  const why = run.halted && run.state === 'halted' ? `: ${run.halted.because}` : run.waiting ? `: ${run.waiting.because}` : '';
  return clip(`${run.id} ${subject(run)}: ${run.state}, ${run.done} of ${run.size} done${run.going > 0 ? `, ${run.going} in flight` : ''}${why}`);
}

function sayEnd({ until }: { until: Date }, now: number): string {
  const left = until.getTime() - now;
  return left <= 0 ? `is over for ${sayDuration(-left)} and stands` : `ends in ${sayDuration(left)}`;
}
