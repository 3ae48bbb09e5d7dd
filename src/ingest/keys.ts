import { createHash, timingSafeEqual } from 'node:crypto';
import { type Machine, machineName, machinesOf } from '../config/automation.ts';
import type { Config } from '../config/schema.ts';
import type { Person } from '../people.ts';
import { Wrong } from './wrong.ts';

/** A program that has shown its key. */
export interface Caller {
  actor: Person;
  machine: Machine;
}

/**
 * Who asks, by the key they send: `Authorization: Bearer KEY`, or where a client can send nothing but a URL with a password in
 * it (Zincati), Basic with the key as the password. Compared in the same time whatever was sent, and never logged.
 */
export function callerOf(config: Config, authorization: string | undefined, accepts: 'bearer' | 'bearer or basic' = 'bearer'): Caller {
  const sent = keyIn(authorization, accepts);
  if (sent === undefined) throw new Wrong(401, 'A key is needed.', { do: 'Send "Authorization: Bearer KEY", with a key of `automation` in holdfast.yaml.' });
  const wanted = digest(sent);
  let found: string | undefined;
  for (const [name, { key }] of Object.entries(config.automation)) if (timingSafeEqual(digest(key.reveal()), wanted)) found = name;
  const actor = found === undefined ? undefined : machinesOf(config).find(({ name }) => name === machineName(found as string));
  if (found === undefined || !actor)
    throw new Wrong(401, 'This key is not known.', { do: 'Look under `automation` in holdfast.yaml; after a change, tell Holdfast with SIGHUP.' });
  return { actor, machine: config.automation[found] as Machine };
}

function keyIn(authorization: string | undefined, accepts: string): string | undefined {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S{1,4096})$/i.exec(authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic' || !accepts.includes('basic')) return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1) || undefined;
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();
