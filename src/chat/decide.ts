import { withoutCode } from '../accounts/hello-code.ts';
import { errorId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import type { InboxRow } from '../store/inbox.ts';
import { authorise } from './authorise.ts';
import { type Bound, boundTo } from './bindings.ts';
import type { Card } from './card.ts';
import type { Command, Place } from './command.ts';
import type { Answer } from './commit.ts';
import { impliedHere } from './implied.ts';
import { ownedBy } from './own-channels.ts';
import { parseLine } from './parse.ts';
import { greet, isStranger } from './stranger.ts';
import { inChannel, inScopes } from './within.ts';

/** A line whose handling killed the process this often is ended with an error id instead of killing it again. */
const TRIES = 4;

export interface DecideWorld {
  ops: Ops;
  /** Why an answer in this place would be heard by nobody; nothing where it would be. */
  unheard?(place: Place): Promise<string | undefined>;
}

/** What a line comes to: parsed, looked at for role, scope and channel, and its command run. Throws nothing; writes nothing. */
export async function decide(row: InboxRow, actor: Person, { ops, unheard }: DecideWorld): Promise<Answer> {
  let wantsJson = /\bjson\b/i.test(row.text);
  let strict = false;
  try {
    if (row.tries > TRIES) throw new Error(`handling this line ended the process ${row.tries - 1} times`);
    const context = { platform: row.platform, now: ops.clock.now(), zone: row.place.zone, isHost: (name: string) => ops.fleet().hosts.has(name) };
    const parsed = parseLine(row.text, ops.commands(), context);
    wantsJson = parsed.json;
    strict = parsed.strict;
    const command: Command = parsed.command;
    const allowed = authoriseIn(row.place, actor, command, ops);
    const nobody = await unheard?.(row.place);
    if (nobody !== undefined) throw new Refusal(nobody);
    const bound = boundTo(ops.config, row.place) ?? (await besideOwn(ops, row.place));
    const options = await impliedHere(ops.records, command, parsed.options as Record<string, unknown>, row.place);
    const here = bound?.targets === undefined ? ops : { ...ops, targets: await inChannel(ops, bound.name, bound.targets, { command, actor, options }) };
    const scope = allowed.everywhere ? undefined : inScopes(here, ops, allowed.scopes, command);
    const reply = await command.run({ options: options as never, actor, place: row.place }, scope ? { ...here, targets: scope.targets } : here);
    scope?.refuseUnlooked(reply, actor);
    return { json: undefined, outcome: 'ok', ...reply, wantsJson, strict };
  } catch (error) {
    if (error instanceof Refusal) {
      const refused = { ...refuse(error), wantsJson };
      return isStranger(actor, row.place) ? { ...refused, card: greet(refused.card, row.place, ops.people()) } : refused;
    }
    const id = errorId();
    ops.log.error({ err: error, id, line: withoutCode(row.text), actor: actor.name }, 'a command failed');
    const card: Card = {
      title: `Something of ours failed while handling this (${id}).`,
      tone: 'bad',
      body: ['Nothing was changed. The log has the details under that id.'],
    };
    return { card, json: { error: id }, outcome: 'failed', wantsJson, strict, errorId: id };
  }
}

/** A channel that was made for one thing is bound to what the one beside it is bound to. */
async function besideOwn(ops: Ops, { platform, channel }: Place): Promise<Bound | undefined> {
  const owner = await ownedBy(ops.records, { platform, channel });
  return owner && boundTo(ops.config, { platform, channel: owner.beside });
}

/** Like `authorise`; where Discord says nothing of somebody's roles, that is said with the refusal. */
function authoriseIn({ platform, groups }: Place, actor: Person, command: Command, { config }: Pick<Ops, 'config'>): ReturnType<typeof authorise> {
  try {
    return authorise(actor, command);
  } catch (error) {
    if (!(error instanceof Refusal) || platform !== 'discord' || groups !== undefined || !config().discord?.groups) throw error;
    throw new Refusal(`${error.message} If a role on Discord gives it to you: type it in a channel of the server; in direct messages Discord names no roles.`);
  }
}

export function refuse(refusal: Refusal): Answer & { card: Card } {
  return {
    card: { title: refusal.message, tone: 'attention' },
    json: { refused: refusal.message },
    outcome: 'refused',
    wantsJson: false,
    strict: false,
  };
}
