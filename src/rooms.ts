import { openAlerts } from './alerts/open.ts';
import { openCertificates } from './certificates/open.ts';
import { defaultsOf } from './config/defaults.ts';
import type { Paging } from './deliver/attempt.ts';
import type { Messengers } from './deliver/messengers.ts';
import { reachedBy } from './deliver/reaches.ts';
import type { Renderer } from './deliver/shown.ts';
import { openTell, type Tell } from './deliver/tell.ts';
import type { Ssh } from './fleet/ssh/transport.ts';
import { openHolds } from './holds/open.ts';
import { openIncidents } from './incidents/open.ts';
import { sayStale } from './ingest/fleetlock/stale.ts';
import { HEARTBEAT } from './ingest/heartbeats/hear.ts';
import { sayMissed, settleHeartbeats } from './ingest/heartbeats/missed.ts';
import { ENDS, endUnsent } from './ingest/senders/ends.ts';
import type { Job, ReadJob } from './jobs.ts';
import type { Clock } from './lib/clocks.ts';
import { watchNotes } from './notes/watch.ts';
import { peopleFindings } from './oncall/findings.ts';
import { rosterIn } from './oncall/standing.ts';
import { watchRosters } from './oncall/watch.ts';
import type { Log, Ops } from './ops.ts';
import { openPaging } from './paging/open.ts';
import { CONSOLE } from './people.ts';
import type { WorkHandler } from './queue/worker.ts';
import { readingRenderer } from './reading/show.ts';
import { readChunk } from './reading/work.ts';
import { askAboutRule } from './rules/ask.ts';
import { type Announce, announcer } from './runs/announce.ts';
import { heardOf } from './runs/evidence.ts';
import { openRuns } from './runs/open.ts';
import { changeJob, type RunsWorld } from './runs/world.ts';
import type { Db } from './store/db.ts';
import { prune } from './store/prune.ts';
import type { TimerHandler, TimersHandler } from './store/timers.ts';

/** What the rooms of this process do: work from the queue, timers, how things are shown, and who is told. */
export interface Rooms {
  work: Record<string, WorkHandler>;
  timers: Record<string, TimerHandler>;
  /** Of which thousands may be due at once. */
  timersOfMany: Record<string, TimersHandler>;
  /** A configuration is in force, at the start or another one. */
  configured(): Promise<void>;
  /** What tries at people carry, and what becomes of their pages. */
  paging: Paging;
  renderers: Record<string, Renderer>;
  tell: Tell;
  announce: Announce;
  /** The global halt was set somewhere. */
  stopped(): void;
}

export interface RoomsWorld extends Pick<Ops, 'config' | 'fleet' | 'people' | 'targets' | 'stop' | 'connections'> {
  db: Db;
  ssh: Ssh;
  clock: Clock;
  log: Log;
  jobs: readonly Job[];
  ending: AbortSignal;
  /** The chat platforms, once they are connected. */
  messengers: Messengers;
  /** The sandbox's own terminal: everything told to people is printed there. */
  home?: string;
}

export function openRooms(world: RoomsWorld): Rooms {
  const { db, ssh, clock, log, ending } = world;
  const job = (name: string): Job | undefined => world.jobs.find((one) => one.name === name);
  const tell = openTell({ log, config: world.config, people: world.people, ...(world.home !== undefined && { home: world.home }) });
  const approving = { people: world.people, hostsOf: hostsOf(world) };
  const announce = announcer(tell, approving);
  const holds = openHolds({ db, ssh, clock, log, tell, config: world.config, fleet: world.fleet, ending });
  const alerting = { clock, tell, config: world.config, fleet: world.fleet };
  const alerts = openAlerts(alerting);
  const pages = openPaging({
    ...{ clock, log, tell, config: world.config, people: world.people },
    roster: rosterIn(world),
    reaches: (person) => reachedBy(world.config(), world.home !== undefined)(person),
    isGroup: (name) => world.fleet().groups.has(name),
  });
  const incidents = openIncidents({ clock, tell, config: world.config, fleet: world.fleet, people: world.people, roster: rosterIn(world) });
  const certificates = openCertificates({ clock, config: world.config, fleet: world.fleet, roster: rosterIn(world), job: () => readJob(job)('certs') });
  const runsWorld: RunsWorld = {
    db,
    clock,
    log,
    ssh,
    config: world.config,
    fleet: world.fleet,
    people: world.people,
    job,
    stop: world.stop,
    ending,
    announce,
    tell,
    hostEnded: [holds.hostEnded, incidents.hostEnded, alerts.hostEnded, certificates.hostEnded],
    runEnded: [holds.runEnded],
  };
  const runs = openRuns({ ...runsWorld, ...approving });
  const watching = { clock, config: world.config, fleet: world.fleet, people: world.people, simulated: world.home !== undefined };
  const ofPeople = peopleFindings(watching);
  return {
    work: {
      ...runs.work,
      ...holds.work,
      reading: (row) =>
        readChunk(
          {
            db,
            ssh,
            clock,
            log,
            ending,
            fleet: world.fleet,
            config: world.config,
            job: readJob(job),
            ofPeople,
            alsoWrong: certificates.alsoWrong,
            heard: [(tx, results) => heardOf(tx, results, clock.now()), holds.heard, incidents.heard],
          },
          row,
        ),
    },
    timers: {
      ...runs.timers,
      ...holds.timers,
      ...certificates.timers,
      ...alerts.timers,
      ...incidents.timers,
      prune: (tx) => prune(tx, clock.now()),
      rule: askAboutRule({ now: clock.now, defaults: () => defaultsOf(world.config()), tell }),
      fleetlock: sayStale({ clock }),
      roster: watchRosters({ ...watching, tell }),
      note: watchNotes({ clock, tell, config: world.config, fleet: world.fleet, check: () => readJob(job)('check') }),
    },
    timersOfMany: { page: pages.timers, [HEARTBEAT]: sayMissed(alerting), [ENDS]: endUnsent(alerting) },
    configured: () => settleHeartbeats(db, alerting),
    paging: pages.paging,
    renderers: {
      incident: incidents.renderer,
      page: pages.renderer,
      reading: readingRenderer({ fleet: world.fleet, now: clock.now, ofPeople }),
      run: runs.renderer,
    },
    tell,
    announce,
    stopped: runs.stopped,
  };
}

/** The jobs that change hosts, for whoever begins or continues a run. */
export const changeJobs =
  (jobs: readonly Job[]): Ops['job'] =>
  (name) =>
    changeJob({ job: (wanted) => jobs.find((one) => one.name === wanted) }, name);

/** Hosts a role's scope names; nobody's in particular, so that scopes do not look at scopes. */
export const hostsOf =
  ({ targets }: Pick<Ops, 'targets'>): Ops['hostsOf'] =>
  async (scope) =>
    new Set((await targets(scope, CONSOLE)).hosts.map(({ name }) => name));

const readJob =
  (job: (name: string) => Job | undefined) =>
  (name: string): ReadJob | undefined => {
    const found = job(name);
    return found?.risk === 'read' ? found : undefined;
  };
