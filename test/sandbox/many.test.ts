import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkContract } from '../../src/fleet/scripts/contract.ts';
import { type Many, serveMany } from '../../src/sandbox/many.ts';
import { CHECK, configOf, login } from './client.ts';

let dir: string;
let many: Many;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'many-'));
  many = await serveMany({ dir, count: 5000 });
});
afterAll(async () => {
  await many.close();
  await rm(dir, { recursive: true });
});

describe('five thousand hosts behind one port', () => {
  test('are named one by one in the configuration', async () => {
    const hosts = (await configOf(many)).hosts ?? {};
    expect(Object.keys(hosts)).toHaveLength(5000);
    expect(hosts.sim0042).toMatchObject({ address: '127.0.0.1', port: many.port, user: 'sim0042' });
  });

  test('answer each for itself, by the contract, the same again later', async () => {
    const ask = async (host: string): Promise<string> => {
      const session = await login(many, host, { port: many.port, username: host });
      const { stdout } = await session.exec('sh -s', CHECK);
      session.end();
      expect(checkContract(stdout)).toEqual([]);
      return /^boot_id=(.*)$/m.exec(stdout)?.[1] as string;
    };
    const ids = await Promise.all(['sim0001', 'sim2500', 'sim5000'].map(ask));
    expect(new Set(ids).size).toBe(3);
    expect(await ask('sim2500')).toBe(ids[1]);
    expect(many.load().answered).toBe(4);
  });

  test('are no more than that', async () => {
    await expect(login(many, 'sim0001', { port: many.port, username: 'sim5001' })).rejects.toThrow('All configured authentication methods failed');
  });
});
