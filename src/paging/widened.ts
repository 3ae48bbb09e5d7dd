import type { Place } from '../chat/command.ts';
import type { Tx } from '../store/db.ts';
import type { PageRow } from './rows.ts';
import type { PagingWorld } from './world.ts';

/** Nobody has answered so far: it is said where everybody reads, in the channel bound to news of pages, else of incidents, and where it was asked. */
export async function postWidened(tx: Tx, world: PagingWorld, page: PageRow, at: number): Promise<void> {
  const config = world.config();
  const bound = Object.values(config.channels);
  const found = bound.find(({ news }) => news?.includes('page')) ?? bound.find(({ news }) => news?.includes('incident'));
  const zone = config.timezone;
  const places: Place[] = [
    ...(found?.slack === undefined ? [] : [{ platform: 'slack' as const, channel: found.slack, zone }]),
    ...(found?.discord === undefined ? [] : [{ platform: 'discord' as const, channel: found.discord, zone }]),
  ];
  const card = {
    title: `Nobody has answered ${page.id}: ${page.text}`.slice(0, 300),
    tone: 'bad' as const,
    body: ['Everyone who may act is asked now. It goes on until somebody has it.'],
    actions: [
      { label: 'I have it', command: `ack ${page.id}`, style: 'primary' as const },
      { label: 'Look', command: `show ${page.id}` },
    ],
  };
  for (const place of places) await world.tell.tell(tx, { key: `page:${page.id} widened ${page.round} ${place.platform}`, to: { place }, card, at });
}
