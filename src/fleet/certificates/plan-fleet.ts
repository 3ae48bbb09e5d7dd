import { listenersOf } from '../../certificates/listeners.ts';
import { hostsNamed } from '../../config/certificates.ts';
import type { Config } from '../../config/schema.ts';
import { Refusal } from '../../lib/refusal.ts';
import type { Fleet } from '../fleet.ts';
import type { Facts, Host } from '../host.ts';
import type { ExecResult } from '../ssh/transport.ts';
import { certNames, type PlanOf, planHost } from './plan-host.ts';
import { lookAt, readSeen } from './see.ts';
import type { HostRotation, RotateParams } from './shapes.ts';

/** Hosts whose certificates are looked at for one plan: a person reads every line of it. */
const MOST = 100;
/** Wall ms within which a host says what it has, or is left out. */
const PATIENCE = 6_000;

export interface Looking {
  hosts: readonly Host[];
  config: Config;
  fleet: Fleet;
  now: number;
  /** As typed. */
  cert?: string;
  /** Domain ms. */
  within: number;
  /** What a check saw of each. */
  factsOf(host: string): Facts;
  ask(host: Host, script: string, args: readonly string[], timeout: number): Promise<ExecResult>;
}

/**
 * Looks at the certificates of these hosts now, and says what a rotation would do on each. Nothing is planned from what was known before:
 * between two looks somebody may have renewed, or replaced, anything. Throws Refusal where an authority is in the set, or nothing is.
 */
export async function planRotation(looking: Looking): Promise<RotateParams> {
  const { hosts, cert, within } = looking;
  if (hosts.length > MOST) throw new Refusal(`${hosts.length} hosts are too many for one rotation: at most ${MOST}. Take a smaller target.`);
  const looked = await Promise.all(hosts.map(async (host) => ({ host: host.name, found: await inTime(look(host, looking)) })));
  const plans = looked.map(({ host, found }) => ({ host, found, plan: 'wrong' in found ? { nothing: found.wrong } : planHost(found) }));
  const here = plans.flatMap(({ found }) => ('wrong' in found ? [] : [found]));
  if (cert !== undefined && here.length > 0 && plans.every(({ plan }) => 'nothing' in plan)) {
    const names = here.map(certNames).filter(Boolean)[0];
    throw new Refusal(`No certificate there is called ${JSON.stringify(cert)}.${names ? ` There is ${names}.` : ''}`);
  }
  return {
    ...(cert !== undefined && { cert }),
    within,
    hosts: Object.fromEntries(plans.flatMap(({ host, plan }) => ('nothing' in plan ? [] : [[host, plan] satisfies [string, HostRotation]]))),
    nothing: Object.fromEntries(plans.flatMap(({ host, plan }) => ('nothing' in plan ? [[host, plan.nothing]] : []))),
  };
}

async function look(host: Host, { config, fleet, now, cert, within, factsOf, ask }: Looking): Promise<PlanOf | { wrong: string }> {
  const { certificates, scripts } = config;
  const profiles = Object.fromEntries(Object.entries(certificates.profiles).filter(([, { hosts }]) => hostsNamed(hosts, fleet).has(host.name)));
  const extra = [
    ...certificates.paths.filter(({ hosts }) => hostsNamed(hosts, fleet).has(host.name)).flatMap(({ paths }) => paths),
    ...Object.values(profiles).flatMap(({ files = [] }) => files),
  ];
  const listeners = listenersOf(host, factsOf(host.name), certificates, fleet);
  const [read, served] = await Promise.all([
    readSeen((script, args = []) => ask(host, script, args, PATIENCE), [...new Set(extra)]),
    Promise.all(listeners.map(async (listener) => ({ listener, shown: await lookAt(listener) }))),
  ]);
  if ('wrong' in read) return { wrong: `nobody knows: ${read.wrong}` };
  return {
    ...{ host: host.name, seen: read.seen, keys: read.keys, profiles, scripts, within, now },
    ...(cert !== undefined && { cert }),
    served: served.flatMap(({ listener, shown }) => (shown ? [{ listener, ...shown }] : [])),
  };
}

/** A command waits for no host: one that is slow is left out, and says so. */
async function inTime<What>(look: Promise<What>): Promise<What | { wrong: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ wrong: string }>((resolve) => {
    timer = setTimeout(() => resolve({ wrong: `nobody knows: it did not say within ${PATIENCE / 1000} s what it has` }), PATIENCE);
  });
  return Promise.race([look, late]).finally(() => clearTimeout(timer));
}
