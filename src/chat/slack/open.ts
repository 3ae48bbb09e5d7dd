import { Refusal } from '../../lib/refusal.ts';
import type { ChatRoom, ChatWorld } from '../room.ts';

/** Connects to Slack. */
export async function openSlack(_world: ChatWorld): Promise<ChatRoom> {
  throw new Refusal('This Holdfast is not yet able to speak to Slack. Take the section `slack` out of holdfast.yaml.');
}
