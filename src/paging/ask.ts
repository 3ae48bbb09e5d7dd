import { defaultsOf } from '../config/defaults.ts';
import { answeringOf } from '../escalation/answering.ts';
import { sayDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import { type Person, rank, strongestRole } from '../people.ts';
import type { Tx } from '../store/db.ts';

/** `person:ada` or `service:web`, for a name somebody typed. Throws Refusal with who there is. */
export function recipientNamed(
  ops: Pick<Ops, 'config' | 'fleet' | 'people'>,
  name: string,
  actor: Person,
  near: (name: string, all: Iterable<string>) => string,
): string {
  const people = ops.people().filter(({ machine }) => !machine);
  const services = [...answeringOf(ops.config(), ops.fleet()).services.keys()];
  const wanted = name.toLowerCase();
  const person = wanted === 'me' ? people.find((one) => one.name === actor.name) : people.find((one) => one.name.toLowerCase() === wanted);
  if (person) return `person:${person.name}`;
  if (wanted === 'me') throw new Refusal(`Nobody under people in the configuration is ${actor.name}, so no way to reach you is known. Ask an admin.`);
  const service = services.find((one) => one.toLowerCase() === wanted);
  if (service) return `service:${service}`;
  const all = [...people.map((one) => one.name), ...services];
  throw new Refusal(
    `Nobody and nothing here is called "${name}".${near(name, all)} There are ${people.map((one) => one.name).join(', ')}${services.length > 0 ? `, and for what somebody answers: ${services.join(', ')}` : ''}.`,
  );
}

/** Anyone may raise the alarm, and nobody without a role without end; what they type at once is counted one after the other. Throws Refusal with when the next is possible. */
export async function refuseTooMany(ops: Pick<Ops, 'config' | 'clock'>, tx: Tx, actor: Person): Promise<void> {
  const role = strongestRole(actor);
  if (rank(role) >= rank('operator')) return;
  const defaults = defaultsOf(ops.config());
  const most = role === 'known' ? defaults['page.known_per_hour'] : defaults['page.unknown_per_hour'];
  await tx.query(`select pg_advisory_xact_lock(hashtext('pages of ' || $1))`, [actor.name]);
  const now = ops.clock.now();
  const sent = await tx.query<{ id: string; opened: Date; state: string }>(
    `select id, opened, state from pages where by = $1 and opened > $2 and policy -> 'drill' is null order by opened`,
    [actor.name, new Date(now - HOUR)],
  );
  const [oldest] = sent.slice(-most);
  if (sent.length < most || !oldest) return;
  const open = sent.filter(({ state }) => state === 'open').map(({ id }) => id);
  throw new Refusal(
    `${most === 1 ? 'One page' : `${most} pages`} an hour ${role === 'known' ? 'for somebody without a role' : 'for somebody nobody here knows'}: the next is possible in ${sayDuration(oldest.opened.getTime() + HOUR - now)}.${
      open.length > 0
        ? ` ${open.join(', ')} still ${open.length === 1 ? 'asks' : 'ask'}, and ${open.length === 1 ? 'does' : 'do'} not stop until somebody answers.`
        : ''
    }`,
  );
}

const HOUR = 3_600_000;
