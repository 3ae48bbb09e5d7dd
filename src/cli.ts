import { homedir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { explain } from './cli/explain.ts';
import { type Invocation, parseInvocation } from './cli/invocation.ts';
import { armCrash, CRASH_POINTS } from './lib/crash.ts';
import { Refusal } from './lib/refusal.ts';
import { zoneOfMachine } from './zone.ts';

const USAGE = `holdfast start [--config holdfast.yaml] [--role all|chat|worker]   run; without a configuration: the sandbox
               [--fresh] [--speed 60] [--strict]
holdfast exec [--config holdfast.yaml] [--strict] '<command line>'       one command, as typed after /ops
holdfast init [--ansible FILE] [--ansible-command "CMD ARG …"] [--ssh-config FILE] [--out holdfast.yaml] [--force]
holdfast init --confirm-keys [--out holdfast.yaml]                        asks about host keys nobody has confirmed yet
holdfast hello [--config holdfast.yaml]                                   a one-time code: who types it on Slack or Discord is an admin
holdfast manifest slack [--url https://…/slack/events] [--json]           the app to paste at Slack; --url: signed HTTP instead of Socket Mode
holdfast manifest discord [APPLICATION_ID]                                the link that invites the bot to a server
holdfast doctor [--config holdfast.yaml]                                  says whether it would work when needed
holdfast stop [--config holdfast.yaml] [reason …]                         nothing that changes a host begins any more
holdfast watchdog --config watchdog.yaml                                  looks at a Holdfast elsewhere, and pages when that is silent
holdfast sudoers [USER] [--changes]                                       the lines that let a check see everything; --changes: that let
                                                                          jobs such as reboot run as root
holdfast publish DIR [--config holdfast.yaml]                             the status page as files that outlive Holdfast
holdfast export FILE | holdfast import FILE [--leave-out]                 all data, into any of the stores; --leave-out: without what
                                                                          this version has no place for`;

const VERBS: Record<string, () => Promise<{ run(call: Invocation): Promise<number> }>> = {
  start: () => import('./cli/start.ts'),
  exec: () => import('./cli/exec.ts'),
  init: () => import('./cli/init.ts'),
  manifest: () => import('./cli/manifest.ts'),
  hello: () => import('./cli/hello.ts'),
  doctor: () => import('./cli/doctor.ts'),
  stop: () => import('./cli/stop.ts'),
  watchdog: () => import('./cli/watchdog.ts'),
  sudoers: () => import('./cli/sudoers.ts'),
  export: () => import('./cli/export.ts'),
  import: () => import('./cli/import.ts'),
  publish: () => import('./cli/publish.ts'),
};

// `holdfast … | head -1`: that nobody reads on is no failure of ours.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

process.exitCode = await main(process.argv.slice(2)).catch(explain);

async function main(argv: string[]): Promise<number> {
  const { values: options, positionals } = parse(argv);
  const [verb, ...words] = positionals;
  if (options.version) return say((await import('./version.ts')).version);
  if (options.help || verb === undefined) return say(USAGE);
  const load = VERBS[verb];
  if (!load) throw new Refusal(`holdfast has no command "${verb}".\n${USAGE}`);
  armFromEnv();
  const { run } = await load();
  return run({
    options,
    words,
    env: process.env,
    home: homedir(),
    ...(process.env.HOLDFAST_DATA && { dataDir: resolve(process.env.HOLDFAST_DATA) }),
    ...(options.config !== undefined && { configFile: resolve(options.config) }),
    login: loginOf(process.env),
    zone: zoneOfMachine(),
  });
}

function parse(argv: string[]) {
  try {
    return parseInvocation(argv);
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n${USAGE}`);
  }
}

/** Who typed `sudo holdfast exec` is who acts; root may become anybody anyway. */
function loginOf(env: Record<string, string | undefined>): string {
  const { username } = userInfo();
  return username === 'root' && env.SUDO_USER ? env.SUDO_USER : username;
}

function armFromEnv(): void {
  const { HOLDFAST_CRASH_AT: crash, HOLDFAST_FREEZE_AT: freeze } = process.env;
  for (const [name, text, signal] of [['HOLDFAST_CRASH_AT', crash, 'SIGKILL'] as const, ['HOLDFAST_FREEZE_AT', freeze, 'SIGSTOP'] as const]) {
    if (text && !armCrash(text, signal)) throw new Refusal(`${name}=${text} is no crash point. There are ${CRASH_POINTS.join(', ')}.`);
  }
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
