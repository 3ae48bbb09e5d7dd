import { loadConfig } from '../config/load.ts';
import { providerChannels } from '../deliver/channels/open.ts';
import { Refusal } from '../lib/refusal.ts';
import { openLog } from '../log.ts';
import { openWatchdog } from '../watch/watchdog.ts';
import type { Invocation } from './invocation.ts';

/** Looks at a Holdfast elsewhere until it is told to end, and pages when that one is silent. No database, no hosts, no chat. */
export async function run({ configFile, env, home }: Invocation): Promise<number> {
  if (configFile === undefined) throw new Refusal('holdfast watchdog needs --config FILE, with people, providers and watchdog in it (docs/operations.md).');
  const { config, people } = await loadConfig(configFile, { env, home });
  const { watchdog } = config;
  if (!watchdog) throw new Refusal(`There is no \`watchdog\` in ${configFile}: say which Holdfast it looks at, and whom it pages.`);
  const channels = providerChannels(() => config);
  const mute = watchdog.page.filter((name) => !people.some((person) => person.name === name && channels.some((channel) => channel.reaches(person))));
  if (mute.length > 0) throw new Refusal(`The watchdog could not reach ${mute.join(', ')}: give them an address in ${configFile}, and the provider for it.`);
  const log = await openLog(env.HOLDFAST_LOG ?? 'info');
  const dog = openWatchdog({ watchdog, people, channels, log, wall: Date.now });
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  say(`watches ${watchdog.url}, every ${watchdog.every / 1000} s; pages ${watchdog.page.join(', ')}`);
  let ended = false;
  let wake = (): void => {};
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      ended = true;
      wake();
    });
  let before = '';
  while (!ended) {
    const next = await dog.look();
    const now = next.mind.since === undefined ? 'well' : `not well: ${next.because}`;
    if (now !== before) say(now);
    before = now;
    if (next.say !== 'nothing') say(next.sent > 0 ? `told: ${next.say} (${next.sent} messages)` : `nobody could be told: ${next.say}`);
    await new Promise<void>((resolve) => {
      wake = resolve;
      const timer = setTimeout(resolve, watchdog.every);
      if (ended) clearTimeout(timer);
      if (ended) resolve();
    });
  }
  return 0;
}
