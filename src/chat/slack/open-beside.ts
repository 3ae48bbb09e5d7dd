import type { Beside, Sent } from '../../deliver/messenger.ts';
import type { Log } from '../../ops.ts';
import type { Calls } from './calls.ts';
import { codeOf } from './failures.ts';

/** Names tried before there is none: somebody else has channels of that name. */
const NAMES = 5;
/** Slack: characters of a name. */
const LONGEST = 80;
/** Pages of a thousand channels that are looked through for one of ours. */
const PAGES = 20;

/** Makes the channel of a mark, or finds it where it was made before, and asks people in. Throws what the SDK throws. */
export async function openBeside(calls: Calls, log: Log, beside: string, { name, topic, mark, invite }: Beside): Promise<Sent> {
  const { channel: home } = await calls.call((web) => web.conversations.info({ channel: beside }));
  // Whoever was kept out of that one would read in this one what is said there.
  if (home?.is_private) return { sent: false, why: 'no', says: 'the channel beside it is private, and one beside it would be open to everybody' };
  const channel = await make(calls, name, mark);
  if (channel === undefined) return { sent: false, why: 'no', says: `name_taken: other channels are called ${name}` };
  await calls.call((web) => web.conversations.setPurpose({ channel, purpose: purposeOf(mark) }));
  const courtesies = [
    () => calls.call((web) => web.conversations.setTopic({ channel, topic })),
    ...invite.map((user) => () => calls.call((web) => web.conversations.invite({ channel, users: user }))),
  ];
  for (const courtesy of courtesies)
    await courtesy().catch((error: unknown) => {
      const code = codeOf(error);
      if (code === undefined) throw error;
      if (code !== 'already_in_channel') log.warn({ channel, says: code }, 'a channel was made for an incident, and not everything of it could be set up');
    });
  return { sent: true, id: channel, url: `https://slack.com/app_redirect?channel=${channel}` };
}

const purposeOf = (mark: string): string => `Holdfast made this channel for one incident (${mark}).`;

async function make(calls: Calls, wanted: string, mark: string): Promise<string | undefined> {
  for (let n = 1; n <= NAMES; n++) {
    const name = n === 1 ? wanted : `${wanted.slice(0, LONGEST - 2)}-${n}`;
    try {
      const { channel } = await calls.call((web) => web.conversations.create({ name }));
      if (channel?.id) return channel.id;
    } catch (error) {
      if (codeOf(error) !== 'name_taken') throw error;
    }
    const ours = await find(calls, name, mark);
    if (ours !== undefined) return ours;
  }
  return undefined;
}

/** The channel of this name, if it is the one of this mark: made by us, and its purpose says so or says nothing yet. */
async function find(calls: Calls, name: string, mark: string): Promise<string | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const { channels, response_metadata } = await calls.call((web) =>
      web.conversations.list({ limit: 1000, types: 'public_channel', ...(cursor && { cursor }) }),
    );
    const found = channels?.find((one) => one.name === name);
    if (found) {
      const purpose = found.purpose?.value ?? '';
      return found.creator === calls.bot().user && (purpose === '' || purpose === purposeOf(mark)) ? found.id : undefined;
    }
    cursor = response_metadata?.next_cursor;
    if (!cursor) return undefined;
  }
  return undefined;
}
