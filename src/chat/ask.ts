import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { authorise } from './authorise.ts';
import type { Place, Reply } from './command.ts';
import { parseLine } from './parse.ts';

/**
 * What a command that only shows would answer now, without an inbox row: for a GET, which changes nothing. Authorised like a
 * typed line. Refuses one that would write.
 */
export async function askOnly(ops: Ops, text: string, actor: Person, place: Place): Promise<Reply> {
  const context = { platform: place.platform, now: ops.clock.now(), zone: place.zone, isHost: (name: string) => ops.fleet().hosts.has(name) };
  const { command, options } = parseLine(text, ops.commands(), context);
  authorise(actor, command);
  const reply = await command.run({ options: options as never, actor, place }, ops);
  if (reply.write) throw new Refusal(`"${command.name}" changes something, and this only shows.`);
  return reply;
}
