import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { commands } from '../commands/index.ts';
import { jobs } from '../jobs/index.ts';
import { runDispatch } from './chat/dispatch.ts';
import { type Lines, openLines } from './chat/lines.ts';
import type { TimeMachine } from './chat/terminal/session.ts';
import { machinesOf } from './config/automation.ts';
import { type Loaded, loadConfig } from './config/load.ts';
import { reload } from './config/reload.ts';
import { sshLimits } from './config/ssh-limits.ts';
import { serveControl } from './control/server.ts';
import { type Attached, deliverAttached } from './deliver/attached.ts';
import { type Examined, examine } from './doctor.ts';
import { useConfigured } from './fleet/scripts/read.ts';
import { openSsh } from './fleet/ssh/open.ts';
import { uniqueId } from './lib/ids.ts';
import type { Ops } from './ops.ts';
import { directory } from './people.ts';
import { openQueue } from './queue/open.ts';
import { runReconcile } from './queue/reconcile.ts';
import { runRelay } from './queue/relay.ts';
import { runWorker } from './queue/worker.ts';
import { beginReading } from './reading/begin.ts';
import { knownHosts } from './reading/knowledge.ts';
import { targetsIn } from './reading/targets.ts';
import { changeJobs, hostsOf, openRooms } from './rooms.ts';
import type { Sandbox } from './sandbox/start.ts';
import type { StartOptions } from './start-options.ts';
import { openStopSwitch } from './stop-switch.ts';
import { keepClock, startStoredClock } from './store/clock.ts';
import { makeDataDir } from './store/data-dir.ts';
import { exportTo } from './store/export.ts';
import { releaseHeldLines } from './store/inbox.ts';
import { claimForKind, refuseToForget } from './store/kind.ts';
import { lockDirectory } from './store/lock.ts';
import { sayMoved } from './store/moved.ts';
import { openDb } from './store/open.ts';
import { reclaimFrom } from './store/outbox.ts';
import { armPrune } from './store/prune.ts';
import { joinSandbox, tellSandbox } from './store/sandbox-clock.ts';
import { runTimers } from './store/timers.ts';
import { timeMachine } from './time-machine.ts';

export interface Started {
  ops: Ops;
  lines: Lines;
  attached: Attached;
  /** The address of this process' own terminal: the same after a restart, another one for another data directory on the same database. */
  terminal: string;
  /** Where other automation is heard. */
  url?: string;
  /** The sandbox's own hands on domain time. */
  time?: TimeMachine;
  /** Whom a unix login stands for. */
  actorOf(login: string): string;
  /** What `doctor` found. */
  examine(): Promise<Examined[]>;
  /** Reads the configuration again and logs what came of it. Never throws for what is wrong in the file. */
  reload(): Promise<void>;
  /** Takes nothing more from other processes, and resolves when those that asked have their answers. */
  finish(): Promise<void>;
  /** Ends within about two seconds: what is in hand is finished or left to be taken up at the next start. */
  stop(): Promise<void>;
}

/** Names this data directory on this machine, in what it holds in a shared database. */
function placeId(dataDir: string): string {
  return createHash('sha256')
    .update(`${hostname()}\n${resolve(dataDir)}`)
    .digest('hex')
    .slice(0, 16);
}

/** Chunks of hosts a process asks at once; the SSH room bounds the connections. */
const CHUNKS_AT_ONCE = 4;

/** Puts Holdfast together: configuration → store → clock → queue → rooms. Refusals say what to mend before anything runs. */
export async function startHoldfast(options: StartOptions): Promise<Started> {
  const { log, env } = options;
  const surroundings = { env, home: options.home };
  const closing: (() => unknown)[] = [];
  const ending = new AbortController();
  const stop = async (): Promise<void> => {
    // Hosts still being asked are let go: their chunk is asked again at the next start.
    ending.abort();
    for (const close of closing.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        log.warn({ err: error }, 'a part did not end cleanly');
      }
    }
  };
  try {
    let loaded: Loaded | undefined = options.configFile ? await loadConfig(options.configFile, surroundings) : undefined;
    const dataDir = options.dataDir ?? loaded?.config.data ?? resolve('data');
    makeDataDir(dataDir, log);
    const databaseUrl = loaded ? loaded.config.database?.url.reveal() : env.DATABASE_URL;
    const redisUrl = loaded ? loaded.config.redis?.url.reveal() : env.REDIS_URL;
    // The embedded store locks its directory itself. A worker shares it with others and needs no control socket.
    const chat = options.role !== 'worker';
    if (databaseUrl && chat) closing.push(await lockDirectory(dataDir));
    const fresh = options.fresh && !loaded && !databaseUrl;
    if (fresh) refuseToForget(dataDir);
    const db = await openDb({ dataDir, databaseUrl, log, fresh });
    closing.push(() => db.close());
    // A worker of the sandbox: its hosts, its time, and its terminal.
    const joined = chat || !options.configFile ? undefined : await joinSandbox(db, resolve(options.configFile), log);
    if (joined) closing.push(() => joined.leave());
    else await claimForKind(db, loaded ? 'fleet' : 'sandbox', dataDir);

    const clock = joined?.clock ?? (await startStoredClock(db, loaded ? 1 : options.speed));
    closing.push(keepClock(db, clock));
    let sandbox: Sandbox | undefined;
    if (!loaded) {
      const { startSandbox } = await import('./sandbox/start.ts');
      const started = await startSandbox({ dataDir, clock, log, fresh: options.fresh });
      sandbox = started;
      closing.push(() => started.close());
      closing.push(await tellSandbox(db, clock, { configFile: started.configFile, home: placeId(dataDir) }));
      loaded = await loadConfig(started.configFile, surroundings);
    }
    let current: Loaded = loaded;
    useConfigured(current.config.scripts);
    let reloading = Promise.resolve();
    const people = directory(() => [...current.people, ...machinesOf(current.config)]);
    const home = joined?.home ?? placeId(dataDir);
    const holder = `${chat ? home : 'worker'}:${uniqueId()}`;
    const ssh = openSsh(sshLimits(current.config, () => current.fleet, options.login));
    closing.push(() => ssh.close());
    const stopSwitch = await openStopSwitch({ db, dataDir, clock, log });
    closing.push(() => stopSwitch.close());

    const shared = {
      config: () => current.config,
      fleet: () => current.fleet,
      people: () => current.people,
      targets: targetsIn(db, { fleet: () => current.fleet, config: () => current.config }),
      stop: stopSwitch,
    };
    const rooms = openRooms({ ...shared, db, ssh, clock, log, jobs, ending: ending.signal, ...((sandbox || joined) && { home: `terminal:${home}` }) });
    closing.push(stopSwitch.onStop(rooms.stopped));
    const ops: Ops = {
      ...shared,
      clock,
      log,
      commands: () => commands.filter((command) => sandbox || !command.sandboxOnly),
      job: changeJobs(jobs),
      hostsOf: hostsOf(shared),
      announce: rooms.announce,
      tell: rooms.tell,
      known: (hosts) => knownHosts(db, hosts),
      read: (job, params, targets) => ({ write: (tx, line) => beginReading(tx, line, job, params, targets) }),
      records: db,
      ...(sandbox && { sandbox: sandbox.controls }),
    };

    // The lock of the directory is ours: whoever held something from here before is dead, and nobody waits for its leases.
    if (chat) {
      await releaseHeldLines(db, home);
      await reclaimFrom(db, home);
    }
    const queue = await openQueue({ db, databaseUrl, redisUrl, log });
    closing.push(() => queue.close());
    const worker =
      options.role !== 'chat' &&
      (await runWorker({
        db,
        queue,
        holder,
        concurrency: CHUNKS_AT_ONCE,
        log,
        handlers: rooms.work,
      }));
    if (worker) closing.push(() => worker.close());
    const relay = await runRelay({ db, queue, log });
    closing.push(() => relay.close());
    const timers = await runTimers({
      db,
      clock,
      handlers: rooms.timers,
      failed: (error, timer) => log.error({ err: error, timer: timer?.kind }, 'a timer could not be handled and will be tried again'),
    });
    closing.push(() => timers.close());
    await armPrune(db, clock.now());

    const attached = await deliverAttached({ db, log, renderers: rooms.renderers });
    closing.push(() => attached.close());
    const dispatch = chat ? await runDispatch({ db, ops, holder, person: people.named }) : undefined;
    if (dispatch) closing.push(() => dispatch.close());
    const lines = await openLines({ db, log, now: clock.now, wakeDispatch: () => dispatch?.wake() });
    closing.push(() => lines.close());
    const reconcile = runReconcile({
      db,
      queue,
      log,
      looked: () => {
        dispatch?.wake();
        relay.wake();
      },
    });
    closing.push(() => reconcile.close());
    const examineAll = () => examine({ ops, db, queue, ssh });
    // Before the control socket: whoever finds that open finds all of it.
    const http = chat && options.listen && (await (await import('./chat/http/open.ts')).openHttp({ ops, db, dataDir, lines, env, renderers: rooms.renderers }));
    if (http) closing.push(() => http.close());
    const control =
      chat &&
      (await serveControl({
        dataDir,
        lines,
        attached,
        log,
        actorOf: people.ofLogin,
        export: async (file) => sayMoved('exported to', file, await exportTo(db, file)),
        doctor: examineAll,
      }));
    if (control) closing.push(() => control.close());
    const busy = (): boolean => relay.busy() || timers.busy() || attached.busy() || dispatch?.busy() === true || (worker !== false && worker.busy());
    return {
      ops,
      lines,
      attached,
      terminal: `terminal:${home}`,
      ...(http && { url: http.url }),
      ...(sandbox && { time: timeMachine({ db, clock, busy }) }),
      actorOf: people.ofLogin,
      examine: examineAll,
      reload() {
        // One after the other: two at once could leave the older reading in force.
        reloading = reloading.then(async () => {
          const { kind, says, loaded: next } = await reload(current, surroundings);
          current = next;
          useConfigured(current.config.scripts);
          if (kind === 'kept') log.warn({}, says);
          else log.info({}, says);
        });
        return reloading;
      },
      finish: async () => (control ? control.finish() : undefined),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
