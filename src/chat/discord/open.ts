import { Refusal } from '../../lib/refusal.ts';
import type { ChatRoom, ChatWorld } from '../room.ts';

/** Connects to Discord. */
export async function openDiscord(_world: ChatWorld): Promise<ChatRoom> {
  throw new Refusal('This Holdfast is not yet able to speak to Discord. Take the section `discord` out of holdfast.yaml.');
}
