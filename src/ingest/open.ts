import { openLinks } from '../deliver/links.ts';
import type { Renderer } from '../deliver/shown.ts';
import type { Log, Ops } from '../ops.ts';
import { openBoard } from '../status/board/serve.tsx';
import type { Db } from '../store/db.ts';
import { serveLinks } from './answer/link.ts';
import { serveTwilio } from './answer/twilio.ts';
import { openAnswers } from './answers.ts';
import { privateApp, type Watched } from './app.ts';
import { serveCalendar } from './calendar/serve.ts';
import { openTokens } from './calendar/token.ts';
import { serveFleetLock } from './fleetlock/serve.ts';
import { whichHostIn } from './fleetlock/which-host.ts';
import { LIMITS, type Listener, listenAt } from './listen.ts';
import { wantedPort } from './ports.ts';
import { type RunsWorld, serveRuns } from './runs.ts';
import { serveSenders } from './senders/serve.ts';
import { serveStop } from './stop.ts';

/** Wall ms the database has to show that it is there. */
const PROMPT = 2_000;

/** What the private listener stands on; main.ts puts it together. */
export interface IngestWorld extends Pick<RunsWorld, 'take' | 'sayLine' | 'show'> {
  ops: Ops;
  db: Db;
  log: Log;
  dataDir: string;
  env: Record<string, string | undefined>;
  renderers: Record<string, Renderer>;
  watch?: Watched;
}

export interface Ingest extends Listener {
  /** The address of a person's calendar. */
  calendar(person: string): string;
  /** The address of the board. */
  board(): string;
}

/** Puts the private listener together and says where it listens. */
export async function openIngest(world: IngestWorld): Promise<Ingest> {
  const { db, log, ops } = world;
  const { host, port } = ops.config().listen.private;
  const beside = ops.config().listen.public.port;
  let ending = false;
  const ready = async (): Promise<boolean> => !ending && (await isThere(db)) && !ending;
  const answers = await openAnswers(db, world.renderers);
  const asks = { take: world.take, sayLine: world.sayLine, show: world.show, answers, config: ops.config, stop: ops.stop };
  const lends = { ...ops, db, whichHost: whichHostIn(db, ops.fleet) };
  const tokens = openTokens(world.dataDir);
  const dates = { ...ops, db, tokens };
  const said = {
    spine: { take: world.take, answers },
    db,
    people: ops.people,
    attemptOf: (await openLinks(db)).read,
    twilio: () => ops.config().providers.twilio,
  };
  let url = 'http://127.0.0.1';
  const reached = (): string => ops.config().listen.private.url ?? url;
  const board = await openBoard({ ...ops, db, log, simulated: ops.sandbox !== undefined, address: () => `${reached()}/board` });
  const app = privateApp({
    log,
    ready,
    ...(world.watch && { watch: world.watch }),
    serve: [
      (to) => serveRuns(to, asks),
      (to) => serveStop(to, asks),
      (to) => serveFleetLock(to, lends),
      (to) => serveCalendar(to, dates),
      (to) => serveLinks(to, said),
      (to) => serveTwilio(to, said),
      (to) => board.serve(to),
      (to) => serveSenders(to, { ...ops, db, log }),
    ],
  });
  const wanted = wantedPort(world.env, port, beside);
  const listener = await listenAt({ host, port: wanted, log, limits: LIMITS, fetch: (request, env) => app.fetch(request, env) }).catch(
    async (error: unknown) => {
      await board.close();
      await answers.close();
      throw error;
    },
  );
  url = listener.url;
  log.info({ url: listener.url }, `other automation is heard on ${listener.url}${listener.taken ? `: port ${listener.taken} is taken` : ''}`);
  return {
    ...listener,
    calendar: (person) => `${reached()}/calendar/${tokens.of(person)}.ics`,
    board: () => `${reached()}/board`,
    async close() {
      ending = true;
      // First those that look at the board: their connections stay open by themselves.
      await board.close();
      await listener.close();
      await answers.close();
    },
  };
}

async function isThere(db: Db): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PROMPT);
  });
  const asked = db.query('select 1').then(
    () => true,
    () => false,
  );
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
