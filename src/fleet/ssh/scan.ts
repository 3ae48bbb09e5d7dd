import pLimit from 'p-limit';
import type { Host } from '../host.ts';
import { handshake } from './handshake.ts';
import { fingerprint, hostKeyBook, judgeHostKey, keyType } from './host-key.ts';
import { type SshLimits, withDefaults } from './limits.ts';
import { openPool } from './pool.ts';
import { Unreached } from './unreached.ts';

/** What first contact with a host shows, for a person to confirm. The last four are empty when it was not reached. */
export interface ScannedKey {
  host: string;
  address: string;
  port: number;
  state: 'known' | 'unknown' | 'changed' | 'unreachable';
  /** Why, and what to do; absent when known. */
  detail?: string;
  keyType: string;
  /** `SHA256:…` */
  fingerprint: string;
  /** To be appended to known_hosts once confirmed. */
  line: string;
}

/**
 * Reads the key each host offers (a known one first, else its best) and has it proven; no login is tried on the hosts
 * themselves, only on the jump hosts before them. One result per host, in order; never throws for a host's sake.
 */
export async function scanHostKeys(hosts: readonly Host[], settings: SshLimits): Promise<ScannedKey[]> {
  const limits = withDefaults(settings);
  const pool = openPool(limits);
  const slots = pLimit(limits.inFlight);
  const scan = async (host: Host): Promise<ScannedKey> => {
    const about = { host: host.name, address: host.address, port: host.port };
    const book = hostKeyBook(host, limits);
    let offered: Buffer | undefined;
    const key = (blob: Buffer) => {
      offered = Buffer.from(blob);
      return true;
    };
    try {
      const { stream, done } = await pool.reach(host);
      try {
        const client = await handshake(stream, { user: host.user ?? limits.user, book, key, banner: limits.banner, auth: limits.auth });
        client.on('error', () => {});
      } finally {
        stream.destroy();
        done();
      }
    } catch (error) {
      if (!(error instanceof Unreached)) throw error;
      return { ...about, state: 'unreachable', detail: `${error.reach}: ${error.message}`, keyType: '', fingerprint: '', line: '' };
    }
    if (!offered) throw new Error(`${host.name} finished a key exchange without a key`);
    const type = keyType(offered);
    return {
      ...about,
      ...judgeHostKey(book, offered),
      keyType: type,
      fingerprint: fingerprint(offered),
      line: `${book.name} ${type} ${offered.toString('base64')}`,
    };
  };
  try {
    return await Promise.all(hosts.map((host) => slots(scan, host)));
  } finally {
    pool.close();
  }
}
