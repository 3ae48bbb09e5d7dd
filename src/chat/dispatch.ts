import type { Targets } from '../fleet/fleet.ts';
import { crashPoint } from '../lib/crash.ts';
import { errorId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import { type Person, rank } from '../people.ts';
import { isConflict } from '../store/conflict.ts';
import type { Db } from '../store/db.ts';
import { claimLine, type InboxRow, untilFree } from '../store/inbox.ts';
import { authorise } from './authorise.ts';
import type { Card } from './card.ts';
import type { Command } from './command.ts';
import { type Answer, commit } from './commit.ts';
import { parseLine } from './parse.ts';

/** Handled at once by one process; more wait in the inbox. */
const AT_ONCE = 8;
/** A line whose handling killed the process this often is ended with an error id instead of killing it again. */
const TRIES = 4;
/** A line that meets others at the same rows is decided so often before it waits. */
const MEETINGS = 5;
/** Wall ms before the inbox is looked at again when it could not be read. */
const UNREADABLE = 1000;

/**
 * Handles what lies in the inbox: parse, role, command, and one transaction with its effects, its audit and its answer.
 * A `Refusal` is shown word for word; any other error is logged under an id and the person sees the id.
 */
export async function runDispatch(options: {
  db: Db;
  ops: Ops;
  holder: string;
  person(name: string): Person;
  /** Whether whoever sent the line was told that it was not taken. */
  refused?(row: InboxRow): boolean;
}): Promise<{
  wake(): void;
  busy(): boolean;
  close(): Promise<void>;
}> {
  const { db, ops, holder, person } = options;
  const inHand = new Set<Promise<void>>();
  let closed = false;
  let looking: Promise<void> | undefined;
  let again = false;
  let retry: NodeJS.Timeout | undefined;
  /** A claim or a handling failed: rows may be held that nobody has in hand, and their hold has to be waited out. */
  let unsure = false;

  const wake = (): void => {
    again = true;
    if (closed) return;
    looking ??= look().finally(() => {
      looking = undefined;
      if (again && !closed && inHand.size < AT_ONCE) wake();
    });
  };
  const wakeIn = (ms: number): void => {
    clearTimeout(retry);
    if (!closed) retry = setTimeout(wake, ms).unref();
  };
  const look = async (): Promise<void> => {
    while (again && !closed) {
      again = false;
      while (!closed && inHand.size < AT_ONCE) {
        const row = await claimLine(db, holder).catch((error: unknown) => {
          if (closed) return;
          ops.log.warn({ err: error }, 'the inbox could not be read; it is tried again');
          unsure = true;
        });
        if (!row) break;
        const work = handle(row).finally(() => {
          inHand.delete(work);
          wake();
        });
        inHand.add(work);
      }
    }
    if (unsure && !closed) await comeBack();
  };
  const comeBack = async (): Promise<void> => {
    const held = await untilFree(db).catch(() => UNREADABLE);
    if (held === undefined) unsure = false;
    else wakeIn(Math.max(UNREADABLE, held + 100));
  };
  const handle = async (row: InboxRow): Promise<void> => {
    if (options.refused?.(row)) return;
    try {
      for (let meeting = 1; ; meeting++) {
        const actor = person(row.actor);
        const answer = await decide(row, actor, ops);
        crashPoint('dispatch.decided');
        try {
          if (await commit(db, row, holder, actor, answer, ops.clock.now())) crashPoint('dispatch.committed');
          return;
        } catch (error) {
          if (error instanceof Refusal) {
            await commit(db, row, holder, actor, { ...refuse(error), wantsJson: answer.wantsJson, strict: answer.strict }, ops.clock.now());
            return;
          }
          // Somebody else wrote first: decided again, it sees what they wrote.
          if (!isConflict(error) || meeting === MEETINGS) throw error;
        }
      }
    } catch (error) {
      if (closed) return;
      // The row stays taken: its hold ends and it is handled again, here or elsewhere.
      ops.log.error({ err: error, id: errorId(), line: row.text }, 'a line could not be handled and will be tried again');
      unsure = true;
    }
  };

  const unlisten = await db.listen('inbox', wake);
  wake();
  return {
    wake,
    busy: () => looking !== undefined || inHand.size > 0,
    async close() {
      closed = true;
      clearTimeout(retry);
      await unlisten();
      await looking;
      await Promise.allSettled(inHand);
    },
  };
}

async function decide(row: InboxRow, actor: Person, ops: Ops): Promise<Answer> {
  let wantsJson = /\bjson\b/i.test(row.text);
  let strict = false;
  try {
    if (row.tries > TRIES) throw new Error(`handling this line ended the process ${row.tries - 1} times`);
    const context = { platform: row.platform, now: ops.clock.now(), zone: row.place.zone, isHost: (name: string) => ops.fleet().hosts.has(name) };
    const parsed = parseLine(row.text, ops.commands(), context);
    wantsJson = parsed.json;
    strict = parsed.strict;
    const command: Command = parsed.command;
    const allowed = authorise(actor, command);
    const scope = allowed.everywhere ? undefined : within(ops, allowed.scopes, command);
    const reply = await command.run({ options: parsed.options as never, actor, place: row.place }, scope ? { ...ops, targets: scope.targets } : ops);
    if (scope && reply.write && !scope.looked() && !command.unscoped && rank(command.role) > rank('known')) {
      throw new Refusal(
        `"${command.name}" acts on everything, and ${actor.name} has the role ${command.role} on ${allowed.everywhere || allowed.scopes.join(', ')} only. Ask an admin.`,
      );
    }
    return { json: undefined, outcome: 'ok', ...reply, wantsJson, strict };
  } catch (error) {
    if (error instanceof Refusal) return { ...refuse(error), wantsJson };
    const id = errorId();
    ops.log.error({ err: error, id, line: row.text, actor: actor.name }, 'a command failed');
    const card: Card = {
      title: `Something of ours failed while handling this (${id}).`,
      tone: 'bad',
      body: ['Nothing was changed. The log has the details under that id.'],
    };
    return { card, json: { error: id }, outcome: 'failed', wantsJson, strict, errorId: id };
  }
}

function refuse(refusal: Refusal): Answer {
  return {
    card: { title: refusal.message, tone: 'attention' },
    json: { refused: refusal.message },
    outcome: 'refused',
    wantsJson: false,
    strict: false,
  };
}

/**
 * Every host a scoped person touches must lie in one of their scopes; a part is not silently left out. `looked`: whether the
 * command asked at all; one that writes without asking is bound to no hosts and no scope would hold it.
 */
function within(ops: Ops, scopes: readonly string[], command: Command): { targets: Ops['targets']; looked(): boolean } {
  let looked = false;
  const targets: Ops['targets'] = async (expression, actor) => {
    looked = true;
    const targets: Targets = await ops.targets(expression, actor);
    const allowed = new Set<string>();
    for (const scope of scopes) for (const host of (await ops.targets(scope, actor)).hosts) allowed.add(host.name);
    const outside = targets.hosts.filter((host) => !allowed.has(host.name));
    if (outside.length === 0) return targets;
    throw new Refusal(
      `"${command.name}" needs the role ${command.role} on every host; ${actor.name} has it on ${scopes.join(', ')} only, and ${outside[0]?.name}${
        outside.length > 1 ? ` and ${outside.length - 1} more are` : ' is'
      } outside. Name fewer hosts, or ask an admin.`,
    );
  };
  return { targets, looked: () => looked };
}
