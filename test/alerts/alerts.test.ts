import { describe, expect, test } from 'vitest';
import { alertsAtWork } from './alerts-at-work.ts';

const MINUTE = 60_000;

describe('an alert', () => {
  test('makes one page to whoever answers for its host, with an incident; what is sent again changes nothing, and resolved it is over', async () => {
    const work = await alertsAtWork();
    expect(await work.fires('web01.example.org:9100')).toEqual({ fired: 1, again: 0, resolved: 0, acknowledged: 0 });
    expect(await work.pages()).toEqual(['PG1 open web: web01: HTTP 5xx']);
    expect(work.took().filter((line) => line.includes('to ada'))).toEqual([expect.stringContaining('PG1: web01: HTTP 5xx')]);
    expect(await work.fires('web01.example.org:9100')).toEqual({ fired: 0, again: 1, resolved: 0, acknowledged: 0 });
    expect(await work.pages()).toHaveLength(1);
    expect((await work.events('INC-1')).map(({ type, data }) => [type, data['severity'] ?? data['page']])).toEqual([
      ['opened', 'major'],
      ['paged', 'PG1'],
    ]);
    await work.resolves('web01.example.org:9100');
    expect(await work.pages()).toEqual(['PG1 resolved web: web01: HTTP 5xx']);
    expect(work.took().some((line) => line.includes('PG1 is over: prometheus says it is over'))).toBe(true);
  });

  test('of one service within minutes come together on one page, which says how many and which, and is over with the last of them', async () => {
    const work = await alertsAtWork();
    await work.fires('web01');
    await work.fires('web03');
    await work.fires('web04', { summary: 'disk full' });
    expect(await work.pages()).toEqual(['PG1 open web: 3 alerts of web on web[01,03-04]: HTTP 5xx (2), disk full']);
    await work.resolves('web01');
    expect(await work.pages()).toEqual(['PG1 open web: 2 alerts of web on web[03-04]: HTTP 5xx, disk full']);
    await work.resolves('web03');
    await work.resolves('web04', { summary: 'disk full' });
    expect((await work.pages())[0]).toContain('PG1 resolved');
  });

  test('after an answer a new one asks anew; so does one minutes later, and one that is more pressing than the page', async () => {
    const work = await alertsAtWork();
    await work.fires('web01');
    await work.type('ack PG1', 'ada');
    await work.fires('web02');
    await work.pass(11 * MINUTE);
    await work.fires('web03');
    await work.fires('web04', { urgency: 'critical' });
    expect((await work.pages()).map((page) => page.slice(0, 14))).toEqual(['PG1 acked web:', 'PG2 open web: ', 'PG3 open web: ', 'PG4 open web: ']);
  });

  test('of a dead parent and all its guests is one page to whoever answers for the parent, whatever came first', async () => {
    const work = await alertsAtWork();
    await work.take({ hosts: ['web01'] }, { hosts: ['db01'], summary: 'no connection' });
    expect(await work.pages()).toHaveLength(2);
    await work.fires('kvm01', { summary: 'does not answer' });
    expect(await work.pages()).toEqual([
      'PG1 resolved web: web01: HTTP 5xx',
      'PG2 resolved db: db01: no connection',
      'PG3 open kvm: kvm01 and 2 guests (db01,web01): does not answer',
    ]);
    await work.type('ack PG3', 'kim');
    await work.fires('web02');
    expect((await work.pages())[2]).toBe('PG3 acked kvm: kvm01 and 3 guests (db01,web[01-02]): does not answer');
    await work.fires('web03');
    expect(await work.pages()).toHaveLength(4);
  });

  test('of a parent that is ill and not dead swallows none of its guests, acknowledged or not', async () => {
    const work = await alertsAtWork();
    await work.fires('kvm01', { summary: 'DiskFull' });
    await work.type('ack PG1', 'kim');
    await work.db.query(`insert into facts (host, reach, asked) values ('kvm01', 'auth', $1)`, [new Date(work.clock.now())]);
    await work.fires('db01', { summary: 'DB down' });
    expect(await work.pages()).toEqual(['PG1 acked kvm: kvm01: DiskFull', 'PG2 open db: db01: DB down']);
    await work.db.query(`update facts set reach = 'unroutable' where host = 'kvm01'`);
    await work.fires('web01');
    await work.fires('web02');
    expect((await work.pages())[2]).toMatch(/^PG3 open kvm: kvm01 and 2 guests \(web\[01-02\]\)/);
  });

  test('that becomes more pressing asks anew, whoever has the page it was on; one that becomes less changes nothing', async () => {
    const work = await alertsAtWork();
    await work.take({ hosts: ['web01'], urgency: 'low', dedup: 'disk', summary: 'disk 80 %' }, { hosts: ['web02'], urgency: 'low' });
    await work.type('ack PG1', 'ada');
    expect(await work.take({ hosts: ['web01'], urgency: 'critical', dedup: 'disk', summary: 'disk 99 %' })).toMatchObject({ fired: 0, again: 1 });
    expect(await work.pages()).toEqual(['PG1 acked web: web02: HTTP 5xx', 'PG2 open web: web01: disk 99 %']);
    expect(await work.db.query(`select urgency from pages where id = 'PG2'`)).toEqual([{ urgency: 'critical' }]);
    await work.take({ hosts: ['web02'], urgency: 'critical' });
    await work.take({ hosts: ['web02'], urgency: 'high' });
    expect(await work.pages()).toEqual(['PG1 resolved web: web02: HTTP 5xx', 'PG2 open web: 2 alerts of web on web[01-02]: disk 99 %, HTTP 5xx']);
  });

  test('that somebody has in hand over there rests its page, when it is the only one that burns', async () => {
    const work = await alertsAtWork();
    await work.take({ hosts: ['web01'] }, { hosts: ['web02'] });
    await work.take({ hosts: ['web01'], state: 'acknowledged' });
    expect((await work.pages())[0]).toContain('PG1 open');
    await work.take({ hosts: ['web02'], state: 'acknowledged' });
    expect((await work.pages())[0]).toContain('PG1 acked');
  });
});
