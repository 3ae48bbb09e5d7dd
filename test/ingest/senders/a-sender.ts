import { type ConfigInput, ConfigSchema } from '../../../src/config/schema.ts';
import type { From } from '../../../src/ingest/senders/told.ts';

export const NOW = Date.UTC(2026, 10, 26, 15);

type IntegrationInput = NonNullable<ConfigInput['integrations']>[string];

/** An integration of this kind, called as its kind; `web` is the one service somebody answers for. */
export function sender(kind: IntegrationInput['kind'], said: Partial<IntegrationInput> = {}): From {
  const config = ConfigSchema.parse({ integrations: { it: { kind, key: 'k'.repeat(32), ...said } } });
  return { name: 'it', said: config.integrations['it'] as From['said'], isService: (name) => name === 'web', now: NOW, wall: NOW };
}
