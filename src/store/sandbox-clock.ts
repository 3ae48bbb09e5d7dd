import { type Clock, type SettableClock, startClock } from '../lib/clocks.ts';
import { uniqueId } from '../lib/ids.ts';
import type { Log } from '../ops.ts';
import type { Db, Queries } from './db.ts';

/** What the process that holds the simulated hosts says to workers on the same machine and database. */
interface Told {
  /** Of this start: hosts get other ports with the next. */
  start: string;
  configFile: string;
  /** Where everything told to people is printed. */
  home: string;
  speed: number;
  /** It was `domain` at `wall`, both milliseconds since 1970. */
  domain: number;
  wall: number;
}

/** Says where domain time stands, at the start and after each jump, until it is ended: workers of their own may join. */
export async function tellSandbox(db: Db, clock: Clock, told: Pick<Told, 'configFile' | 'home'>): Promise<() => Promise<void>> {
  const start = uniqueId();
  const write = (value: Told | null): Promise<void> =>
    db.tx(async (tx) => {
      await tx.query(`insert into meta (key, value) values ('sandbox', $1) on conflict (key) do update set value = excluded.value`, [JSON.stringify(value)]);
      await tx.notify('clock');
    });
  const now = (): Told => ({ ...told, start, speed: clock.speed, domain: clock.now(), wall: Date.now() });
  await write(now());
  const unjump = clock.onJump(() => void write(now()).catch(() => undefined));
  return async () => {
    unjump();
    await write(null);
  };
}

/**
 * The clock of the sandbox whose hosts this configuration names, where the database is that sandbox's; `undefined` where it is
 * not. When that sandbox ends or is started anew this process ends too: its hosts are gone, and would be called lost.
 */
export async function joinSandbox(db: Db, configFile: string, log: Log): Promise<{ clock: SettableClock; home: string; leave(): Promise<void> } | undefined> {
  const told = await read(db);
  if (told?.configFile !== configFile) return undefined;
  const clock = startClock({ speed: told.speed, anchor: standsAt(told) });
  let left = false;
  const look = async (): Promise<void> => {
    const now = await read(db);
    if (now?.start === told.start) clock.jumpTo(standsAt(now));
    else if (!left) {
      left = true;
      log.error({}, 'the sandbox this worker had joined has ended; start the worker again once it runs');
      process.kill(process.pid, 'SIGTERM');
    }
  };
  const unlisten = await db.listen('clock', () => void look().catch(() => undefined));
  return {
    clock,
    home: told.home,
    leave() {
      left = true;
      return unlisten();
    },
  };
}

const standsAt = ({ domain, wall, speed }: Told): number => domain + (Date.now() - wall) * speed;

async function read(db: Queries): Promise<Told | undefined> {
  const [row] = await db.query<{ value: Told | null }>(`select value from meta where key = 'sandbox'`);
  return row?.value ?? undefined;
}
