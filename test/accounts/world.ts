import { onTestFinished } from 'vitest';
import { commands } from '../../commands/index.ts';
import { openAccounts } from '../../src/accounts/open.ts';
import type { Command } from '../../src/chat/command.ts';
import { runDispatch } from '../../src/chat/dispatch.ts';
import { openLines } from '../../src/chat/lines.ts';
import { machinesOf } from '../../src/config/automation.ts';
import type { Config } from '../../src/config/schema.ts';
import { openTell } from '../../src/deliver/tell.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { uniqueId } from '../../src/lib/ids.ts';
import type { Ops } from '../../src/ops.ts';
import { targetsIn } from '../../src/reading/targets.ts';
import { hostsOf } from '../../src/rooms.ts';
import type { Db } from '../../src/store/db.ts';
import { load } from '../config/folder.ts';
import { kept } from '../store/quiet.ts';

/** What a line came to. */
export interface Answered {
  outcome: string;
  title: string;
  /** Everything that can be read in it. */
  text: string;
  buttons: { label: string; command: string }[];
}

/** As if nobody had ever said hello. The audit keeps what it has. */
export async function forgetContacts(db: Db): Promise<void> {
  for (const table of ['links', 'links_removed', 'link_requests', 'hello_codes', 'hello_tries', 'group_members', 'group_looks', 'messages', 'rules'])
    await db.query(`delete from ${table}`);
}

/** Who may do what, through the real inbox, dispatch and commands, over real rows; what runs on hosts is left out. */
export async function contact(
  db: Db,
  text: string,
  more: {
    members?: (group: string) => Promise<string[]>;
    lookUp?: (email: string) => Promise<string | undefined>;
    commands?: readonly Command[];
    unheard?: (place: { channel: string }) => Promise<string | undefined>;
  } = {},
) {
  const [before] = await db.query<{ id: string }>(`select coalesce(max(id), 0) as id from audit`);
  const log = kept();
  const clock = startClock();
  let { config, fleet, people } = await load(text);
  const accounts = await openAccounts({
    db,
    log,
    now: clock.now,
    config: () => config,
    declared: () => people,
    machines: () => machinesOf(config),
    members: more.members ?? (async () => []),
    ...(more.lookUp && { lookUp: more.lookUp }),
  });
  const shared = { config: (): Config => config, fleet: (): Fleet => fleet };
  const targets = targetsIn(db, shared);
  const ops = {
    ...shared,
    clock,
    log,
    commands: () => more.commands ?? commands.filter(({ sandboxOnly }) => !sandboxOnly),
    people: accounts.people,
    targets,
    hostsOf: hostsOf({ targets }),
    known: async () => new Map(),
    tell: openTell({ log, config: shared.config, people: accounts.people }),
    records: db,
    connections: { all: () => [] },
    stop: { state: () => ({ stopped: false }), set: () => ({ card: { title: 'Stopped.' } }), lift: () => ({ card: { title: 'Going on.' } }) },
  } as unknown as Ops;
  const holder = `here:${uniqueId()}`;
  const dispatch = await runDispatch({ db, ops, holder, person: accounts.acting, ...(more.unheard && { unheard: more.unheard }) });
  const lines = await openLines({ db, log, now: clock.now, wakeDispatch: dispatch.wake });
  const waiting = new Map<string, () => void>();
  const unlisten = await db.listen('shown', (payload) => waiting.get(payload)?.());
  onTestFinished(async () => {
    await unlisten();
    await lines.close();
    await dispatch.close();
    await accounts.close();
  });

  /** Types a line with an account (`slack:U012AB3CD`), or as somebody at a terminal or a program over HTTP (`terminal:ada`). */
  async function say(who: string, typed: string, place: { channel?: string; groups?: string[]; eventId?: string; alone?: true } = {}): Promise<Answered> {
    const [, platform = '', user = ''] = /^(\w+):(.*)$/.exec(who) ?? [];
    const chat = platform === 'slack' || platform === 'discord';
    const id = await lines.take({
      eventId: place.eventId ?? uniqueId(),
      actor: chat ? (accounts.people().find((one) => one[platform] === user)?.name ?? who) : user,
      place: {
        platform: platform as 'slack',
        channel: place.channel ?? 'C0SOMEWHERE',
        zone: 'UTC',
        ...(chat && { user }),
        ...(place.groups && { groups: place.groups }),
        ...(place.alone && { alone: true }),
      },
      text: typed,
    });
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        db.query<{ state: string }>(`select state from inbox where id = $1`, [id]).then(([row]) => {
          if (row?.state === 'taken') return;
          waiting.delete(`line:${id}`);
          resolve();
        }, reject);
      };
      waiting.set(`line:${id}`, look);
      look();
    });
    const [line] = await db.query<{ outcome: string | null; state: string }>(`select outcome, state from inbox where id = $1`, [id]);
    const [message] = await db.query<{ body: { card?: CardLike; document?: unknown } }>(`select body from messages where inbox_id = $1 order by id`, [id]);
    const card = message?.body.card ?? (message?.body.document as { card?: CardLike } | undefined)?.card ?? {};
    return {
      outcome: line?.outcome ?? line?.state ?? 'nothing',
      title: card.title ?? '',
      text: [card.title, ...(card.body ?? []), ...(card.fields ?? []).flatMap(({ name, value }) => [name, value])].join('\n'),
      buttons: card.actions ?? [],
    };
  }
  return {
    say,
    log,
    clock,
    accounts,
    ops,
    /** Another configuration is in force. */
    async reload(next: string): Promise<void> {
      ({ config, fleet, people } = await load(next));
      await accounts.refresh();
    },
    /** What people were told without having asked, the newest last. */
    told: async () =>
      (
        await db.query<{ person: string | null; place: { user?: string }; body: { card: CardLike } }>(
          `select person, place, body from messages where inbox_id is null order by id`,
        )
      ).map(({ person, place, body }) => ({ to: person ?? place.user, title: body.card.title ?? '', buttons: body.card.actions ?? [] })),
    links: () => db.query(`select platform, user_id as "user", person, how, by, admin from links order by platform, user_id`),
    audit: async () =>
      (
        await db.query<{ who: string; command: string; outcome: string }>(`select who, command, outcome from audit where id > $1 order by id`, [before?.id])
      ).map(({ who, command, outcome }) => `${who}: ${command} ${outcome}`),
  };
}

interface CardLike {
  title?: string;
  body?: string[];
  fields?: { name: string; value: string }[];
  actions?: { label: string; command: string }[];
}
