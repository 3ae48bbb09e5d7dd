import type { Path } from './document.ts';
import { meant } from './meant.ts';
import type { Config } from './schema.ts';

interface Wrong {
  path: Path;
  says: string;
}

/** What integrations and heartbeats say that does not hold: one key for two, a service nobody knows, a mapping where none goes. */
export function checkIntegrations(config: Config): Wrong[] {
  return [...checkKeys(config), ...Object.keys(config.integrations).flatMap((name) => checkOne(name, config)), ...checkHeartbeats(config)];
}

function checkKeys({ integrations, heartbeats, automation }: Config): Wrong[] {
  const problems: Wrong[] = [];
  const taken = new Map(Object.entries(automation).map(([name, { key }]) => [key.reveal(), `\`automation.${name}\``]));
  const keyed = [
    ...Object.entries(integrations).map(([name, { key }]) => ({ section: 'integrations', name, key })),
    ...Object.entries(heartbeats).flatMap(([name, { key }]) => (key ? [{ section: 'heartbeats', name, key }] : [])),
  ];
  for (const { section, name, key } of keyed) {
    const here = `\`${section}.${name}\``;
    const other = taken.get(key.reveal().toLowerCase()) ?? taken.get(key.reveal());
    if (other) problems.push({ path: [section, name, 'key'], says: `\`${section}.${name}.key\` is also that of ${other}: whoever sends it could be either` });
    // A UUID is the same in large letters.
    taken.set(key.reveal().toLowerCase(), here).set(key.reveal(), here);
  }
  return problems;
}

function checkOne(name: string, config: Config): Wrong[] {
  const said = config.integrations[name] as Config['integrations'][string];
  const here = ['integrations', name];
  return [
    ...unknownService(said.service, [...here, 'service'], config),
    ...(said.mapping && said.kind !== 'generic'
      ? [{ path: [...here, 'mapping'], says: `\`integrations.${name}.mapping\` is for \`kind: generic\`: what ${said.kind} sends is known` }]
      : []),
  ];
}

function checkHeartbeats(config: Config): Wrong[] {
  const pinged = Object.values(config.integrations).some(({ kind }) => kind === 'healthchecks');
  const watched = new Map<string, string>();
  return Object.entries(config.heartbeats).flatMap(([name, said]) => {
    const here = ['heartbeats', name];
    const problems = unknownService(said.service, [...here, 'service'], config);
    const wrong = (key: string, says: string): void => void problems.push({ path: [...here, key], says: `\`heartbeats.${name}.${key}\`${says}` });
    for (const key of ['integration', 'watchdog'] as const) {
      const of = said[key];
      if (of !== undefined && !Object.hasOwn(config.integrations, of))
        wrong(key, `: there is no \`${of}\` under \`integrations\`${meant(of, Object.keys(config.integrations))}`);
    }
    const of = said.integration === undefined ? undefined : config.integrations[said.integration];
    if (of && of.kind !== 'healthchecks') wrong('integration', ` is of \`kind: ${of.kind}\`: pings come by one of \`kind: healthchecks\``);
    if (said.watchdog !== undefined) {
      const other = watched.get(said.watchdog);
      if (other) wrong('watchdog', ` is also that of ${other}: one Watchdog is one heartbeat`);
      watched.set(said.watchdog, name);
    } else if (!said.key && !pinged)
      problems.push({
        path: here,
        says: `\`heartbeats.${name}\` can be reached by nobody: give it a \`key\`, or add an integration of \`kind: healthchecks\``,
      });
    return problems;
  });
}

function unknownService(service: string | undefined, path: Path, { services, groups }: Config): Wrong[] {
  const known = [...Object.keys(services), ...Object.keys(groups).filter((group) => groups[group]?.owner !== undefined)];
  if (service === undefined || known.includes(service)) return [];
  return [{ path, says: `\`${path.join('.')}\`: there is no service \`${service}\`${meant(service, known)}` }];
}
