import type { Config } from '../../config/schema.ts';
import type { Person } from '../../people.ts';
import type { ChannelName } from '../channel.ts';
import type { Connection } from '../connections.ts';
import { call, objectIn } from './call.ts';
import { transportTo } from './email.ts';
import { topicIn } from './ntfy.ts';
import { askTwilio } from './twilio.ts';

/** Well without a `remedy`. */
export interface ExaminedProvider {
  says: string;
  remedy?: string;
}

interface World {
  config: Pick<Config, 'providers'>;
  people: readonly Person[];
  reaches(person: Person): readonly ChannelName[];
  /** As those of this process last said. */
  connections: readonly Connection[];
  /** Wall ms of one question. */
  timeout: number;
}

/** Asks each provider that people are reached by whether it would take a message, without sending one. */
export async function examineProviders(world: World): Promise<ExaminedProvider[]> {
  const used = (channel: ChannelName): Person[] => world.people.filter((person) => world.reaches(person).includes(channel));
  const [mailed, pushed, rung, hooked] = [used('email'), used('ntfy'), [...used('sms'), ...used('voice')], used('webhook')];
  const found = await Promise.all([
    mailed.length > 0 ? smtp(world) : [],
    ntfy(world, pushed),
    rung.length > 0 ? twilio(world) : [],
    ...hooked.map((person) => webhook(world, person)),
  ]);
  return [...found.flat(), ...(['slack', 'discord'] as const).flatMap((platform) => (used(platform).length > 0 ? chat(world, platform) : []))];
}

async function smtp({ config, timeout }: World): Promise<ExaminedProvider[]> {
  const { smtp } = config.providers;
  if (!smtp) return [];
  const transport = transportTo(smtp, timeout);
  try {
    await transport.verify();
    return [{ says: `the mail server ${smtp.host} lets us in` }];
  } catch (error) {
    return [
      {
        says: `the mail server ${smtp.host}: ${(error as Error).message.split('\n')[0]}`,
        remedy: 'look at providers.smtp in holdfast.yaml, and whether the server lets this machine in',
      },
    ];
  } finally {
    transport.close();
  }
}

/** The server of the configuration, and those of people who name their own. */
async function ntfy({ config, timeout }: World, people: readonly Person[]): Promise<ExaminedProvider[]> {
  const servers = new Set(people.map(({ ntfy }) => topicIn(ntfy?.reveal() ?? '', config.providers.ntfy?.url ?? 'https://ntfy.sh').server));
  return Promise.all(
    [...servers].map(async (server) => {
      const { host } = new URL(server);
      const answer = await call(`${server}v1/health`, {}, timeout);
      if (answer.status === 200 && objectIn(answer.body)['healthy'] === true) return { says: `ntfy on ${host} is well` };
      return {
        says: `ntfy on ${host}: ${answer.lost?.says ?? `HTTP ${answer.status}`}`,
        remedy: 'look at providers.ntfy in holdfast.yaml, and whether this machine reaches it',
      };
    }),
  );
}

async function twilio({ config, timeout }: World): Promise<ExaminedProvider[]> {
  const { twilio } = config.providers;
  if (!twilio) return [];
  const answer = await askTwilio(twilio, 'GET', '.json', {}, timeout);
  const { status, message } = objectIn(answer.body);
  if (answer.status === 200 && status === 'active') return [{ says: 'Twilio knows the account, and it is active' }];
  const why =
    answer.lost?.says ?? (answer.status === 200 ? `the account is ${String(status)}` : `HTTP ${answer.status}${message ? `, ${String(message)}` : ''}`);
  return [{ says: `Twilio: ${why}`, remedy: 'look at providers.twilio in holdfast.yaml, and at the account in its console' }];
}

/** Any answer shows that somebody is there; what it would say to a page only a page shows. */
async function webhook({ timeout }: World, { name, webhook: url }: Person): Promise<ExaminedProvider[]> {
  const answer = await call(url?.reveal() ?? '', { method: 'HEAD' }, timeout);
  if (!answer.lost && answer.status < 500) return [{ says: `the webhook of ${name} answers` }];
  return [{ says: `the webhook of ${name}: ${answer.lost?.says ?? `HTTP ${answer.status}`}`, remedy: `look at the program behind people.${name}.webhook` }];
}

/** Only a process that is connected can say; the tokens themselves are looked at where accounts are. */
function chat({ connections }: World, platform: 'slack' | 'discord'): ExaminedProvider[] {
  const own = connections.filter((connection) => connection.platform === platform);
  const name = platform === 'slack' ? 'Slack' : 'Discord';
  if (own.length === 0) return [];
  if (own.some(({ ok }) => ok)) return [{ says: `${name} is connected` }];
  return [
    { says: `${name} is not connected: ${own.map(({ says }) => says).join('; ')}`, remedy: `look at the ${platform} section of holdfast.yaml, and at the log` },
  ];
}
