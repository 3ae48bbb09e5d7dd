import type { Card } from '../chat/card.ts';
import type { Line, Reply } from '../chat/command.ts';
import { personName } from '../config/fields.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Person } from '../people.ts';
import type { Queries, Tx } from '../store/db.ts';
import { isCode, WRONG_BY_ONE, WRONG_IN_ALL } from './hello-code.ts';
import { type Account, nameOf, putLink } from './links.ts';

/** Somebody who shows the one-time code. */
export interface Hello {
  account: Account;
  actor: Person;
  code: string;
  /** Who they say they are, where it is not plain. */
  as?: string;
  people: readonly Person[];
}

/**
 * Whoever has the code had the shell of the machine a moment ago, and could do anything there: their account becomes an admin's. A
 * wrong code, a used one and none at all are answered alike; each try is one row, and only as many are taken as guessing needs not.
 */
export async function sayHello(db: Queries, hello: Hello): Promise<Reply> {
  const person = whoIs(hello);
  const { account } = hello;
  const tries = await wrongBy(db, account);
  if (tries >= WRONG_BY_ONE) return wrong(async () => undefined);
  const [open] = await db.query<{ id: string; hash: string; rev: number }>(
    `select id, hash, rev from hello_codes where state = 'open' and expires_until > now() and wrong < ${WRONG_IN_ALL}`,
  );
  const right = open !== undefined && /^\d{6}$/.test(hello.code) && (await isCode(hello.code, open.hash));
  if (!right) return wrong((tx) => countWrong(tx, account, open));
  return {
    card: {
      title: `Hello ${person}. This account is yours now, and an admin.`,
      tone: 'good',
      body: ['Type help for what there is. Others say who they are, and you confirm them.'],
    },
    json: { person, account: nameOf(account), role: 'admin' },
    write: async (tx: Tx, line: Line) => {
      // Somebody was quicker, with this code or with a wrong one: this try did not happen.
      if (!(await moveOn(tx, open, `state = 'used'`))) throw new Refusal('That was not the moment: somebody else tried a code too. Say it again.');
      await putLink(tx, { ...account, person, how: 'hello', admin: true, by: hello.actor.name, at: line.at });
      return undefined;
    },
  };
}

/** The person the account is or becomes. Nothing of the code is looked at yet. */
function whoIs({ account, as, people }: Hello): string {
  const known = people.find((person) => person[account.platform] === account.user);
  if (known && as !== undefined && as !== known.name) throw new Refusal(`This account is ${known.name}'s already. Say hello without "as".`);
  if (known) return known.name;
  const free = people.filter((person) => person[account.platform] === undefined);
  if (as !== undefined) {
    if (people.some(({ name }) => name === as) && !free.some(({ name }) => name === as))
      throw new Refusal(`${as} has another account on this platform already. An admin takes it away with: remove link.`);
    const form = personName().safeParse(as);
    if (!form.success) throw new Refusal(`"${as}" ${form.error.issues[0]?.message ?? 'is no name for a person'}.`);
    return as;
  }
  if (free.length === 1 && free[0]) return free[0].name;
  const whom =
    free.length > 0
      ? free
          .slice(0, 8)
          .map(({ name }) => name)
          .join(', ')
      : 'a name of yours';
  throw new Refusal(`Say who you are as well: hello CODE as ${free[0]?.name ?? 'ada'} (${whom}). The code was not looked at.`);
}

async function wrongBy(db: Queries, { platform, user }: Account): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*)::int as n from hello_tries where platform = $1 and user_id = $2 and wall_at > now() - interval '1 hour'`,
    [platform, user],
  );
  return row?.n ?? 0;
}

/** One answer for whatever is wrong with it: how near somebody was is nobody's business. */
function wrong(write: (tx: Tx) => Promise<undefined>): Reply {
  const card: Card = {
    title: 'That code opens nothing.',
    tone: 'attention',
    body: [
      `It may be mistyped, used, older than a day, or tried too often (${WRONG_BY_ONE} times an hour from one account).`,
      'Whoever has the shell of the machine makes another: npx holdfast hello',
    ],
  };
  return { card, json: { refused: card.title }, outcome: 'refused', write };
}

async function countWrong(tx: Tx, { platform, user }: Account, open: { id: string; rev: number } | undefined): Promise<undefined> {
  await tx.query(`insert into hello_tries (platform, user_id) values ($1, $2)`, [platform, user]);
  if (open && !(await moveOn(tx, open, `wrong = wrong + 1`))) throw new Refusal('That was not the moment: somebody else tried a code too. Say it again.');
  return undefined;
}

async function moveOn(tx: Tx, open: { id: string; rev: number }, to: string): Promise<boolean> {
  const moved = await tx.query(`update hello_codes set rev = rev + 1, ${to} where id = $1 and rev = $2 and state = 'open' returning 1`, [open.id, open.rev]);
  return moved.length > 0;
}
