import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Redis } from 'ioredis';
import { findProgram, freePort, type OwnRedis, startOwnRedis, temporary, until, withRedis } from '../engines.ts';

const missing = ['redis-server', 'redis-cli'].find((name) => !findProgram(name));
/** To be said in the name of what is skipped; empty where there is a Redis. */
export const noRedis = missing ? ` — skipped: there is no ${missing} (apt install redis)` : '';

export interface ManyRedis {
  /** As it goes into `redis.url`. */
  url: string;
  /** Those one finds the others by. */
  guides: OwnRedis[];
  /** Who takes the writes of the queue `work` now, and who has a copy of them; waits until one is in step. */
  roles(): Promise<{ master: OwnRedis; copies: OwnRedis[] }>;
  stop(): Promise<void>;
}

export const ask = <Answer>(server: OwnRedis, ...command: [string, ...(string | number)[]]): Promise<Answer> =>
  withRedis(server.redisUrl, (redis: Redis) => redis.call(...command) as Promise<Answer>);

/** Stands still as a machine does that hangs: its connections stay open and nothing is answered. Resolves to what ends that. */
export async function freeze(server: OwnRedis): Promise<() => void> {
  const pid = Number(/process_id:(\d+)/.exec(await ask<string>(server, 'INFO', 'server'))?.[1]);
  process.kill(pid, 'SIGSTOP');
  return () => {
    process.kill(pid, 'SIGCONT');
  };
}

/** From here on the copies are told of nothing, as when the network lags: what the master acknowledges, it alone knows. Resolves to what ends that. */
export async function cutOff({ master, copies }: { master: OwnRedis; copies: OwnRedis[] }): Promise<() => Promise<void>> {
  for (const copy of copies) await ask(copy, 'CONFIG', 'SET', 'masterauth', 'not the password');
  await ask(master, 'CLIENT', 'KILL', 'TYPE', 'REPLICA');
  return async () => {
    for (const copy of copies) await ask(copy, 'CONFIG', 'SET', 'masterauth', '');
  };
}

/** Notices a dead master after this; production has 5–30 s. Wall ms. */
const NOTICE = 1000;

/** A master with two copies, and three sentinels of which two must agree. */
export async function startSentinels(): Promise<ManyRedis> {
  const first = await startOwnRedis();
  const all = [
    first,
    ...(await Promise.all([1, 2].map(() => startOwnRedis(['--replicaof', '127.0.0.1', String(first.port), '--repl-diskless-sync-delay', '0'])))),
  ];
  await inStep(first, all, 2);
  const sentinels = await Promise.all(
    [1, 2, 3].map(() => {
      const file = join(temporary('sentinel'), 'sentinel.conf');
      writeFileSync(
        file,
        [
          `sentinel monitor mine 127.0.0.1 ${first.port} 2`,
          `sentinel down-after-milliseconds mine ${NOTICE}`,
          // Also how long they wait before they vote again when they did not agree.
          'sentinel failover-timeout mine 3000',
          '',
        ].join('\n'),
      );
      return startOwnRedis(['--sentinel'], [file]);
    }),
  );
  await until('the sentinels', async () => {
    for (const sentinel of sentinels) {
      const is = pairs(await ask<string[]>(sentinel, 'SENTINEL', 'MASTER', 'mine'));
      if (is['num-other-sentinels'] !== '2' || is['num-slaves'] !== '2' || is.flags !== 'master') throw new Error(JSON.stringify(is));
    }
  });
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/mine`,
    guides: sentinels,
    async roles() {
      const [, port] = await ask<[string, string]>(sentinels[0] as OwnRedis, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mine');
      const master = byPort(all, port);
      return { master, copies: await inStep(master, all, 1) };
    },
    stop: async () => void (await Promise.all([...all, ...sentinels].map((server) => server.stop()))),
  };
}

/** Three masters, each with a copy. */
export async function startCluster(): Promise<ManyRedis> {
  const all = await Promise.all(
    Array.from({ length: 6 }, async () =>
      startOwnRedis([
        '--cluster-enabled',
        'yes',
        '--cluster-node-timeout',
        String(NOTICE),
        '--cluster-port',
        String(await freePort()),
        '--repl-diskless-sync-delay',
        '0',
      ]),
    ),
  );
  await promisify(execFile)('redis-cli', ['--cluster', 'create', ...all.map(({ port }) => `127.0.0.1:${port}`), '--cluster-replicas', '1', '--cluster-yes'], {
    timeout: 30_000,
  });
  const owner = async (): Promise<OwnRedis> => {
    type Range = [number, number, [string, number]];
    const living = (
      await Promise.all(
        all.map((server) =>
          ask(server, 'PING').then(
            () => server,
            () => undefined,
          ),
        ),
      )
    ).find((server) => server) as OwnRedis;
    const slot = await ask<number>(living, 'CLUSTER', 'KEYSLOT', '{holdfast:work}');
    const [, , [, port]] = (await ask<Range[]>(living, 'CLUSTER', 'SLOTS')).find(([from, to]) => from <= slot && slot <= to) as Range;
    return byPort(all, port);
  };
  await until('the cluster', async () => {
    for (const server of all) {
      const state = await ask<string>(server, 'CLUSTER', 'INFO');
      if (!state.includes('cluster_state:ok')) throw new Error(state);
    }
  });
  return {
    url: `redis+cluster://${all
      .slice(0, 3)
      .map(({ port }) => `127.0.0.1:${port}`)
      .join(',')}`,
    guides: all,
    async roles() {
      const master = await owner();
      return { master, copies: await inStep(master, all, 1) };
    },
    stop: async () => void (await Promise.all(all.map((server) => server.stop()))),
  };
}

/** Waits until so many copies follow the master, and answers them. */
async function inStep(master: OwnRedis, all: OwnRedis[], atLeast: number): Promise<OwnRedis[]> {
  let copies: OwnRedis[] = [];
  await until('the copies', async () => {
    const told = await ask<string>(master, 'INFO', 'replication');
    copies = [...told.matchAll(/port=(\d+),state=online/g)].map(([, port]) => byPort(all, port as string));
    if (copies.length < atLeast) throw new Error(told);
  });
  return copies;
}

const byPort = (all: OwnRedis[], port: string | number): OwnRedis => all.find((server) => server.port === Number(port)) as OwnRedis;

function pairs(flat: string[]): Record<string, string | undefined> {
  return Object.fromEntries(flat.flatMap((key, n) => (n % 2 === 0 ? [[key, flat[n + 1]]] : [])));
}
