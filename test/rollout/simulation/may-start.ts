import { approvalOf, type Books, expectThat, type HostBook, isAsked, mustHalt, type RunBook, ringAt } from './books.ts';
import { DAY, HOUR, MINUTE, P95, type SimHost } from './fleet.ts';

/** Everything that has to hold at the moment at which a host begins. */
export function expectMayStart(books: Books, run: RunBook, one: HostBook): void {
  const { world } = books;
  const now = world.now();
  const { plan, id } = run.sim;
  const expect = (holds: boolean, check: string, text: string) => expectThat(holds, check, () => `${one.host.name} of ${id} begins ${text}`);

  expect(one.state === 'waiting', 'once for one intent', `and was ${one.state}`);
  expect(plan.safe || !world.stopped(), 'stop', 'while all is stopped');
  expect(!mustHalt(run), 'halts', `although ${mustHalt(run)}`);
  expect(plan.startAt === undefined || now >= plan.startAt, 'start time', 'before its hour');
  expect(!world.excluded(one.host.name), 'rule', 'though a rule leaves it out');
  expect(plan.safe || plan.containment || world.incidents(id) === 0, 'incident', 'while an incident is open');
  expectAgreed(run, one, now, expect);
  expectOrder(run, one, now, expect);
  expectRoom(books, run, one, expect);

  const inFlight = [...run.hosts.values()].filter(({ state }) => state === 'going').length;
  expect(run.proven || inFlight < (plan.pace.first[0] ?? Infinity), 'canary first', `beside ${inFlight} others before one did well`);
  const slow = [...run.hosts.values()].find(({ state, started = now, host }) => state === 'going' && now - started >= 3 * (P95[host.class] as number));
  expect(!slow, 'overdue', `while ${slow?.host.name} is overdue`);
  const hours = plan.safe ? undefined : run.sim.windows?.[one.host.site];
  if (!hours) return;
  const midnight = now - (now % DAY);
  const fits = [midnight - DAY, midnight].some((day) => day + hours.from <= now && now + (P95[one.host.class] as number) <= day + hours.until);
  expect(fits, 'window', 'outside its window');
}

type Expect = (holds: boolean, check: string, text: string) => void;

function expectAgreed(run: RunBook, one: HostBook, now: number, expect: Expect): void {
  const { plan } = run.sim;
  const ring = plan.rings.findIndex(({ firstWave, lastWave }) => firstWave <= one.wave && one.wave <= lastWave);
  const given = approvalOf(run, ring);
  if (isAsked(run, ring)) expect(given !== undefined, ring === 0 ? 'approval' : 'ring approval', 'and nobody approved it as it is');
  if (given) expect(now >= given.notBefore, 'lone minute', 'before the minute of a lone approver was over');
  if (run.begun || plan.startAt === undefined || plan.safe) return;
  const agreed = Math.max(plan.startAt, run.approvals.get(ring)?.at ?? 0, run.approvals.get(ring)?.notBefore ?? 0, run.askedAgain ? run.asked : 0, run.wentOn);
  const hours = run.sim.windows?.[one.host.site];
  const p95 = P95[one.host.class] as number;
  const opens = hours ? firstOpen(hours, agreed, p95) : agreed;
  // An opening that ends within the half hour may be over before anybody decides: then it is the next one.
  const from = hours && opens === agreed ? firstOpen(hours, agreed + 30 * MINUTE, p95) : opens;
  // Agreed upon inside an opening, it may begin as long as it fits there.
  if (hours && opens === agreed && now + p95 <= opens - (opens % DAY) + hours.until) return;
  expect(now < from + 30 * MINUTE, 'late', `${(now - from) / MINUTE} min late`);
}

/** The first moment from `from` on at which a window has time enough left. */
function firstOpen(hours: { from: number; until: number }, from: number, p95: number): number {
  let day = from - (from % DAY) - DAY;
  while (Math.max(from, day + hours.from) + p95 > day + hours.until) day += DAY;
  return Math.max(from, day + hours.from);
}

function expectOrder(run: RunBook, one: HostBook, now: number, expect: Expect): void {
  const { plan } = run.sim;
  const ring = ringAt(run, one.wave);
  let waveBefore = 0;
  let ringBefore = 0;
  for (const { wave, state, finished = 0, started, host } of run.hosts.values()) {
    if (wave >= one.wave) continue;
    expect(state === 'ended', 'wave order', `before ${host.name} of wave ${wave} has ended`);
    if (started === undefined) continue;
    if (wave === one.wave - 1) waveBefore = Math.max(waveBefore, finished);
    if (ring && wave < ring.firstWave) ringBefore = Math.max(ringBefore, finished);
  }
  const afterCanary = plan.pace.first.length > 0 && plan.rings.some(({ firstWave }) => firstWave === one.wave - 1);
  const soak = afterCanary ? plan.pace.soakCanary : plan.pace.soakWave;
  if (waveBefore > 0) expect(now >= waveBefore + soak, 'soak', `${(now - waveBefore) / MINUTE} min after the wave before`);
  if (!ring || ring.firstWave !== one.wave || ringBefore === 0) return;
  expect(now >= ringBefore + ring.soakBefore, 'ring soak', `${(now - ringBefore) / HOUR} h after the ring before`);
  if (ring.workingMorning) expect(hadMorning(ringBefore, now), 'working morning', 'without a working morning after the ring before');
}

/** Monday to Friday, from nine to noon, all of it in between. */
function hadMorning(from: number, until: number): boolean {
  for (let day = from - (from % DAY); day + 12 * HOUR <= until; day += DAY) {
    const weekday = new Date(day).getUTCDay();
    if (weekday > 0 && weekday < 6 && day + 9 * HOUR >= from) return true;
  }
  return false;
}

function expectRoom(books: Books, run: RunBook, one: HostBook, expect: Expect): void {
  const { plan, id } = run.sim;
  const held = new Set<string>();
  for (const places of books.held.values()) for (const place of places) held.add(place);
  for (const other of books.runs.keys()) {
    if (other !== id && !plan.safe) expect(!held.has(`${other} ${one.host.name}`), 'same host', `which ${other} holds`);
  }
  const own = [...held].filter((place) => place.startsWith(`${id} `)).length;
  expect(own <= run.atOnce, 'at once', `as number ${own} of a run that broke the glass`);
  if (one.host.needsMb === undefined) return;
  expect(books.world.memoryKnown(), 'capacity', 'though nobody knows what is free');
  const room = roomFor(books, one.host, held);
  expect(room >= one.host.needsMb, 'capacity', `with ${room} MB for its ${one.host.needsMb}`);
}

/** What the others have free, less what guests of those that are away need there. */
function roomFor({ fleet, runs }: Books, host: SimHost, held: ReadonlySet<string>): number {
  let room = 0;
  for (const other of fleet) {
    if (other === host || other.needsMb === undefined) continue;
    const isAway = [...runs.keys()].some((run) => held.has(`${run} ${other.name}`));
    room += isAway ? -other.needsMb : other.freeMb;
  }
  return room;
}
