import { hostsNamed } from '../config/certificates.ts';
import { defaultsOf } from '../config/defaults.ts';
import type { Config } from '../config/schema.ts';
import { answeringOf, servicesOfHosts } from '../escalation/answering.ts';
import { freezePolicy, type Policy } from '../escalation/policy.ts';
import type { Roster } from '../escalation/roster.ts';
import type { Fleet } from '../fleet/fleet.ts';

interface About {
  hosts: readonly string[];
  urgency: 'low' | 'high' | 'critical';
  /** Domain ms an acknowledgement lasts; unsaid = as of any page. */
  ackLasts?: number;
}

/**
 * Who is asked about a certificate of these hosts, and how: as `certificates.owners` says, else whoever answers for the hosts, with their
 * backups. Nobody's goes to all admins.
 */
export function whoseCertificate(config: Config, fleet: Fleet, roster: Roster, { hosts, urgency, ackLasts }: About): { to?: string; policy: Policy } {
  const whose = recipientOf(config, fleet, hosts);
  const policy = freezePolicy(whose ?? { role: 'operator' }, urgency, whose ? roster : ADMINS, defaultsOf(config));
  const to = whose && ('person' in whose ? `person:${whose.person}` : `service:${whose.service}`);
  return { ...(to !== undefined && { to }), policy: { ...policy, ...(ackLasts !== undefined && { ackLasts }) } };
}

function recipientOf(config: Config, fleet: Fleet, hosts: readonly string[]): { person: string } | { service: string } | undefined {
  const said = config.certificates.owners.find((owner) => hosts.some((host) => hostsNamed(owner.hosts, fleet).has(host)));
  if (said?.person !== undefined) return { person: said.person };
  const service = said?.service ?? servicesOfHosts(answeringOf(config, fleet), hosts)[0]?.name;
  return service === undefined ? undefined : { service };
}

const ADMINS: Pick<Roster, 'steps' | 'times' | 'prefersAwake'> = {
  steps: () => [{ who: [{ is: 'role', name: 'admin' }] }],
  times: () => ({}),
  prefersAwake: () => false,
};
