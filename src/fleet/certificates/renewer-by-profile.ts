import type { CertificatesConfig } from '../../config/certificates.ts';
import type { ConfiguredScript } from '../../config/scripts.ts';
import { keyBeside, type Renewer, renewerByPlace } from './renewers.ts';
import type { Reload } from './shapes.ts';

export type Profiles = CertificatesConfig['profiles'];
export type Scripts = Readonly<Record<string, Pick<ConfiguredScript, 'sha256'>>>;

/** What renews this file: a profile of the configuration, else the tool whose place it stands in. `undefined` = nobody knows. */
export function renewerOf(path: string, profiles: Profiles, scripts: Scripts): Renewer | undefined {
  const named = Object.entries(profiles).find(([, { files }]) => files?.includes(path));
  const own = named && renewerByScript(path, ...named, scripts);
  if (own) return own;
  const found = renewerByPlace(path);
  const reload = found && Object.values(profiles).find((profile) => profile.provider === found.renewal.kind && profile.reload !== undefined)?.reload;
  return found && reload !== undefined ? { ...found, reloads: [...found.reloads, ...reloadBy(reload, scripts)] } : found;
}

function renewerByScript(path: string, name: string, { renew, reload, files = [] }: Profiles[string], scripts: Scripts): Renewer | undefined {
  const words = renew === undefined ? undefined : exactly(renew, scripts);
  if (renew === undefined || words === undefined) return undefined;
  return {
    name,
    renewal: { kind: 'script', words, says: renew === name ? `the script ${renew}` : `${name} (the script ${renew})` },
    reloads: reload === undefined ? byPlace(path) : reloadBy(reload, scripts),
    keep: [...files, ...files.map(keyBeside)],
  };
}

const reloadBy = (script: string, scripts: Scripts): Reload[] => {
  const words = exactly(script, scripts);
  return words ? [{ kind: 'script', words, says: `the script ${script}` }] : [];
};

/** The text of now, by its hash: frozen with the plan. */
function exactly(script: string, scripts: Scripts): string[] | undefined {
  const sha256 = Object.hasOwn(scripts, script) ? scripts[script]?.sha256 : undefined;
  return sha256 === undefined ? undefined : [`${script}@${sha256}`];
}

/** Where nobody says what serves it, the folder it stands in does. */
function byPlace(path: string): Reload[] {
  if (path.startsWith('/etc/nginx/')) return [{ kind: 'nginx', words: [], says: 'nginx reloaded' }];
  if (path.startsWith('/etc/haproxy/')) return [{ kind: 'haproxy', words: [], says: 'haproxy reloaded' }];
  if (/^\/(etc|var\/lib)\/postgresql\//.test(path)) return [{ kind: 'unit', words: ['postgresql.service'], says: 'postgresql.service reloaded' }];
  return [];
}
