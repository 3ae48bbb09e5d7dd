import { commands } from '../commands/index.ts';
import { jobs } from '../jobs/index.ts';
import { beginCertificateWatch } from './certificates/watch.ts';
import { openContact } from './chat/contact.ts';
import { runDispatch } from './chat/dispatch.ts';
import { examineChats } from './chat/examine.ts';
import { type Lines, openLines } from './chat/lines.ts';
import type { TimeMachine } from './chat/terminal/session.ts';
import { openWaysIn } from './chat/ways-in.ts';
import { closeParts } from './close-parts.ts';
import type { Loaded } from './config/load.ts';
import { reload } from './config/reload.ts';
import { sshLimits } from './config/ssh-limits.ts';
import { type Attached, deliverAttached } from './deliver/attached.ts';
import { openConnections } from './deliver/connections.ts';
import { openMessengers } from './deliver/messengers.ts';
import { sayTurns } from './deliver/say-turns.ts';
import { runSender } from './deliver/sender.ts';
import { type Examined, examine } from './doctor.ts';
import { openDown } from './down/open.ts';
import { useConfigured } from './fleet/scripts/read.ts';
import { openSsh } from './fleet/ssh/open.ts';
import { layFoundation, surroundingsOf } from './foundation.ts';
import { openGivingUp } from './give-up.ts';
import { openPostmortemFiles } from './incidents/postmortem/file.ts';
import { uniqueId } from './lib/ids.ts';
import { armRosterWatch } from './oncall/watch.ts';
import type { Ops } from './ops.ts';
import { openOut } from './out.ts';
import { openQueue } from './queue/open.ts';
import { runReconcile } from './queue/reconcile.ts';
import { runRelay } from './queue/relay.ts';
import { runWorker } from './queue/worker.ts';
import { beginReading } from './reading/begin.ts';
import { knownHosts } from './reading/knowledge.ts';
import { targetsIn } from './reading/targets.ts';
import { changeJobs, hostsOf, openRooms } from './rooms.ts';
import type { StartOptions } from './start-options.ts';
import type { Served } from './status/open.ts';
import { openStopSwitch } from './stop-switch.ts';
import { armPrune } from './store/prune.ts';
import { runTimers } from './store/timers.ts';
import { takeOverFrom } from './take-over.ts';
import { timeMachine } from './time-machine.ts';

export { commands };

export interface Started {
  ops: Ops;
  lines: Lines;
  attached: Attached;
  /** The address of this process' own terminal: the same after a restart, another one for another data directory on the same database. */
  terminal: string;
  /** Where other automation is heard. */
  url?: string;
  /** Where the public reads. */
  page?: Served;
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
  /** Resolves with the reason when this process cannot do its work any more and is to be ended, for its supervisor. */
  gaveUp: Promise<string>;
  /** Ends within about two seconds: what is in hand is finished or left to be taken up at the next start. */
  stop(): Promise<void>;
}

/** Chunks of hosts a process asks at once; the SSH room bounds the connections. */
const CHUNKS_AT_ONCE = 4;

/** Puts Holdfast together: configuration → store → clock → queue → rooms. Refusals say what to mend before anything runs. */
export async function startHoldfast(options: StartOptions): Promise<Started> {
  const { log } = options;
  const closing: (() => unknown)[] = [];
  const ending = new AbortController();
  const connections = openConnections();
  const messengers = openMessengers();
  const givingUp = openGivingUp(log);
  const stop = async (): Promise<void> => {
    // Hosts still being asked are let go: their chunk is asked again at the next start.
    ending.abort();
    await closeParts(closing, log);
  };
  try {
    const { loaded, dataDir, databaseUrl, redisUrl, db, clock, sandbox, home, simulated } = await layFoundation(options, closing);
    let current: Loaded = loaded;
    useConfigured(current.config.scripts);
    let reloading = Promise.resolve();
    const chat = options.role !== 'worker';
    const contact = await openContact({ db, log, now: clock.now, dataDir, chat, loaded: () => current }, closing);
    const holder = `${chat ? home : 'worker'}:${uniqueId()}`;
    const ssh = openSsh(sshLimits(current.config, () => current.fleet, options.login));
    closing.push(() => ssh.close());
    const stopSwitch = await openStopSwitch({ db, dataDir, clock, log });
    closing.push(() => stopSwitch.close());

    const shared = {
      config: () => current.config,
      fleet: () => current.fleet,
      people: contact.people,
      targets: targetsIn(db, { fleet: () => current.fleet, config: () => current.config }),
      stop: stopSwitch,
      connections,
    };
    const rooms = openRooms({ ...shared, db, ssh, clock, log, jobs, messengers, ending: ending.signal, ...(simulated && { home: `terminal:${home}` }) });
    closing.push(stopSwitch.onStop(rooms.stopped));
    // One list for good: what is made of it is kept by it.
    const known = commands.filter((command) => sandbox || !command.sandboxOnly);
    const turns = sayTurns({ db, log, connections, config: shared.config, tell: rooms.tell, now: clock.now });
    givingUp.before(turns.last);
    closing.push(turns.close);
    const ops: Ops = {
      ...shared,
      clock,
      log,
      commands: () => known,
      job: changeJobs(jobs),
      hostsOf: hostsOf(shared),
      announce: rooms.announce,
      tell: rooms.tell,
      known: (hosts) => knownHosts(db, hosts),
      ask: (host, script, args, timeout) => ssh.exec(host, { script, args, timeout }),
      read: (job, params, targets) => ({ write: (tx, line) => beginReading(tx, line, job, params, targets) }),
      records: db,
      postmortemFiles: openPostmortemFiles(dataDir),
      ...(sandbox && { sandbox: sandbox.controls }),
    };

    if (chat) await takeOverFrom(db, home);
    const queue = await openQueue({ db, databaseUrl, redisUrl, log });
    closing.push(() => queue.close());
    const worker = options.role !== 'chat' && (await runWorker({ db, queue, holder, concurrency: CHUNKS_AT_ONCE, log, handlers: rooms.work }));
    if (worker) closing.push(() => worker.close());
    const relay = await runRelay({ db, queue, log });
    closing.push(() => relay.close());
    const down = openDown({ ...shared, db, clock, log }, options, closing);
    const timers = await runTimers({
      db,
      clock,
      handlers: { ...rooms.timers, ...down.timers },
      many: rooms.timersOfMany,
      failed: (error, timer) => log.error({ err: error, timer: timer?.kind }, 'a timer could not be handled and will be tried again'),
    });
    closing.push(() => timers.close());
    if (chat) await rooms.configured();
    await armPrune(db, clock.now());
    await down.begin();
    await armRosterWatch(db, clock.now(), current.config.timezone);
    if (!simulated) await beginCertificateWatch(db, clock.now(), current.config.timezone);

    const attached = await deliverAttached({ db, log, renderers: rooms.renderers });
    closing.push(() => attached.close());
    let dispatch: Awaited<ReturnType<typeof runDispatch>> | undefined;
    closing.push(() => dispatch?.close());
    const lines = await openLines({ db, log, now: clock.now, wakeDispatch: () => dispatch?.wake() });
    closing.push(() => lines.close());
    if (chat) dispatch = await runDispatch({ db, ops, holder, person: contact.acting, unheard: contact.unheard, refused: lines.refused });
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
    const { watch, pagesOut } = await openOut(
      {
        ...{ db, log, clock, holder, connections, messengers, config: shared.config, people: shared.people, paging: rooms.paging },
        ...{ chat, stays: options.listen === true, place: chat ? home : `worker:${home}`, ...(simulated && { home: `terminal:${home}` }) },
      },
      closing,
    );
    const examineAll = () => examine({ ops, db, queue, ssh, chats: () => examineChats(ops, contact) });
    const ways =
      chat &&
      (await openWaysIn(
        {
          ops,
          db,
          dataDir,
          env: options.env,
          lines,
          attached,
          renderers: rooms.renderers,
          ...(watch && { watch }),
          listen: options.listen === true,
          connections,
          messengers,
          giveUp: givingUp.giveUp,
          actorOf: contact.ofLogin,
          examine: examineAll,
          hello: contact.hello,
        },
        closing,
      ));
    for (const messenger of messengers.all()) {
      const sender = await runSender({ db, log, renderers: rooms.renderers, messenger, holder });
      closing.push(() => sender.close());
    }
    if (chat && options.listen) void contact.lookAround();
    const busy = (): boolean =>
      relay.busy() ||
      timers.busy() ||
      down.busy() ||
      attached.busy() ||
      pagesOut?.busy() === true ||
      dispatch?.busy() === true ||
      (worker !== false && worker.busy());
    return {
      ops,
      lines,
      attached,
      terminal: `terminal:${home}`,
      ...(ways && { ...(ways.url !== undefined && { url: ways.url }), ...(ways.page && { page: ways.page }) }),
      ...(sandbox && { time: timeMachine({ db, clock, busy }) }),
      actorOf: contact.ofLogin,
      examine: examineAll,
      reload() {
        // One after the other: two at once could leave the older reading in force.
        reloading = reloading.then(async () => {
          const { kind, says, loaded: next } = await reload(current, surroundingsOf(options));
          current = next;
          useConfigured(current.config.scripts);
          if (chat) await rooms.configured().catch((error: unknown) => log.error({ err: error }, 'heartbeats keep to the configuration before'));
          await contact.lookAround();
          if (kind === 'kept') log.warn({}, says);
          else log.info({}, says);
        });
        return reloading;
      },
      finish: async () => (ways ? ways.finish() : undefined),
      gaveUp: givingUp.gaveUp,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
