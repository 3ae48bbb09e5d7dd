import { openCode, takeInCode } from '../accounts/hello-file.ts';
import { type Accounts, openAccounts } from '../accounts/open.ts';
import { machinesOf } from '../config/automation.ts';
import type { Loaded } from '../config/load.ts';
import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { openPresence, type Presence } from './presence.ts';
import { slackAccountOf, slackMembers } from './slack/ask.ts';

/** Who is who, and where they can be answered. */
export interface Contact extends Pick<Accounts, 'people' | 'acting' | 'ofLogin'>, Pick<Presence, 'unheard' | 'everywhere'> {
  /** A one-time code for the first admin. */
  hello(): Promise<string>;
  /** After the start and after each new configuration: finds accounts by e-mail, and says where the bot is missing before anybody needs it there. */
  lookAround(): Promise<void>;
}

/** `chat`: this process may ask the platforms, and takes in a code that waits in its data directory. What has to be closed again is put on `closing`. */
export async function openContact(
  world: { db: Db; log: Log; now(): number; dataDir: string; chat: boolean; loaded(): Loaded },
  closing: (() => unknown)[],
): Promise<Contact> {
  const { db, log, now, chat } = world;
  const config = () => world.loaded().config;
  const accounts = await openAccounts({
    db,
    log,
    now,
    config,
    declared: () => world.loaded().people,
    machines: () => machinesOf(config()),
    members: (group) => slackMembers(config(), group),
    ...(chat && { lookUp: (email) => slackAccountOf(config(), email) }),
  });
  closing.push(accounts.close);
  const { unheard, everywhere } = openPresence({ config, log });
  if (chat) await takeInCode(db, world.dataDir);
  return {
    people: accounts.people,
    acting: accounts.acting,
    ofLogin: accounts.ofLogin,
    unheard,
    everywhere,
    hello: () => openCode(db),
    async lookAround() {
      await accounts.refresh().catch((error: unknown) => log.warn({ err: error }, 'whose accounts are whose could not be looked at'));
      if (!chat) return;
      for (const { channel, platform, present, failed } of await everywhere()) {
        if (failed !== undefined) log.warn({ err: failed, channel, platform }, 'whether the bot is in a channel could not be asked');
        else if (present && !present.present) log.warn({ channel, platform }, `invite me: ${present.says}`);
        else if (present?.lacks !== undefined) log.warn({ channel, platform }, present.lacks);
      }
    },
  };
}
