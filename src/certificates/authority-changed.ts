import { resolvePages } from '../paging/end.ts';
import type { Tx } from '../store/db.ts';
import { askForPerson } from '../store/events.ts';
import type { Was } from './changes.ts';
import { changedFinding } from './findings.ts';
import type { NoticesWorld } from './notices.ts';
import { whoseCertificate } from './whose.ts';

/** Asks at once about authorities whose key is another one, each once; those that are back are over. */
export async function askAboutAuthorities(tx: Tx, world: NoticesWorld, now: number): Promise<void> {
  const back = await tx.query<{ id: string; page: string }>(
    `select id, page from certificate_changes where authority and settled is not null and page is not null for update`,
  );
  if (back.length > 0) {
    await resolvePages(tx, { pages: back.map(({ page }) => page) }, { because: 'the authority of before is back', by: 'holdfast', at: now });
    await tx.query(`update certificate_changes set page = null where id = any ($1::bigint[])`, [back.map(({ id }) => id)]);
  }
  const open = await tx.query<{ id: string; host: string; path: string; at: Date; before: Was[]; after: Was[] }>(
    `select id, host, path, at, before, after from certificate_changes where authority and settled is null and page is null order by id`,
  );
  for (const change of open) {
    const { text } = changedFinding({ ...change, at: change.at.getTime() });
    const page = await askForPerson(tx, {
      text: `${change.host}: ${text}`,
      urgency: 'critical',
      ...whoseCertificate(world.config(), world.fleet(), await world.roster(tx), { hosts: [change.host], urgency: 'critical' }),
      more: {
        body: ['do not restart what trusts it, and do not renew leaves from it, before somebody knows who did this; a backup of the old key is what helps'],
        actions: [{ label: 'Look now', command: `certs ${change.host}` }],
      },
      by: 'holdfast',
      at: now,
    });
    await tx.query(`update certificate_changes set page = $2 where id = $1`, [change.id, page]);
  }
}
