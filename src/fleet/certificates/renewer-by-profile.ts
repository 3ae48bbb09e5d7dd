import type { Profile } from '../../config/certificate-profiles.ts';
import { keyBeside, type Renewer } from './renewers.ts';
import type { Reload, Renewal } from './shapes.ts';

/** What a profile of the configuration says of this file. */
export function renewerByProfile(path: string, profiles: Readonly<Record<string, Profile>>): Renewer | undefined {
  const found = Object.entries(profiles).find(([, { files }]) => files.includes(path));
  if (!found) return undefined;
  const [name, { renew, reload, files, keep }] = found;
  return { name, renewal: renewalOf(renew, name), reloads: (reload ?? byPlace(path)).flatMap(reloadOf), keep: [...files, ...files.map(keyBeside), ...keep] };
}

function renewalOf(renew: Profile['renew'], name: string): Renewal {
  if ('kubeadm' in renew) return { kind: 'kubeadm', words: [renew.kubeadm], says: `kubeadm certs renew ${renew.kubeadm}` };
  if ('certbot' in renew) return { kind: 'certbot', words: [renew.certbot], says: `certbot renew --cert-name ${renew.certbot}` };
  return { kind: 'command', words: renew.command, says: `${name} (${renew.command.join(' ')})` };
}

type Said = NonNullable<Profile['reload']>[number];

function reloadOf(said: Said): Reload[] {
  if (said === 'none') return [];
  if (said === 'nginx' || said === 'haproxy') return [{ kind: said, words: [], says: `${said} reloaded` }];
  if ('unit' in said) return [{ kind: 'unit', words: [said.unit], says: `${said.unit} reloaded` }];
  if ('static_pod' in said) return [{ kind: 'static-pod', words: [said.static_pod, '25'], says: `static pod ${said.static_pod}` }];
  return [{ kind: 'command', words: said.command, says: said.command.join(' ') }];
}

/** Where nobody says what serves it, the folder it stands in does. */
function byPlace(path: string): Said[] {
  if (path.startsWith('/etc/nginx/')) return ['nginx'];
  if (path.startsWith('/etc/haproxy/')) return ['haproxy'];
  if (/^\/(etc|var\/lib)\/postgresql\//.test(path)) return [{ unit: 'postgresql.service' }];
  return [];
}
