import type { Card } from '../chat/card.ts';
import type { Place } from '../chat/command.ts';
import type { Tell } from '../deliver/tell.ts';
import { foldSome } from '../fleet/target/fold-some.ts';
import { atMost } from '../rollout/plan-say.ts';
import type { Queries, Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { type ApproverWorld, approversOf } from './approvers.ts';
import { minutes, subject, title } from './card-words.ts';
import { clip } from './host-lines.ts';
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

/** What would be done to whom and for whom it is asked, why a second person is needed, and the word that says yes. */
async function request(db: Queries, run: RunRow, ring: number): Promise<Card> {
  const rows = await db.query<{ does: string; hosts: string[] }>(
    `select planned ->> 'does' as does, jsonb_agg(host order by position) as hosts from run_hosts where run = $1 and ring = $2 and wave is not null
     group by 1 order by min(position) limit 4`,
    [run.id, ring],
  );
  const notes = await db.query<{ note: string; hosts: string[] }>(
    `select note, jsonb_agg(host order by position) as hosts from run_hosts, jsonb_array_elements_text(planned -> 'notes') with ordinality as said (note, nth)
     where run = $1 and ring = $2 and wave is not null and jsonb_typeof(planned -> 'notes') = 'array' group by 1 order by min(position), min(nth) limit 3`,
    [run.id, ring],
  );
  const { name, approval } = run.plan.rings[ring] ?? { name: '', approval: [] };
  const reasons = approval.length > 0 ? approval : ['it missed its hour'];
  return {
    title: title(
      `${run.id} waits for your approval: ${subject(run, 80)}`,
      `, ${run.size === 1 ? '1 host' : `${run.size} hosts`}${name ? `, ring ${name}` : ''}`,
      150,
    ),
    tone: 'attention',
    body: [
      `asked by ${run.by}${run.because ? `, because ${run.because}` : ''}`,
      ...rows.slice(0, 3).map(({ does, hosts }) => clip(`${foldSome(hosts, 80)}: ${does}`, 200)),
      ...(rows.length > 3 ? ['… and more: show the plan'] : []),
      ...notes.map(({ note, hosts }) => clip(`${foldSome(hosts, 80)}: ${note}`, 200)),
      clip(`at most ${atMost(run.plan)} at once, predicted ${minutes(run.prediction.p50)}`),
      clip(`a second person is needed: ${reasons.join('; ')}`, 300),
    ],
    actions: [
      { label: 'Approve', command: `approve ${run.id} plan ${run.hash.slice(0, 8)}`, style: 'primary' },
      { label: 'Look', command: `show ${run.id}` },
      { label: 'Stop', command: `stop ${run.id}`, style: 'danger' },
    ],
  };
}
