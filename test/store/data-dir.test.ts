import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeDataDir } from '../../src/store/data-dir.ts';
import { exportTo } from '../../src/store/export.ts';
import { openDb } from '../../src/store/open.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { temporary } from '../engines.ts';
import { kept, quiet } from './quiet.ts';

describe('the data directory', () => {
  test('is made for its owner alone', () => {
    const dataDir = join(temporary('data-dir'), 'data');
    makeDataDir(dataDir, quiet);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  test.each([0o777, 0o1777, 0o703])('is refused when everyone may write to it (%o): who replaces what lies in it commands the fleet', (mode) => {
    const dataDir = join(temporary('data-dir'), 'open');
    mkdirSync(dataDir);
    chmodSync(dataDir, mode);
    expect(() => makeDataDir(dataDir, quiet)).toThrow(/Everyone on this machine can write .*chmod 700/);
  });

  test.skipIf(process.getuid?.() !== 0)("of somebody else is taken, and said (needs root to make it somebody's)", () => {
    const dataDir = join(temporary('data-dir'), 'theirs');
    mkdirSync(dataDir, { mode: 0o700 });
    chownSync(dataDir, 65_534, 65_534);
    const log = kept();
    makeDataDir(dataDir, log);
    expect(log.said).toEqual([expect.objectContaining({ level: 'warn', message: expect.stringMatching(/belongs to another user/) })]);
  });
});

test('an export writes into nothing that was laid under its name beforehand', async () => {
  const db = await openDb({ memory: true, log: quiet });
  const folder = temporary('export-place');
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'as it was');
  symlinkSync(victim, join(folder, 'out.gz.half'));
  await exportTo(db, join(folder, 'out.gz'));
  await db.close();
  expect(readFileSync(victim, 'utf8')).toBe('as it was');
  expect(statSync(join(folder, 'out.gz')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(folder, 'out.gz.half'))).toBe(false);
});

test.each(['postgres://u:12/hunter2@h/d', 'postgres://u:12#hunter2@h/d', 'postgres://u:hunter2/x@h/d'])(
  'a password that makes %s unreadable is not said',
  async (databaseUrl) => {
    const error = await openPostgres({ databaseUrl, log: quiet }).catch((one: Error) => one);
    expect((error as Error).message).toMatch(/DATABASE_URL/);
    expect((error as Error).message).not.toMatch(/12|hunter/);
  },
);
