import type { Path } from './document.ts';
import type { Config } from './schema.ts';

/** What is said of reaching people that does not hold together. */
export function checkProviders({ people, providers, watchdog }: Pick<Config, 'people' | 'providers' | 'watchdog'>): { path: Path; says: string }[] {
  const unsigned = Object.entries(people).filter(([, { webhook }]) => webhook !== undefined && !providers.webhook);
  const unknown = (watchdog?.page ?? []).map((name, at) => ({ name, at })).filter(({ name }) => !Object.hasOwn(people, name));
  return [
    ...unsigned.map(([name]) => ({
      path: ['people', name, 'webhook'],
      says: `\`people.${name}.webhook\` would be posted to unsigned: add \`providers.webhook.secret\``,
    })),
    ...unknown.map(({ name, at }) => ({ path: ['watchdog', 'page', at], says: `\`watchdog.page\`: nobody under \`people\` is called \`${name}\`` })),
  ];
}
