import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { askControl, connectControl } from '../control/client.ts';
import { Refusal } from '../lib/refusal.ts';
import { openLog } from '../log.ts';
import { publishPage } from '../status/publish.ts';
import { startStoredClock } from '../store/clock.ts';
import { dataDirOf } from './data-dir.ts';
import type { Invocation } from './invocation.ts';
import { openStore } from './store.ts';

/** The status page as static files: through the running process, else from the store itself. */
export async function run(call: Invocation): Promise<number> {
  const [word] = call.words;
  if (!word) throw new Refusal('publish needs a folder: holdfast publish /var/www/status');
  const dir = resolve(word);
  const dataDir = await dataDirOf(call);
  const socket = await connectControl(dataDir);
  if (socket) {
    const answer = await askControl(socket, { op: 'publish', dir });
    process.stdout.write(`${answer.says}\n`);
    return answer.ok ? 0 : 1;
  }
  const configFile = call.configFile ?? sandboxFile(dataDir);
  const { config, fleet } = await loadConfig(configFile, { env: call.env, home: call.home });
  const db = await openStore(call, dataDir);
  try {
    const clock = await startStoredClock(db, 1);
    process.stdout.write(`${await publishPage({ db, clock, log: await openLog('warn'), config: () => config, fleet: () => fleet, url: undefined }, dir)}\n`);
  } finally {
    await db.close();
  }
  return 0;
}

/** The sandbox leaves the configuration it made for itself. */
function sandboxFile(dataDir: string): string {
  const file = join(dataDir, 'sandbox', 'holdfast.yaml');
  if (existsSync(file)) return file;
  throw new Refusal(
    `No Holdfast runs on ${dataDir}, and nothing says what its page is of. Name the configuration: holdfast publish DIR --config holdfast.yaml`,
  );
}
