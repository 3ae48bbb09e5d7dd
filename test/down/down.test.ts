import { describe, expect, test } from 'vitest';
import { lookAtHosts } from '../../src/down/look.ts';
import type { Banner } from '../../src/fleet/ssh/banner.ts';
import { alertsAtWork } from '../alerts/alerts-at-work.ts';

const refused: Banner = { reach: 'refused', detail: '127.0.0.1 port 22 refused the connection' };

/** Looks from places of ours at hosts that answer, or do not, as a test says. */
async function lookingAt() {
  const work = await alertsAtWork();
  const gone = new Map<string, Set<string>>();
  const look = async (...places: string[]) => {
    for (const place of places) {
      const missed = gone.get(place) ?? new Set();
      await lookAtHosts({ ...work.ops, db: work.db, place, look: async ({ name }) => (missed.has(name) ? refused : { reach: 'ok' }) });
    }
    await work.pass(30_000);
  };
  return { ...work, look, goes: (place: string, ...hosts: string[]) => gone.set(place, new Set(hosts)) };
}

describe('hosts that stop answering', () => {
  test('are paged for at the second miss, known as down, written into their incident, and over when they answer twice', async () => {
    const work = await lookingAt();
    await work.look('here');
    work.goes('here', 'web01');
    await work.look('here');
    expect(await work.pages()).toEqual([]);
    await work.look('here');
    expect(await work.pages()).toEqual(['PG1 open web: web01: does not answer']);
    expect(work.took().some((line) => line.includes('to ada') && line.includes('PG1: web01: does not answer'))).toBe(true);
    expect(await work.db.query(`select host, reach from facts`)).toEqual([{ host: 'web01', reach: 'refused' }]);
    expect(await work.db.query(`select host, down is not null as down, up is not null as up, source from incident_hosts`)).toEqual([
      { host: 'web01', down: true, up: false, source: 'down' },
    ]);
    work.goes('here');
    await work.look('here');
    expect((await work.pages())[0]).toContain('PG1 open');
    await work.look('here');
    expect((await work.pages())[0]).toContain('PG1 resolved');
    expect(await work.db.query(`select reach, findings from facts`)).toEqual([{ reach: 'ok', findings: [] }]);
    expect(await work.db.query(`select up is not null as up from incident_hosts`)).toEqual([{ up: true }]);
  });

  test('with their parent are one page to whoever answers for the parent, guests listed', async () => {
    const work = await lookingAt();
    work.goes('here', 'kvm01', 'web01', 'web02', 'db01');
    await work.look('here');
    await work.look('here');
    expect(await work.pages()).toEqual(['PG1 open kvm: kvm01 and 3 guests (db01,web[01-02]): does not answer']);
  });

  test('are believed where two places miss them, if two look', async () => {
    const work = await lookingAt();
    work.goes('here', 'mon01');
    for (let n = 0; n < 3; n += 1) await work.look('here', 'there');
    expect(await work.pages()).toEqual([]);
    work.goes('there', 'mon01');
    for (let n = 0; n < 2; n += 1) await work.look('here', 'there');
    expect(await work.pages()).toEqual(['PG1 open everyone: mon01: does not answer']);
    expect((await work.db.query<{ details: { seen: string } }>(`select details from alerts`))[0]?.details.seen).toBe('from here and there');
  });

  test('a third of them at once are our own uplink: one page, no hosts; what is still gone afterwards is paged for', async () => {
    const work = await lookingAt();
    work.goes('here', 'kvm01', 'kvm02', 'mon01', 'web01', 'web02', 'web03', 'web04', 'db01');
    await work.look('here');
    await work.look('here');
    expect(await work.pages()).toEqual([expect.stringMatching(/^PG1 open everyone: 8 of 8 hosts do not answer at once, seen from here/)]);
    work.goes('here', 'web03');
    await work.look('here');
    await work.look('here');
    expect(await work.pages()).toEqual([expect.stringContaining('PG1 resolved'), 'PG2 open web: web03: does not answer']);
  });

  test('that a run disrupts are silenced by it', async () => {
    const work = await lookingAt();
    await work.db.tx(async (tx) => {
      await tx.query(
        `insert into runs (id, job, plan, hash, prediction, by, owner, place, size, planned_at, state) values ('R1', 'reboot', '{"risk":"disrupt"}', 'h', '{}', 'you', 'you', '{}', 1, $1, 'running')`,
        [new Date(work.clock.now())],
      );
      await tx.query(`insert into run_hosts (run, host, position, ring, planned, state, stamp, started) values ('R1', 'web01', 0, 0, '{}', 'going', 's', $1)`, [
        new Date(work.clock.now()),
      ]);
    });
    work.goes('here', 'web01');
    await work.look('here');
    await work.look('here');
    expect(await work.pages()).toEqual([]);
    expect(await work.db.query(`select silenced_by from alerts`)).toEqual([{ silenced_by: 'R1' }]);
  });
});
