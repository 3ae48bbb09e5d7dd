import type { Db } from '../../store/db.ts';
import { toJsonb } from '../../store/json.ts';
import type { Channel, ChannelName } from '../channel.ts';
import type { MessageBody } from '../messages.ts';

/**
 * A device of the sandbox's people: each of their channels is printed on the one terminal, `to ada by sms (id m17): …`, by the row that
 * the terminal is shown. The key makes it one row, whatever is tried again.
 */
export function printedChannel(name: ChannelName, { db, home, reaches, now }: { db: Db; home: string; reaches: Channel['reaches']; now(): number }): Channel {
  return {
    name,
    timeout: 10_000,
    reaches,
    async send(person, { key, card: whole, text }) {
      // What these carry on a real telephone, too.
      const card = name === 'sms' || name === 'voice' ? { title: text } : whole;
      const body: MessageBody = { card, to: { person: person.name, by: name } };
      const place = { platform: 'terminal', channel: home, zone: person.zone };
      const [row] = await db.tx(async (tx) => {
        const made = await tx.query<{ id: string }>(
          `insert into messages (key, platform, channel, place, person, body, made) values ($1, 'terminal', $2, $3, $4, $5, $6)
           on conflict (key) do update set key = excluded.key returning id`,
          [`page:${key}`, home, toJsonb(place), person.name, toJsonb(body), new Date(now())],
        );
        await tx.notify('shown', 'message');
        return made;
      });
      return { sent: true, id: `m${row?.id}` };
    },
  };
}
