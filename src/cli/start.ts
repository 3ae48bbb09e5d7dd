import { fstatSync } from 'node:fs';
import { runSession } from '../chat/terminal/session.ts';
import { dropLeftovers } from '../leftovers.ts';
import { crashPoint } from '../lib/crash.ts';
import { Refusal } from '../lib/refusal.ts';
import { openLog } from '../log.ts';
import { startHoldfast } from '../main.ts';
import type { Role } from '../start-options.ts';
import { openLinesOf } from '../store/lines.ts';
import type { Invocation } from './invocation.ts';

/** Runs until its input ends (typed or piped commands), or, without any input, until it is told to end. */
export async function run(call: Invocation): Promise<number> {
  const { options, env } = call;
  const log = await openLog(env.HOLDFAST_LOG ?? (process.stdin.isTTY ? 'warn' : 'info'));
  // From the first moment: a signal without a hearer ends a process, and systemd's reload does not wait for a start.
  let hangUps = 0;
  let heard = (): void => void hangUps++;
  process.on('SIGHUP', () => heard());
  let starting = true;
  const told = toldToEnd(() => starting);
  const started = await startHoldfast({
    ...(call.configFile !== undefined && { configFile: call.configFile }),
    ...(call.dataDir !== undefined && { dataDir: call.dataDir }),
    role: roleOf(options.role),
    speed: speedOf(options.speed),
    fresh: options.fresh,
    listen: true,
    env,
    home: call.home,
    login: call.login,
    log,
  });
  starting = false;
  const unread = new Promise<{ bad: true }>((resolve) => process.stdout.once('error', () => resolve({ bad: true })));
  heard = () => void started.reload();
  if (hangUps > 0) heard();
  const print = toStdout();
  // A worker beside a chat has the same terminal and nobody in front of it: it would take that one's answers.
  const detach =
    options.role === 'worker'
      ? () => {}
      : started.attached.attach(started.terminal, (text) =>
          print(text).catch((error: unknown) => {
            detach();
            throw error;
          }),
        );
  if (started.time) {
    const { firstWords } = await import('../sandbox/first-words.ts');
    await print(firstWords(started.ops.clock.speed, started.page)).catch(() => {});
  }
  // On a terminal the log says warnings only; stdout is for answers.
  if (started.url && process.stderr.isTTY) process.stderr.write(`Other automation is heard on ${started.url}\n`);
  if (started.page && !started.time && process.stderr.isTTY) process.stderr.write(`The public reads ${started.page.url}\n`);
  log.info({ hosts: started.ops.fleet().hosts.size }, 'holdfast runs');
  dropLeftovers();
  const session =
    hasInput() && options.role !== 'worker'
      ? runSession({
          ...typist(call, started),
          input: process.stdin,
          lines: started.lines,
          channel: started.terminal,
          login: call.login,
          print,
          strict: options.strict,
          crash: () => crashPoint('inbox.acknowledged'),
          ...(process.stdin.isTTY && process.stdout.isTTY && { screen: process.stdout }),
        })
      : undefined;
  // Without anybody to read the answers no more lines are taken; what was not shown is shown at the next start. One that serves goes on.
  const gaveUp = started.gaveUp.then(async (why) => {
    await print(`Holdfast ends, for its supervisor to start it again: ${why}`).catch(() => {});
    return { bad: true };
  });
  const ended = await Promise.race([told, gaveUp, ...(session ? [session, unread] : [])]).finally(async () => {
    if (session) await sayWaiting(started, print).catch(() => {});
    detach();
    await started.stop();
  });
  // An input that is still open would keep the process alive.
  if (session) process.stdin.destroy();
  return ended?.bad ? 1 : 0;
}

/** At the end: what was begun here, now or before, and has not ended. It goes on at the next start. */
async function sayWaiting(started: Awaited<ReturnType<typeof startHoldfast>>, print: (text: string) => Promise<void>): Promise<void> {
  for (const line of await openLinesOf(started.ops.records, started.terminal))
    await print(`still waits: ${line.text} (${line.actor}); its answer comes after the next start`);
}

function typist(call: Invocation, started: Awaited<ReturnType<typeof startHoldfast>>): Pick<Parameters<typeof runSession>[0], 'actor' | 'sandbox'> {
  const people = started.ops.people().map(({ name, zone }) => ({ name, zone }));
  if (started.time) return { actor: people.find(({ name }) => name === 'you') ?? { name: 'you', zone: call.zone }, sandbox: { people, time: started.time } };
  const name = started.actorOf(call.login);
  return { actor: people.find((person) => person.name === name) ?? { name, zone: call.zone } };
}

/** A terminal, a pipe or a file has lines for us; /dev/null and a closed stdin have none: then it serves. */
function hasInput(): boolean {
  if (process.stdin.isTTY) return true;
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}

/** SIGTERM and SIGINT end it in order; a second one at once, and while it starts the first: the next start finds whatever was begun. */
function toldToEnd(starting: () => boolean): Promise<undefined> {
  return new Promise((resolve) => {
    let told = false;
    const end = (): void => {
      if (told) process.exit(130);
      if (starting()) process.exit(0);
      told = true;
      resolve(undefined);
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  });
}

function toStdout(): (text: string) => Promise<void> {
  return (text) => new Promise((resolve, reject) => process.stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve())));
}

function roleOf(text: string): Role {
  if (text === 'all' || text === 'chat' || text === 'worker') return text;
  throw new Refusal(`--role ${text} is not known. There are all, chat and worker.`);
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (speed >= 1 && speed <= 100_000) return speed;
  throw new Refusal(`--speed ${text} must be a number from 1 to 100000: how many times faster the sandbox's time runs.`);
}
