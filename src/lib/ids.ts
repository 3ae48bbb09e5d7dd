import { randomBytes, randomUUID } from 'node:crypto';

/** Names one logged error to a person: `e-4f9c02ab`. */
export const errorId = (): string => `e-${randomBytes(4).toString('hex')}`;

/** An id nobody else has made: event ids of the terminal, intents, lease holders. */
export const uniqueId = (): string => randomUUID();
