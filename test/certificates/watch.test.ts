import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { HostCertificates } from '../../src/certificates/certificate.ts';
import { countEnding } from '../../src/certificates/counted.ts';
import { openCertificates } from '../../src/certificates/open.ts';
import { readCertsAnswer } from '../../src/certificates/read-answer.ts';
import { armCertificateWatch } from '../../src/certificates/watch.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { certificateDates } from '../../src/ingest/calendar/certificates.ts';
import { acknowledge } from '../../src/paging/answer.ts';
import { devices } from '../paging/devices.ts';
import { answer, type Made, made, oneLine } from './made.ts';

// A database of its own for each.
vi.setConfig({ testTimeout: 60_000 });

const DAY = 24 * 60;
const place = { platform: 'terminal' as const, channel: 'test', zone: 'UTC' };
let pki: Made;
beforeAll(async () => {
  pki = await made();
});

let world: Awaited<ReturnType<typeof devices>>;
let certificates: ReturnType<typeof openCertificates>;
afterEach(() => world.close());

/** People with their devices, and one host web01 that somebody answers for, or nobody. */
async function watched({ owned = true, people = ['ada', 'pepe'] } = {}): Promise<void> {
  const group = { hosts: 'web01' };
  const config = {
    ...{ timezone: 'UTC', defaults: {}, ssh: {}, channels: {}, people: {}, policies: {}, rosters: {} },
    groups: owned ? { web: { ...group, owner: 'ada' } } : {},
    services: {},
    certificates: { paths: [], listeners: [], known_ports: true, owners: [], profiles: {} },
  } as unknown as Config;
  const fleet = { hosts: new Map([['web01', { name: 'web01', groups: ['web'] }]]), groups: new Map([['web', new Set(['web01'])]]) } as unknown as Fleet;
  world = await devices({
    people,
    timers: ({ clock, roster }) => {
      certificates = openCertificates({ clock, config: () => config, fleet: () => fleet, roster, job: () => undefined });
      return certificates.timers;
    },
  });
}

/** A look at web01 found these; days count from the world's noon of 15 July. */
async function found(files: Record<string, readonly string[]>, servedOn: number[] = [], look: Partial<HostCertificates> = {}): Promise<void> {
  const read = readCertsAnswer(answer(files), 'certs v1') as Omit<HostCertificates, 'seen'>;
  const held = read.held.map((one) => ({ ...one, servedOn: one.kind === 'leaf' ? servedOn : [] }));
  const result = { host: 'web01', outcome: 'ok' as const, reach: 'ok' as const, ms: 1, certificates: { ...read, held, seen: [], ...look } };
  await world.db.tx((tx) => certificates.alsoWrong(tx, [result], new Map()));
}
const leafEnding = async (days: number): Promise<string> => {
  const until = world.clock.now() + days * DAY * 60_000;
  const { cert } = await pki.leaf({ days: (until - Date.now()) / 86_400_000 });
  return `pem=${oneLine(cert)}`;
};
const pages = () => world.db.query<{ id: string; urgency: string; state: string }>(`select id, urgency, state from pages order by length(id), id`);

describe('a certificate that nears its end', () => {
  test('goes to the owner, then to each backup, and says what it is', async () => {
    await watched();
    await found({ '/etc/nginx/site.crt': [await leafEnding(-61)] }, [443]);
    await world.wait(DAY);
    const first = world.received.slice(0, 1).map(({ person, message }) => [person, message]);
    expect(first[0]?.[0]).toBe('ada');
    expect(JSON.stringify(first[0]?.[1])).toContain('certificate web01 expired 61 d ago: web01:/etc/nginx/site.crt, served on 443');
    expect(world.received.map(({ person }) => person)).toContain('pepe');
  });

  test('of nobody goes to all admins', async () => {
    await watched({ owned: false });
    await found({ '/etc/nginx/site.crt': [await leafEnding(2)] });
    await world.wait(DAY);
    const [page] = await world.db.query<{ recipient: string | null; policy: { steps: unknown[] } }>(`select recipient, policy from pages`);
    expect(page).toMatchObject({ recipient: null, policy: { steps: [{ who: [{ is: 'role', name: 'admin' }] }] } });
    expect(world.took()).not.toEqual([]);
  });

  test('that was acknowledged is quiet until the next step, and then asks again', async () => {
    await watched();
    await found({ '/etc/nginx/site.crt': [await leafEnding(20.2)] });
    await world.wait(DAY);
    expect(await pages()).toMatchObject([{ id: 'PG1', urgency: 'low' }]);
    await world.db.tx((tx) => acknowledge(tx, { page: 'PG1', by: 'ada', place, at: world.clock.now() }));
    // The others hear that ada has it.
    await world.wait(1);
    world.took();
    await world.wait(4 * DAY);
    expect(world.took()).toEqual([]);
    await world.wait(2 * DAY);
    expect(await pages()).toMatchObject([
      { id: 'PG1', state: 'resolved' },
      { id: 'PG2', urgency: 'low', state: 'open' },
    ]);
    expect(world.took()).toContain('ada dm');
  });

  test('that has ended and is served asks at that very moment, at night too', async () => {
    await watched();
    await found({ '/etc/nginx/site.crt': [await leafEnding(0.6)] }, [443]);
    // Noon of the 15th and 14.4 hours: twenty-four minutes past two at night.
    await world.wait(14 * 60 + 20);
    world.took();
    await world.wait(10);
    expect(await pages()).toMatchObject([{ urgency: 'critical', state: 'open' }]);
    expect(world.took()).toContain('ada sms');
  });

  test('and is renewed asks nobody any more; whoever was asked hears of it', async () => {
    await watched();
    await found({ '/etc/nginx/site.crt': [await leafEnding(2)] });
    await world.wait(DAY);
    expect(await pages()).toMatchObject([{ state: 'open' }]);
    await found({ '/etc/nginx/site.crt': [await leafEnding(90)] });
    expect(await pages()).toMatchObject([{ state: 'resolved' }]);
    world.took();
    await world.wait(30 * DAY);
    expect(await pages()).toHaveLength(1);
  });
});

test('what is known of certificates stands in checks, in calendars and in the status', async () => {
  await watched();
  await found({ '/etc/nginx/site.crt': [await leafEnding(20.5)], '/etc/ssl/cut.pem': ['broken=no end'] }, [443]);
  const now = world.clock.now();
  const checked = {
    host: 'web01',
    outcome: 'ok' as const,
    reach: 'ok' as const,
    ms: 1,
    facts: { kernel: '6.1' },
    findings: [{ hazard: 'disk-full', severity: 'warning' as const, text: 'full' }],
  };
  const [result] = await world.db.tx((tx) => certificates.alsoWrong(tx, [checked], new Map()));
  expect(result?.findings?.map(({ severity, text }) => `${severity}: ${text}`)).toEqual([
    'warning: full',
    'warning: certificate web01 ends in 20 d: /etc/nginx/site.crt, served on 443',
    'warning: /etc/ssl/cut.pem has no end',
  ]);
  expect(await countEnding(world.db, now)).toEqual({ expired: 0, ending: 1 });
  const [date, ...others] = await certificateDates(world.db, now);
  expect(others).toEqual([]);
  expect(date).toMatchObject({ title: 'certificate web01 ends (web01)', alarm: 30 * DAY * 60_000 });
  expect(((date?.from ?? 0) - now) / (DAY * 60_000)).toBeCloseTo(20.5, 2);
});

test('one that ended long ago on thousands of hosts hides nothing else, and is one thing', async () => {
  await watched();
  await found({});
  // The morning has come, and its look; people are asked ten past eight.
  await world.wait(19.5 * 60);
  const wildcard = await leafEnding(-300);
  await found({ '/etc/ssl/wildcard.pem': [wildcard] });
  await world.db.query(
    `insert into certificates select (jsonb_populate_record(c, jsonb_build_object('host', 'old' || i))).* from certificates c, generate_series(1, 5000) as g (i)`,
  );
  await found({ '/etc/ssl/wildcard.pem': [wildcard], '/etc/nginx/site.crt': [await leafEnding(2)] });
  await world.wait(60);
  const asked = (await world.db.query<{ text: string }>(`select text from pages where state = 'open' order by text`)).map(({ text }) => text);
  expect(asked).toEqual([
    expect.stringMatching(/^certificate web01 ends .*: web01:\/etc\/nginx\/site\.crt$/),
    expect.stringMatching(/^certificate web01 expired .* and 5000 more places$/),
  ]);
});

describe('what one look did not see', () => {
  const silent = { seen: [{ port: 443, address: '192.0.2.1:443', wrong: 'no answer within 5 s' }] };

  test('is not renewed by that: a listener that did not answer, files it was kept out of, and what it did not come to go on asking', async () => {
    await watched();
    const [site, expired, young] = [await leafEnding(-61), await leafEnding(-1), await leafEnding(90)];
    const files = { '/etc/kubernetes/pki/apiserver.crt': [expired] };
    await found({ ...files, 'tls://web01:443': [site] }, [443]);
    await world.wait(DAY);
    const open = [{ state: 'open' }, { state: 'open' }];
    expect(await pages()).toMatchObject(open);
    await found(files, [], silent);
    await found({ 'tls://web01:443': [site] }, [443], { unread: ['/etc/kubernetes/pki'] });
    await found({ 'tls://web01:443': [site] }, [443], { more: true });
    await found({ 'tls://web01:443': [site] }, [443], { part: true });
    expect(await pages()).toMatchObject(open);
    expect(await world.db.query(`select path, served_on from certificates order by path`)).toEqual([
      { path: '/etc/kubernetes/pki/apiserver.crt', served_on: [] },
      { path: 'tls://web01:443', served_on: [443] },
    ]);
    // Moved away, and found by a whole look to be away: whoever was asked still is, until a later one stands there.
    await found({ 'tls://web01:443': [site] }, [443]);
    expect(await pages()).toMatchObject(open);
    await found({ '/etc/kubernetes/pki/apiserver.crt': [young] }, [], { seen: silent.seen });
    expect((await pages()).map(({ state }) => state).sort()).toEqual(['open', 'resolved']);
    await found({ '/etc/kubernetes/pki/apiserver.crt': [young], 'tls://web01:443': [await leafEnding(80)] }, [443]);
    expect(await pages()).toMatchObject([{ state: 'resolved' }, { state: 'resolved' }]);
  });

  test('a file that was renewed while what serves it did not answer is not yet live', async () => {
    await watched();
    await found({ '/etc/nginx/site.crt': [await leafEnding(-61)] }, [443]);
    await world.wait(DAY);
    await found({ '/etc/nginx/site.crt': [await leafEnding(90)] }, [], silent);
    expect(await pages()).toMatchObject([{ state: 'open' }]);
    await found({ '/etc/nginx/site.crt': [await leafEnding(90)] }, [443]);
    expect(await pages()).toMatchObject([{ state: 'resolved' }]);
  });
});

describe('an authority whose key is another one', () => {
  test('is asked about at once, critical, and over when the one of before is back', async () => {
    await watched();
    const ca = `pem=${oneLine(pki.authority.cert)}`;
    const impostor = `pem=${oneLine((await made()).authority.cert)}`;
    await found({ '/etc/kubernetes/pki/ca.crt': [ca] });
    await found({ '/etc/kubernetes/pki/ca.crt': [impostor] });
    await world.wait(0);
    expect(await pages()).toMatchObject([{ urgency: 'critical', state: 'open' }]);
    expect(JSON.stringify(world.received[0]?.message)).toMatch(
      /the key of the authority CN=test authority in \/etc\/kubernetes\/pki\/ca.crt is another one \(pin [0-9a-f]{12} → [0-9a-f]{12}\)/,
    );
    await found({ '/etc/kubernetes/pki/ca.crt': [impostor] });
    expect(await pages()).toHaveLength(1);
    await found({ '/etc/kubernetes/pki/ca.crt': [ca] });
    expect(await pages()).toMatchObject([{ state: 'resolved' }]);
  });

  test('is asked about also when no look saw the file in between: nothing else was on the host, or another one was in its place', async () => {
    await watched();
    const [ca, impostor] = [`pem=${oneLine(pki.authority.cert)}`, `pem=${oneLine((await made()).authority.cert)}`];
    await found({ '/etc/kubernetes/pki/ca.crt': [ca] });
    await found({});
    await world.wait(1);
    await found({ '/etc/kubernetes/pki/ca.crt': [await leafEnding(300)] });
    await world.wait(1);
    expect(await pages()).toEqual([]);
    await found({ '/etc/kubernetes/pki/ca.crt': [impostor] });
    expect(await pages()).toMatchObject([{ urgency: 'critical', state: 'open' }]);
    // The accident mended: the one of before, after it was away again.
    await found({});
    expect(await pages()).toMatchObject([{ state: 'open' }]);
    await found({ '/etc/kubernetes/pki/ca.crt': [ca] });
    expect(await pages()).toMatchObject([{ state: 'resolved' }]);
  });

  test('one that was away and is the same again is none', async () => {
    await watched();
    const ca = `pem=${oneLine(pki.authority.cert)}`;
    for (const files of [{ '/etc/ssl/ca.pem': [ca] }, {}, { '/etc/ssl/ca.pem': [ca] }]) await found(files as Record<string, string[]>);
    await world.wait(1);
    expect(await pages()).toEqual([]);
  });

  test('one that is added beside the old one, or taken away after it, changes nobody’s trust', async () => {
    await watched();
    const [old, young] = [`pem=${oneLine(pki.authority.cert)}`, `pem=${oneLine((await made()).authority.cert)}`];
    for (const file of [[old], [old, young], [young]]) await found({ '/etc/ssl/ca.pem': file });
    await world.wait(1);
    expect(await pages()).toEqual([]);
  });
});

test('the watch is armed once, and a database that lives keeps its own', async () => {
  await watched();
  const due = () => world.db.query(`select kind, due from timers where kind like 'certificates-%' order by kind`);
  await world.db.tx((tx) => armCertificateWatch(tx, world.clock.now(), 'UTC', true));
  const before = await due();
  expect(before).toHaveLength(2);
  await world.db.tx((tx) => armCertificateWatch(tx, world.clock.now() + 60_000, 'UTC'));
  expect(await due()).toEqual(before);
});
