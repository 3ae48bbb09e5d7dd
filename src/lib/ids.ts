import { randomBytes, randomUUID } from 'node:crypto';

/** Names one logged error to a person: `e-4f9c02ab`. */
export const errorId = (): string => `e-${randomBytes(4).toString('hex')}`;

/** An id nobody else has made: event ids of the terminal, intents, lease holders. */
export const uniqueId = (): string => randomUUID();

/** What addresses and feeds name a public thing by: 12 characters of 0-9a-z, not guessed from its id. */
export const publicCode = (): string => [...randomBytes(12)].map((byte) => (byte % 36).toString(36)).join('');
