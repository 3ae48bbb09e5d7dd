import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { startClock } from '../src/lib/clocks.ts';
import { readStop, stopFile, writeStop } from '../src/stop.ts';
import { openStopSwitch } from '../src/stop-switch.ts';
import type { Db } from '../src/store/db.ts';
import { openDb } from '../src/store/open.ts';
import { temporary } from './engines.ts';
import { quiet } from './store/quiet.ts';

/** A database that can be away, and that says when its listening connection was made again. */
async function flaky() {
  const real = await openDb({ memory: true, log: quiet });
  const hearers: (() => void)[] = [];
  let away = false;
  const ask = <Result>(work: () => Promise<Result>): Promise<Result> => (away ? Promise.reject(new Error('the database is away')) : work());
  const db: Db = {
    ...real,
    query: (sql, params) => ask(() => real.query(sql, params)),
    tx: (work) => ask(() => real.tx(work)),
    listen(channel, hear) {
      hearers.push(() => hear(''));
      return real.listen(channel, hear);
    },
  };
  return {
    db,
    real,
    goAway: () => (away = true),
    comeBack() {
      away = false;
      for (const hear of hearers) hear();
    },
  };
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function world() {
  const database = await flaky();
  closing.push(() => database.real.close());
  const dataDir = temporary('stop');
  const open = async (dir = dataDir) => {
    const opened = await openStopSwitch({ db: database.db, dataDir: dir, clock: startClock(), log: quiet });
    closing.push(() => opened.close());
    return opened;
  };
  const row = async (): Promise<{ by: string } | null | undefined> =>
    (await database.real.query<{ value: { by: string } | null }>(`select value from meta where key = 'stop'`))[0]?.value;
  return { ...database, dataDir, open, row };
}

describe('the halt', () => {
  test('set while the database is away it holds, is not lifted when the database comes back, and is then told to the others', async () => {
    const { open, goAway, comeBack, dataDir, row } = await world();
    const here = await open();
    goAway();
    writeStop(dataDir, { by: 'ada', at: '2026-11-20T10:00:00.000Z', because: 'the disk is full' });
    await expect.poll(() => here.state()).toMatchObject({ stopped: true, by: 'ada' });
    comeBack();
    await expect.poll(row, { timeout: 5000 }).toMatchObject({ by: 'ada' });
    expect(here.state()).toMatchObject({ stopped: true, by: 'ada' });
    expect(readStop(dataDir)).toMatchObject({ by: 'ada' });
  });

  test('typed, with a transaction that fails, it holds here and reaches the others all the same', async () => {
    const { open, real, row } = await world();
    const here = await open();
    const there = await open(temporary('elsewhere'));
    const { write } = here.set('ada', 'testing');
    await real
      .tx(async (tx) => {
        await write?.(tx, {} as never);
        throw new Error('the audit could not be written');
      })
      .catch(() => {});
    expect(here.state()).toMatchObject({ stopped: true });
    await expect.poll(() => there.state(), { timeout: 5000 }).toMatchObject({ stopped: true, by: 'ada', because: 'testing' });
    expect(await row()).toMatchObject({ by: 'ada' });
  });

  test('go lifts it everywhere; a go that was rolled back lifts it nowhere', async () => {
    const { open, real, dataDir } = await world();
    const here = await open();
    const elsewhere = temporary('elsewhere');
    const there = await open(elsewhere);
    await real.tx((tx) => here.set('ada').write?.(tx, {} as never) as Promise<undefined>);
    await expect.poll(() => there.state()).toMatchObject({ stopped: true });

    await real
      .tx(async (tx) => {
        await here.lift().write?.(tx, {} as never);
        throw new Error('rolled back');
      })
      .catch(() => {});
    expect(here.state()).toMatchObject({ stopped: true });
    expect(readStop(dataDir)).toBeDefined();

    await real.tx((tx) => here.lift().write?.(tx, {} as never) as Promise<undefined>);
    await expect.poll(() => [here.state().stopped, there.state().stopped]).toEqual([false, false]);
    await expect.poll(() => [readStop(dataDir), readStop(elsewhere)]).toEqual([undefined, undefined]);
  });

  test('found at a start it is in force from the first moment, and told', async () => {
    const { open, dataDir, row } = await world();
    writeStop(dataDir, { by: 'pepe', at: '2026-11-20T10:00:00.000Z' });
    expect((await open()).state()).toMatchObject({ stopped: true, by: 'pepe' });
    expect(await row()).toMatchObject({ by: 'pepe' });
  });

  test.each(['', 'null', '{}', '[]', '{"by":1}', 'stop!', '{"by":"ada","at":"yesterday"}'])(
    'a file that holds %j stops, too, and is the same stop each time it is read',
    (text) => {
      const dataDir = temporary('stop');
      writeFileSync(stopFile(dataDir), text);
      expect(readStop(dataDir)).toMatchObject({ by: 'somebody' });
      expect(readStop(dataDir)).toEqual(readStop(dataDir));
    },
  );
});
