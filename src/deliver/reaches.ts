import type { Config } from '../config/schema.ts';
import type { Person } from '../people.ts';
import type { ChannelName } from './channel.ts';

/**
 * The channels by which somebody can be reached as things are configured, whether or not this process holds their connections; where
 * they named some, these and no others, in their order.
 * `simulated`: in the sandbox every address a person has is played by the terminal, and everybody can be told there.
 */
export function reachedBy(config: Pick<Config, 'providers' | 'slack' | 'discord'>, simulated: boolean): (person: Person) => ChannelName[] {
  const { smtp, twilio, webhook } = config.providers;
  const there: [ChannelName, (person: Person) => boolean][] = [
    ['dm', () => simulated],
    ['slack', (person) => person.slack !== undefined && (simulated || config.slack !== undefined)],
    ['discord', (person) => person.discord !== undefined && (simulated || config.discord !== undefined)],
    ['ntfy', (person) => person.ntfy !== undefined],
    ['email', (person) => person.email !== undefined && (simulated || smtp !== undefined)],
    ['sms', (person) => person.phone !== undefined && (simulated || twilio !== undefined)],
    ['voice', (person) => person.phone !== undefined && (simulated || twilio?.voice === true)],
    ['webhook', (person) => person.webhook !== undefined && (simulated || webhook !== undefined)],
  ];
  return (person) => {
    const has = there.filter(([, reaches]) => reaches(person)).map(([name]) => name);
    const own = person.channels;
    return own ? [...has.filter((name) => name === 'dm'), ...own.filter((name) => has.includes(name))] : has;
  };
}
