import type { Targets } from '../fleet/fleet.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import { type Person, rank } from '../people.ts';
import type { Command, Reply } from './command.ts';
import { fieldsOf } from './options.ts';

type TargetsOf = Ops['targets'];

/**
 * Every host a scoped person touches must lie in one of their scopes; a part is not silently left out. A command that writes
 * without asking for any host is bound to none and no scope would hold it: `refuseUnlooked`.
 */
export function inScopes(
  here: Pick<Ops, 'targets'>,
  ops: Pick<Ops, 'targets'>,
  scopes: readonly string[],
  command: Command,
): { targets: TargetsOf; refuseUnlooked(reply: Reply, actor: Person): void } {
  let looked = false;
  const targets: TargetsOf = async (expression, actor) => {
    looked = true;
    return bounded(await here.targets(expression, actor), await namesIn(ops, scopes, actor), (outside) => {
      const where = scopes.join(', ');
      return `"${command.name}" needs the role ${command.role} on every host; ${actor.name} has it on ${where} only, and ${outside} outside. Name fewer hosts, or ask an admin.`;
    });
  };
  return {
    targets,
    refuseUnlooked(reply, actor) {
      if (!reply.write || looked || command.unscoped || rank(command.role) <= rank('known')) return;
      throw new Refusal(`"${command.name}" acts on everything, and ${actor.name} has the role ${command.role} on ${scopes.join(', ')} only. Ask an admin.`);
    },
  };
}

/**
 * What is typed in a bound channel concerns the hosts it is bound to, whoever types it: it is read by those who know these hosts,
 * and a slip of the channel must not touch others. Ids count as the hosts they are about. Stopping is never in the wrong place.
 */
export async function inChannel(
  ops: Pick<Ops, 'targets'>,
  channel: string,
  target: string,
  { command, actor, options }: { command: Command; actor: Person; options: unknown },
): Promise<TargetsOf> {
  if (command.name === 'stop') return ops.targets;
  const targets: TargetsOf = async (expression, who) =>
    bounded(await ops.targets(expression, who), await namesIn(ops, [target], who), (outside) => {
      return `This channel (${channel} in holdfast.yaml) concerns ${target}, and ${outside} outside. Nothing was done. Name fewer hosts, or type it where it belongs.`;
    });
  for (const id of idsIn(command, options)) {
    const known = await ops.targets(`@${id}`, actor).catch((error: unknown) => {
      // No such run: what the command says of that is better.
      if (!(error instanceof Refusal)) throw error;
    });
    if (known) await targets(`@${id}`, actor);
  }
  return targets;
}

/** Runs and holds a line names. */
function idsIn(command: Command, options: unknown): string[] {
  return fieldsOf(command).flatMap((field) => {
    const value = (options as Record<string, unknown>)[field.name];
    const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
    return field.ids && typeof id === 'string' && /^[RH]\d+$/.test(id) ? [id] : [];
  });
}

async function namesIn(ops: Pick<Ops, 'targets'>, expressions: readonly string[], actor: Person): Promise<Set<string>> {
  const names = new Set<string>();
  for (const expression of expressions) for (const host of (await ops.targets(expression, actor)).hosts) names.add(host.name);
  return names;
}

function bounded(found: Targets, allowed: ReadonlySet<string>, says: (outside: string) => string): Targets {
  const outside = found.hosts.filter((host) => !allowed.has(host.name));
  if (outside.length === 0) return found;
  throw new Refusal(says(`${outside[0]?.name}${outside.length > 1 ? ` and ${outside.length - 1} more are` : ' is'}`));
}
