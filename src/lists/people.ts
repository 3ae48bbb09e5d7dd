import type { ChannelName } from '../deliver/channel.ts';
import { reachedBy } from '../deliver/reaches.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Ops } from '../ops.ts';
import { strongestRole } from '../people.ts';
import type { Queries } from '../store/db.ts';
import type { Listed } from './listed.ts';

/** Days of pages that count. */
const DAYS = 90;

/** `show people`: by what each person can be reached, and how often they answered what reached them there. */
export async function peopleListed(ops: Pick<Ops, 'records' | 'config' | 'people' | 'clock' | 'sandbox'>): Promise<Listed> {
  const reaches = reachedBy(ops.config(), ops.sandbox !== undefined);
  const tried = await triedSince(ops.records, ops.clock.now() - DAYS * 86_400_000);
  const people = ops.people().map((person) => {
    const now = reaches(person);
    const before = tried.filter((one) => one.person === person.name);
    const names = [...now, ...before.map(({ channel }) => channel).filter((channel) => !now.includes(channel))];
    const channels = names.map((channel) => ({ channel, now: now.includes(channel), ...(before.find((one) => one.channel === channel) ?? NEVER) }));
    return { person: person.name, role: strongestRole(person), zone: person.zone, channels };
  });
  const mute = people.filter(({ channels }) => !channels.some(({ now }) => now)).map(({ person }) => person);
  return {
    card: {
      title:
        mute.length === 0
          ? `${people.length} people, and each can be reached`
          : `${mute.length} of ${people.length} people cannot be reached: ${mute.join(', ')}`,
      tone: mute.length === 0 ? 'good' : 'attention',
      table: {
        columns: ['person', 'by', 'sent', 'answered', 'not sent', 'usually in'],
        rows: people.flatMap(({ person, channels }) =>
          channels.length === 0
            ? [[person, 'nothing', '', '', '', '']]
            : channels.map(({ channel, now, sent, answered, failed, usual }, at) => [
                at === 0 ? person : '',
                now ? channel : `${channel} (no more)`,
                String(sent),
                sent === 0 ? '' : `${answered} (${Math.round((100 * answered) / sent)} %)`,
                String(failed),
                usual === null ? '' : sayDuration(usual),
              ]),
        ),
      },
      body: [`Pages of the last ${DAYS} days. An answer counts for the channel it came by, or for the last that was sent before it.`],
    },
    json: {
      people: people.map(({ person, role, zone, channels }) => ({
        person,
        role,
        zone,
        channels: channels.map(({ channel, now, sent, answered, failed, usual }) => ({ channel, now, sent, answered, failed, usual_ms: usual })),
      })),
    },
  };
}

interface TriedRow {
  person: string;
  channel: ChannelName;
  sent: number;
  answered: number;
  failed: number;
  /** Domain ms from sent to answered: half of the answers came sooner. */
  usual: number | null;
}

const NEVER = { sent: 0, answered: 0, failed: 0, usual: null };

const triedSince = (db: Queries, since: number): Promise<TriedRow[]> =>
  db.query<TriedRow>(
    `select person, channel, count(*) filter (where state = 'sent')::int as sent, count(answered)::int as answered,
            count(*) filter (where state = 'failed')::int as failed,
            percentile_cont(0.5) within group (order by extract(epoch from answered - sent)::float8 * 1000) filter (where answered is not null and sent is not null) as usual
     from page_attempts where not notice and due >= $1 group by person, channel order by person, channel`,
    [new Date(since)],
  );
