import type { Card } from '../chat/card.ts';

/** What `show` answers: the same for people and for programs. */
export interface Listed {
  card: Card;
  json: Record<string, unknown>;
}
