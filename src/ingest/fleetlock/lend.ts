import { defaultsOf } from '../../config/defaults.ts';
import type { Host } from '../../fleet/host.ts';
import type { Ops } from '../../ops.ts';
import type { World } from '../../rollout/shapes.ts';
import { windowAt, windowsByHost } from '../../rollout/windows.ts';
import { exclusionsFor } from '../../rules/exclusions.ts';
import { openIncidents } from '../../runs/incidents.ts';
import { placementFacts, plannedFacts } from '../../runs/planned-facts.ts';
import { giveBack, lockFleet, takeSlots } from '../../runs/slots.ts';
import type { Tx } from '../../store/db.ts';
import { record } from '../../store/events.ts';
import { heldSlots } from '../../store/slots.ts';
import { armTimer } from '../../store/timers.ts';
import { decideLending, expected, LENT, type Lending } from './decide.ts';
import { forget, park } from './park.ts';

export type LendWorld = Pick<Ops, 'config' | 'fleet' | 'people' | 'hostsOf' | 'tell' | 'stop'>;

export interface Wanted {
  host: Host;
  group: string;
  atOnce: number;
  /** Whoever takes it: `machine:zincati`, or the person who lends it. */
  by: string;
  /** The configuration leaves every slot to a person. */
  ask: boolean;
  /** A person decides: nobody else is asked. */
  person?: boolean;
  at: number;
}

export type Lent = (Lending & { lend: true; budgets: string[] /** It had it already. */; again: boolean }) | (Lending & { lend: false });

/** A host that held its slot for so many times what is expected is said to hold it still. */
const STALE = 3;

/**
 * Takes a slot for a host that reboots itself: decided and taken under the fleet's lock, with the same guards and budgets as runs. One
 * that has it is told so again, unless nothing may begin any more.
 */
export async function lendSlot(tx: Tx, world: LendWorld, wanted: Wanted): Promise<Lent> {
  const { host, group, at, by } = wanted;
  await lockFleet(tx);
  const [seen, held] = [await worldNow(tx, world, host, at), await heldSlots(tx)];
  const since = new Map<string, number>();
  for (const slot of held) if (slot.run === LENT && !since.has(slot.host)) since.set(slot.host, slot.taken.getTime());
  const has = since.has(host.name);
  const known = new Map([...(await placementFacts(tx)), ...(await plannedFacts(tx, [host.name]))]);
  const lending = decideLending({
    host,
    group,
    atOnce: wanted.atOnce,
    lent: [...since].map(([name, from]) => ({ host: name, since: from })),
    by,
    fleet: world.fleet(),
    groups: world.config().groups,
    known,
    world: { ...seen, held },
  });
  if (!lending.lend) return lending;
  if (has) return { ...lending, again: true };
  const reasons = [...(wanted.ask ? ['holdfast.yaml says so'] : []), ...lending.grave];
  if (!wanted.person && reasons.length > 0) return { lend: false, kind: 'waits_for_person', because: await park(tx, world, wanted, reasons) };
  const rev = await record(tx, { thing: LENT, type: 'lent', data: { host: host.name, group, budgets: lending.budgets }, by, at });
  await takeSlots(tx, LENT, [{ host: host.name, intent: `${LENT}-${host.name}-${rev}`, budgets: lending.budgets }], at);
  await armTimer(tx, { kind: LENT, ref: host.name, due: at + STALE * expected(seen) });
  await forget(tx, host.name);
  return { ...lending, again: false };
}

/** The client says that it is well: that is the evidence. Fine where nothing was lent. Answers whether something was. */
export async function takeBack(tx: Tx, host: string, said: { by: string; evidence: string; at: number }): Promise<boolean> {
  await lockFleet(tx);
  await forget(tx, host);
  const [held] = await tx.query(`select 1 from slots where run = $1 and host = $2 and given_back is null limit 1`, [LENT, host]);
  if (!held) return false;
  await giveBack(tx, { run: LENT, hosts: [host], evidence: said.evidence, at: said.at });
  await tx.query(`delete from timers where kind = $1 and ref = $2`, [LENT, host]);
  await record(tx, { thing: LENT, type: 'given back', data: { host, evidence: said.evidence }, by: said.by, at: said.at });
  return true;
}

/** What else is true, as for a run over this one host. */
async function worldNow(tx: Tx, world: LendWorld, host: Host, now: number): Promise<Omit<World, 'held'>> {
  const config = world.config();
  const defaults = defaultsOf(config);
  const stop = world.stop.state();
  const rules = await exclusionsFor({ records: tx, fleet: world.fleet }, { job: 'reboot', hosts: [host] });
  const window = windowAt(windowsByHost(config.windows, world.fleet(), config.timezone).get(host.name), now, expected({ defaults }));
  const grave = (await openIncidents(tx)).filter(({ severity, hosts }) => severity !== 'minor' && hosts.includes(host.name));
  return {
    now,
    ...(stop.stopped && { stopped: { by: stop.by, ...(stop.because !== undefined && { because: stop.because }) } }),
    incidents: grave.map(({ id, severity, title }) => ({ id, severity: severity as 'major', title })),
    windows: window ? { [host.name]: window } : {},
    freeMb: {},
    poolOf: {},
    excluded: Object.fromEntries(rules.excluded),
    zone: config.timezone,
    defaults,
  };
}
