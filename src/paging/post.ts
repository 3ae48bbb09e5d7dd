import type { Place } from '../chat/command.ts';
import type { Tx } from '../store/db.ts';
import type { Decided } from './look.ts';
import type { PagingWorld } from './world.ts';

/**
 * What is said where everybody reads: a step that names a channel, and that nobody has answered so far, in the channel bound to news of pages,
 * else of incidents.
 */
export async function postInChannels(tx: Tx, world: PagingWorld, { page, next }: Decided, at: number): Promise<void> {
  const { channels, timezone: zone } = world.config();
  const bound = Object.keys(channels);
  const home = bound.find((name) => channels[name]?.news?.includes('page')) ?? bound.find((name) => channels[name]?.news?.includes('incident'));
  const says = next.widened ? 'Everyone who may act is asked now. It goes on until somebody has it.' : 'It goes on until somebody has it.';
  const card = {
    title: `${next.widened ? `Nobody has answered ${page.id}` : `${page.id} asks for somebody`}: ${page.text}`.slice(0, 300),
    tone: 'bad' as const,
    body: [says],
    actions: [
      { label: 'I have it', command: `ack ${page.id}`, style: 'primary' as const },
      { label: 'Look', command: `show ${page.id}` },
    ],
  };
  for (const name of new Set([...next.posts, ...(next.widened && home !== undefined ? [home] : [])])) {
    const { slack, discord } = channels[name] ?? {};
    const places: Place[] = [
      ...(slack === undefined ? [] : [{ platform: 'slack' as const, channel: slack, zone }]),
      ...(discord === undefined ? [] : [{ platform: 'discord' as const, channel: discord, zone }]),
    ];
    for (const place of places) await world.tell.tell(tx, { key: `page:${page.id} ${next.round} ${name} ${place.platform}`, to: { place }, card, at });
  }
}
