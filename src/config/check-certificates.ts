import { deniedScript } from '../fleet/certificates/deny.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { Refusal } from '../lib/refusal.ts';
import { hostsNamed } from './certificates.ts';
import type { Path } from './document.ts';
import { meant } from './meant.ts';
import type { Config } from './schema.ts';

interface Wrong {
  path: Path;
  says: string;
}

type Named = Pick<Config, 'certificates' | 'people' | 'services' | 'groups' | 'scripts'>;

/**
 * What `certificates:` says that does not hold: hosts, people, services and scripts nobody knows, a profile that lacks what it needs.
 * `complete` = every source of the inventory could be read, so that a name that is not in it is a mistake.
 */
export function checkCertificates(config: Named, { fleet, complete }: { fleet: Fleet; complete: boolean }): Wrong[] {
  const { paths, listeners, owners, profiles } = config.certificates;
  const target = (hosts: string, path: Path): Wrong[] => {
    const says = complete ? wrongTarget(hosts, fleet) : undefined;
    return says ? [{ path: [...path, 'hosts'], says: `\`${sayPath(path)}.hosts\` ${says}` }] : [];
  };
  return [
    ...paths.flatMap(({ hosts }, at) => target(hosts, ['certificates', 'paths', at])),
    ...listeners.flatMap(({ hosts }, at) => target(hosts, ['certificates', 'listeners', at])),
    ...owners.flatMap((owner, at) => [...target(owner.hosts, ['certificates', 'owners', at]), ...checkOwner(owner, at, config)]),
    ...Object.entries(profiles).flatMap(([name, profile]) => [
      ...target(profile.hosts, ['certificates', 'profiles', name]),
      ...checkProfile(name, profile, config.scripts),
    ]),
  ];
}

function wrongTarget(hosts: string, fleet: Fleet): string | undefined {
  try {
    hostsNamed(hosts, fleet);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

function checkOwner({ person, service }: Config['certificates']['owners'][number], at: number, { people, services, groups }: Named): Wrong[] {
  const path: Path = ['certificates', 'owners', at];
  if ((person === undefined) === (service === undefined)) return [{ path, says: `\`${sayPath(path)}\` needs either \`service\` or \`person\`` }];
  if (person !== undefined && !Object.hasOwn(people, person))
    return [
      { path: [...path, 'person'], says: `\`${sayPath(path)}.person\`: nobody under \`people\` is called \`${person}\`${meant(person, Object.keys(people))}` },
    ];
  const known = [...Object.keys(services), ...Object.keys(groups).filter((name) => groups[name]?.owner !== undefined)];
  if (service !== undefined && !known.includes(service))
    return [
      {
        path: [...path, 'service'],
        says: `\`${sayPath(path)}.service\`: nobody answers for \`${service}\`: it is none of \`services\`${meant(service, known)}`,
      },
    ];
  return [];
}

function checkProfile(name: string, { provider, files, renew, reload }: Config['certificates']['profiles'][string], scripts: Named['scripts']): Wrong[] {
  const path: Path = ['certificates', 'profiles', name];
  const wrong = (key: string, says: string): Wrong => ({ path: [...path, key], says: `\`${sayPath(path)}.${key}\` ${says}` });
  const named = Object.entries({ renew, reload }).flatMap(([key, script]) =>
    script === undefined || Object.hasOwn(scripts, script)
      ? []
      : [wrong(key, `names the script ${JSON.stringify(script)}, which is not under \`scripts\`${meant(script, Object.keys(scripts))}`)],
  );
  const denied = Object.entries({ renew, reload }).flatMap(([key, script]) => {
    const why = script !== undefined && Object.hasOwn(scripts, script) ? deniedScript(scripts[script]?.body ?? '') : undefined;
    return why === undefined ? [] : [wrong(key, `names the script \`${script}\`, which may not be run for a leaf: ${why}`)];
  });
  named.push(...denied);
  if (provider !== 'files') {
    const needless = Object.entries({ files, renew }).flatMap(([key, said]) =>
      said === undefined ? [] : [wrong(key, `is for the provider \`files\`; ${provider} knows by itself what to renew`)],
    );
    return [...named, ...needless];
  }
  const missing = Object.entries({ files, renew }).flatMap(([key, said]) => (said === undefined ? [key] : []));
  return [...named, ...(missing.length > 0 ? [{ path, says: `\`${sayPath(path)}\` needs ${missing.map((key) => `\`${key}\``).join(' and ')}` }] : [])];
}

const sayPath = (path: Path): string => path.map((step, at) => (typeof step === 'number' ? `[${step + 1}]` : `${at > 0 ? '.' : ''}${step}`)).join('');
