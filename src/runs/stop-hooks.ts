import { argsOf } from '../fleet/scripts/parameters.ts';
import { errorId } from '../lib/ids.ts';
import { NoLongerOurs } from '../queue/worker.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { finishWork, type OutboxRow, putOut } from '../store/outbox.ts';
import type { ApproverWorld } from './approvers.ts';
import type { RunsWorld } from './world.ts';

/** Our own automation is stopped with everything else: once for each stop, however many processes hear of it. */
export async function beginStopHooks(tx: Tx, world: Pick<RunsWorld, 'config'>, stopped: { by: string; at: number }): Promise<void> {
  const hooks = world.config().on_stop.length;
  if (hooks === 0) return;
  const [first] = await tx.query(`insert into effects (key, kind, started) values ($1, 'on stop', $2) on conflict (key) do nothing returning key`, [
    `on stop ${stopped.at}`,
    new Date(stopped.at),
  ]);
  if (!first) return;
  await putOut(
    tx,
    'on stop',
    Array.from({ length: hooks }, (_, n) => `${stopped.at}/${n}`),
  );
}

/** One hook on its hosts. It stops things, so it may run a second time after a crash; what came of it is recorded. */
export async function runStopHook(world: RunsWorld & ApproverWorld, row: OutboxRow): Promise<void> {
  const hook = world.config().on_stop[Number(row.ref.split('/')[1])];
  const results = hook ? await onHosts(world, hook) : [];
  await world.db.tx(async (tx) => {
    if (!(await finishWork(tx, row, 'done'))) throw new NoLongerOurs();
    for (const { host, says } of results)
      await record(tx, { thing: 'STOP', type: 'hook ran', data: { script: hook?.script, host, says }, by: 'holdfast', at: world.clock.now() });
  });
}

async function onHosts(
  world: RunsWorld & ApproverWorld,
  hook: { script: string; on: string; params: Record<string, string> },
): Promise<{ host: string; says: string }[]> {
  const timeout = world.config().scripts[hook.script]?.timeout ?? 20_000;
  const names = [...(await world.hostsOf(hook.on))];
  return Promise.all(
    names.map(async (name) => {
      const host = world.fleet().hosts.get(name);
      if (!host) return { host: name, says: 'not in the inventory' };
      try {
        const ran = await world.ssh.exec(host, { script: hook.script, args: argsOf(hook.params), timeout });
        const says = ran.reach === 'ok' ? `exit code ${ran.code}` : `${ran.reach}: ${ran.detail}`;
        const log = ran.reach === 'ok' && ran.code === 0 ? world.log.info : world.log.error;
        log.call(world.log, { host: name, script: hook.script, says }, 'a hook of the stop ran');
        return { host: name, says };
      } catch (error) {
        const id = errorId();
        world.log.error({ err: error, id, host: name, script: hook.script }, 'a hook of the stop could not run');
        return { host: name, says: `something of ours failed (${id})` };
      }
    }),
  );
}
