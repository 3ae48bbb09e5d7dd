import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Host } from '../../fleet/host.ts';
import type { Ops } from '../../ops.ts';
import { type Person, rank } from '../../people.ts';
import { audit } from '../../store/audit.ts';
import type { Db, Tx } from '../../store/db.ts';
import { placeOf } from '../ask.ts';
import { bodyOf } from '../body.ts';
import { inTime } from '../in-time.ts';
import { type Caller, callerOf } from '../keys.ts';
import { Wrong } from '../wrong.ts';
import { lendSlot, takeBack } from './lend.ts';
import type { WhichHost } from './which-host.ts';

export interface FleetLockWorld extends Pick<Ops, 'config' | 'fleet' | 'people' | 'hostsOf' | 'tell' | 'stop' | 'clock' | 'targets'> {
  db: Db;
  whichHost: WhichHost;
}

const Params = z.object({
  client_params: z.object({
    id: z.string().min(1).max(200),
    group: z
      .string()
      .max(100)
      .regex(/^[a-zA-Z0-9.-]+$/, 'must be letters, digits, `.` and `-`'),
  }),
});

/** The protocol of https://coreos.github.io/zincati/development/fleetlock/protocol: 200 or not, and why as kind and value. */
export function serveFleetLock(app: Hono, world: FleetLockWorld): void {
  app.post('/v1/pre-reboot', async (c) => {
    const { caller, host, group, fleetlock } = await clientOf(c, world);
    const { actor } = caller;
    const lending = world.db.tx(async (tx) => {
      const at = world.clock.now();
      const wanted = { host, group, atOnce: fleetlock.at_once, by: actor.name, ask: fleetlock.ask, at };
      const answer = await lendSlot(tx, world, wanted);
      if (answer.lend && !answer.again) await noteDown(tx, actor, `fleetlock pre-reboot ${host.name}`, at);
      return answer;
    });
    const lent = await inTime(lending, unavailable);
    if (lent.lend) return c.json({ host: host.name, budgets: lent.budgets });
    throw new Wrong(409, lent.because, { more: { kind: lent.kind } });
  });
  app.post('/v1/steady-state', async (c) => {
    const { caller, host } = await clientOf(c, world);
    const { actor } = caller;
    const giving = world.db.tx(async (tx) => {
      const at = world.clock.now();
      const gave = await takeBack(tx, host.name, { by: actor.name, evidence: `${host.name} said that it is well (${actor.name})`, at });
      if (gave) await noteDown(tx, actor, `fleetlock steady-state ${host.name}`, at);
    });
    await inTime(giving, unavailable);
    return c.json({ host: host.name });
  });
}

export const isFleetLock = (path: string): boolean => path === '/v1/pre-reboot' || path === '/v1/steady-state';

/** Clients of this protocol read two words: a kind, and what a person makes of it. */
export function asKind(error: Wrong): { kind: string; value: string } {
  const kind = error.more.kind ?? { 400: 'bad_request', 401: 'unauthorized', 403: 'not_allowed', 413: 'bad_request' }[error.status as 400] ?? 'unavailable';
  return { kind: String(kind), value: [error.message, error.why, error.remedy].filter(Boolean).join(' ') };
}

const unavailable = (why: string): Wrong => new Wrong(503, why, { do: 'Ask again: it is done once.' });

/** Who asks for which host, and that it may. */
async function clientOf(
  c: Context,
  world: FleetLockWorld,
): Promise<{ caller: Caller; host: Host; group: string; fleetlock: NonNullable<Caller['machine']['fleetlock']> }> {
  if (c.req.header('fleet-lock-protocol') !== 'true') throw new Wrong(400, 'The header "fleet-lock-protocol: true" is missing.');
  const caller = callerOf(world.config(), c.req.header('authorization'), 'bearer or basic');
  const { fleetlock } = caller.machine;
  if (!fleetlock) throw new Wrong(403, `${caller.actor.name} may not take slots: there is no \`fleetlock\` under it in holdfast.yaml.`);
  const { id, group } = (await bodyOf(c, Params)).client_params;
  const host = await world.whichHost(id, fleetlock.hosts);
  await refuseOutside(world, caller.actor, host);
  if (fleetlock.groups) {
    const target = Object.hasOwn(fleetlock.groups, group) ? fleetlock.groups[group] : undefined;
    if (target === undefined) throw new Wrong(403, `There is no FleetLock group ${group} for ${caller.actor.name} in holdfast.yaml.`);
    if (!(await within(world, target, host))) throw new Wrong(403, `${host.name} is not in the FleetLock group ${group} (${target}).`);
  }
  return { caller, host, group, fleetlock };
}

/** The role with its scope, as for a typed line (promise 12). */
async function refuseOutside(world: FleetLockWorld, actor: Person, host: Host): Promise<void> {
  for (const { role, scope } of actor.roles) {
    if (rank(role) >= rank('operator') && (scope === undefined || (await within(world, scope, host)))) return;
  }
  throw new Wrong(403, `${actor.name} does not have the role operator on ${host.name}.`);
}

const within = async (world: FleetLockWorld, target: string, { name }: Host): Promise<boolean> => (await world.hostsOf(target)).has(name);

async function noteDown(tx: Tx, actor: Person, command: string, at: number): Promise<void> {
  await audit(tx, { at, who: actor.name, place: placeOf(actor), command, outcome: 'ok' });
}
