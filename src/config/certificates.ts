import { z } from 'zod';
import type { Fleet } from '../fleet/fleet.ts';
import { parseTarget } from '../fleet/target/parse.ts';
import { selectHosts } from '../fleet/target/select.ts';
import { Refusal } from '../lib/refusal.ts';
import { oneOrMore, port, text } from './fields.ts';

/** `certificates:` of holdfast.yaml: where else they stand, where they are served, who is told, how leaves are renewed. */
const hosts = (): z.ZodString => text().describe('A target expression: `@web`, `kyousuke`');

const absolute = () => z.string().regex(/^\/[^\0\r\n]*$/, 'is no absolute path: `/opt/app/tls/site.crt`, or a folder');

const ListenerEntry = z.strictObject({
  hosts: hosts(),
  port: port().describe('As the host calls it'),
  address: z
    .string()
    .regex(/^(\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+):([1-9]\d{0,4})$/, 'is no address with a port: `www.example.org:443`, `10.0.0.4:6443`, `[2001:db8::1]:443`')
    .optional()
    .describe('Where it is reached from here, when that is not the host itself: a forwarded port, a public name'),
  name: text().optional().describe('The server name to ask for (SNI); unsaid = none is sent, and the default certificate is seen'),
  starttls: z
    .enum(['postgres', 'smtp'], { error: 'must be `postgres` or `smtp`, or left out where TLS begins at once' })
    .optional()
    .describe('Asks for TLS in the words of this protocol first'),
});

const PathEntry = z.strictObject({ hosts: hosts(), paths: oneOrMore(absolute()) });

const OwnerEntry = z.strictObject({
  hosts: hosts(),
  service: text().optional().describe('One of `services`, or a group with an owner: its owner is told, then each backup'),
  person: text().optional().describe('Or one person, whatever the service'),
});

const ProfileEntry = z.strictObject({
  hosts: hosts(),
  provider: z
    .enum(['kubeadm', 'certbot', 'files'], { error: 'must be `kubeadm`, `certbot` or `files`' })
    .describe('How leaves are renewed there: by kubeadm, by certbot, or by a command of yours that writes the files'),
  files: oneOrMore(absolute()).optional().describe('For `files`: the leaves that the command renews'),
  renew: text().optional().describe('For `files`: the command, one of `scripts`'),
  reload: text().optional().describe('One of `scripts`: makes what serves the certificate read it again'),
});

export const CertificatesEntry = z.strictObject({
  paths: z.array(PathEntry).default([]).describe('Files and folders to look at beside the customary ones'),
  listeners: z.array(ListenerEntry).default([]).describe('Where certificates are served, beside the well-known ports a host listens on'),
  known_ports: z
    .boolean({ error: 'must be `true` or `false`' })
    .default(true)
    .describe('`false`: only `listeners` are asked, not 443, 6443, 10250 and their like where a host listens there'),
  owners: z.array(OwnerEntry).default([]).describe('Who is told when one nears its end; whoever answers for the host if unsaid. The first that fits counts'),
  profiles: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be a word of small letters, digits and `-`'), ProfileEntry)
    .default({})
    .describe('How leaves are renewed (`rotate certs`), by a name of yours'),
});

export type CertificatesConfig = z.output<typeof CertificatesEntry>;

/** Hosts that an entry of `certificates:` names, worked out once for a fleet. Throws Refusal for what names none, or names them by facts. */
export function hostsNamed(expression: string, fleet: Fleet): ReadonlySet<string> {
  const known = worked.get(fleet) ?? new Map<string, ReadonlySet<string>>();
  worked.set(fleet, known);
  const before = known.get(expression);
  if (before) return before;
  const { steps, where } = parseTarget(expression);
  if (where) throw new Refusal('cannot be made with `where`: what is known of hosts changes, and a certificate would be watched by turns. Name groups.');
  const names = new Set(selectHosts(steps, { hosts: [...fleet.hosts.keys()], groups: fleet.groups, live: new Map(), liveNames: [] }));
  known.set(expression, names);
  return names;
}

const worked = new WeakMap<Fleet, Map<string, ReadonlySet<string>>>();
