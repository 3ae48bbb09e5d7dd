import type { Card } from '../chat/card.ts';
import type { Place } from '../chat/command.ts';
import type { Tell } from '../deliver/tell.ts';
import { foldNames } from '../fleet/target/fold.ts';
import type { Queries, Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { type ApproverWorld, approversOf } from './approvers.ts';
import type { RunRow } from './rows.ts';

/** What people are told of a run without having asked. */
export interface Announce {
  /** Everybody who may say yes to this ring, at once: no digest, no quiet hours. */
  approval(tx: Tx, run: RunRow, ring: number, at: number): Promise<void>;
  /** Something was done outside the usual way: everybody who could have been asked hears of it. */
  loud(tx: Tx, run: RunRow, says: string, at: number): Promise<void>;
  /** Whose run it is. */
  owner(tx: Tx, run: RunRow, key: string, card: Card, at: number): Promise<void>;
}

export function announcer(tell: Tell, world: ApproverWorld): Announce {
  const all = async (tx: Tx, run: RunRow, ring: number): Promise<string[]> => approversOf(tx, world, run, ring);
  return {
    async approval(tx, run, ring, at) {
      const people = (await all(tx, run, ring)).filter((name) => name !== run.by);
      await record(tx, { thing: run.id, type: 'approval asked', data: { ring, people }, by: 'holdfast', at });
      const card = await request(tx, run, ring);
      const asked = `${run.id} approval ${ring} ${run.asked_at?.getTime() ?? ''}`;
      for (const person of people) await tell.tell(tx, { key: `run:${asked} ${person}`, to: { person }, card, asked: run.place as unknown as Place, at });
    },
    async loud(tx, run, says, at) {
      const card: Card = { title: says, tone: 'attention', actions: [{ label: 'Stop', command: `stop ${run.id}`, style: 'danger' }] };
      for (const person of await all(tx, run, 0))
        await tell.tell(tx, { key: `run:${run.id} loud ${at} ${person}`, to: { person }, card, asked: run.place as unknown as Place, at });
    },
    owner: (tx, run, key, card, at) =>
      tell.tell(tx, { key: `run:${run.id} ${key} ${run.owner}`, to: { person: run.owner }, card, asked: run.place as unknown as Place, at }),
  };
}

/** Who asks for what, why a second person is needed, and the word that says yes. */
async function request(db: Queries, run: RunRow, ring: number): Promise<Card> {
  const rows = await db.query<{ host: string }>(`select host from run_hosts where run = $1 and ring = $2 and wave is not null order by position limit 60`, [
    run.id,
    ring,
  ]);
  const { name, approval } = run.plan.rings[ring] ?? { name: '', approval: [] };
  const hosts = foldNames(rows.map(({ host }) => host));
  return {
    title: `${run.by} asks: ${run.job} ${run.plan.expression}, ${run.size === 1 ? '1 host' : `${run.size} hosts`}${name ? `, ring ${name}` : ''}`.slice(0, 150),
    tone: 'attention',
    body: [
      hosts.length > 200 ? `${hosts.slice(0, 199)}…` : hosts,
      ...(run.because ? [`because ${run.because}`] : []),
      ...approval.map((reason) => `needs a second person: ${reason}`),
    ],
    actions: [
      { label: 'Approve', command: `approve ${run.id} plan ${run.hash.slice(0, 8)}`, style: 'primary' },
      { label: 'Look', command: `show ${run.id}` },
      { label: 'Stop', command: `stop ${run.id}`, style: 'danger' },
    ],
  };
}
