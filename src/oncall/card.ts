import type { Card } from '../chat/card.ts';
import type { ChannelName } from '../deliver/channel.ts';
import { type Answerers, type Asked, answerersOf } from '../escalation/answerers.ts';
import type { Service } from '../escalation/answering.ts';
import { firstAsked } from '../escalation/first-asked.ts';
import type { Shift } from '../escalation/on-call.ts';
import type { Standing } from '../escalation/standing.ts';
import { AHEAD, type Trouble } from '../escalation/troubles.ts';
import type { Person } from '../people.ts';
import { when } from '../rollout/words.ts';

/** Who answers for one service now, and who is first next. */
export interface Duty {
  service: Service;
  now: Answerers;
  /** From now on; at least one. */
  shifts: Shift[];
}

/** What is to come is worked out where it is asked for: a status does not. */
export function dutyOf(service: Service, standing: Standing, now: number): Duty {
  let shifts: Shift[] | undefined;
  return {
    service,
    now: answerersOf({ service: service.name }, standing, now),
    get shifts() {
      shifts ??= firstAsked(service, standing, now, now + AHEAD);
      return shifts;
    },
  };
}

interface Told {
  now: number;
  zone: string;
}

/** `ada on call (02:10 for her)` of all services together; of several people each with their time. */
export function onCallTitle(duties: readonly Duty[], people: readonly Person[]): string {
  if (duties.length === 0) return 'nobody is on call: no service has an owner';
  const first = duties.flatMap(({ now }) => now.ask.slice(0, 1));
  const each = first.filter(({ person }, index) => first.findIndex((one) => one.person === person) === index);
  const without = duties.filter(({ now }) => now.ask.length === 0).map(({ service }) => service.name);
  const nobody = without.length > 0 ? [`nobody for ${without.join(', ')}`] : [];
  if (each.length > 3) return [`${each.length} people on call`, ...nobody].join(' · ');
  const [only] = each;
  const says = each.length === 1 && only ? [`${only.person} on call (${only.localTime} for ${pronounOf(only.person, people)})`] : each.map(sayTimed);
  return [...(each.length > 1 ? [`${says.join(', ')} on call`] : says), ...nobody].join(' · ');
}

const pronounOf = (name: string, people: readonly Person[]): string => people.find((person) => person.name === name)?.pronoun ?? 'them';

const sayTimed = ({ person, localTime }: Asked): string => `${person} (${localTime})`;

/** `pepe 18:10, kim 08:10 asleep` */
const sayOthers = (asked: readonly Asked[]): string =>
  asked
    .map(({ person, localTime, awake, insteadOf }) => `${person}${insteadOf === undefined ? '' : ` for ${insteadOf}`} ${localTime}${awake ? '' : ' asleep'}`)
    .join(', ');

/** Every service on a line: who is asked first, until when, then who, and who stands behind. */
export function onCallCard(duties: readonly Duty[], world: { standing: Standing; troubles: readonly Trouble[] } & Told): Card {
  const { standing, troubles } = world;
  return {
    title: onCallTitle(duties, standing.people),
    tone: duties.some(({ now }) => now.ask.length === 0) ? 'bad' : troubles.length > 0 ? 'attention' : 'good',
    body: [...sayAways(standing, world), ...sayCovers(standing, world), ...sayTroubles(troubles, world)],
    ...(duties.length > 0 && {
      table: {
        columns: ['service', 'first', 'until', 'then', 'behind'],
        rows: duties.map(({ service, now, shifts: [current, next] }) => [
          service.name,
          now.ask[0] ? sayOthers(now.ask.slice(0, 1)) : 'nobody',
          current && next ? when(current.until, world.now, world.zone) : 'no end',
          next ? sayShift(next) : '',
          sayOthers(now.ask.slice(1)),
        ]),
      },
    }),
  };
}

/** One service with its people, their times and channels, and who is first in the next days. */
export function onCallOfCard(
  duty: Duty,
  world: { standing: Standing; troubles: readonly Trouble[]; reaches(person: Person): readonly ChannelName[] } & Told,
): Card {
  const { service, now, shifts } = duty;
  const { standing } = world;
  const [first] = now.ask;
  const channels = (name: string): string => {
    const person = standing.people.find((one) => one.name === name);
    return (person ? world.reaches(person) : []).join(', ') || 'no channel';
  };
  return {
    title: first
      ? `${service.name}: ${first.person} on call (${first.localTime} for ${pronounOf(first.person, standing.people)})${first.insteadOf === undefined ? '' : ` for ${first.insteadOf}`}`
      : `${service.name}: nobody can be asked`,
    tone: first ? (world.troubles.length > 0 ? 'attention' : 'good') : 'bad',
    body: [
      ...sayTroubles(world.troubles, world),
      ...now.not.map(({ who, because }) => `${who}: ${because}`),
      ...(shifts.length > 1
        ? shifts
            .slice(0, MOST)
            .map((shift, n) =>
              shift === shifts.at(-1)
                ? `then ${sayShift(shift)}`
                : `${n === 0 ? 'now ' : ''}until ${when(shift.until, world.now, world.zone)}: ${sayShift(shift)}`,
            )
        : []),
      ...sayCovers(standing, world),
      ...(service.runbook ? [`run book: ${service.runbook.written} (show runbook ${service.name})`] : []),
      ...service.doNot.map((line) => `not: ${line}`),
    ],
    table: {
      columns: ['asked', 'why', 'there', '', 'by'],
      rows: now.ask.map(({ person, why, localTime, awake, insteadOf }) => [
        person,
        insteadOf === undefined ? why : `${why}, for ${insteadOf}`,
        localTime,
        awake ? 'awake' : 'asleep',
        channels(person),
      ]),
    },
    actions: [{ label: 'I take it for 8 h', command: `cover ${service.name} for 8h` }],
  };
}

/** Turns of two weeks on one screen. */
const MOST = 6;

export const sayShift = (shift: Shift): string =>
  'gap' in shift ? `nobody: ${shift.gap}` : `${shift.person}${shift.insteadOf === undefined ? '' : ` for ${shift.insteadOf}`}`;

const sayAways = ({ absences }: Standing, { now, zone }: Told): string[] =>
  absences
    .filter(({ from, until = Infinity }) => from <= now && now < until)
    .map(({ person, until, because, kind }) => {
      const end = until === undefined ? ' until they say back' : ` until ${when(until, now, zone)}`;
      return kind === 'presumed' ? `${person} is presumed away: ${because}` : `${person} is away${end}${because === undefined ? '' : ` because ${because}`}`;
    });

const sayCovers = ({ covers }: Standing, { now, zone }: Told): string[] =>
  covers.map(({ by, for: of, from, until }) => {
    const [name] = Object.values(of) as [string];
    return `${by} covers ${name}${from > now ? ` from ${when(from, now, zone)}` : ''} until ${when(until, now, zone)}`;
  });

export const sayTroubles = (troubles: readonly Trouble[], { now, zone }: Told): string[] =>
  troubles.map(({ says, from }) => (from === undefined || from <= now ? says : `${when(from, now, zone)} ${zone}: ${says}`));

/** Stable; docs/json.md. */
export function dutyJson({ service, now, shifts }: Duty): Record<string, unknown> {
  const [current, next] = shifts;
  return {
    service: service.name,
    oncall: now.ask[0]?.person ?? null,
    until: next && current ? new Date(current.until).toISOString() : null,
    next: next ? ('gap' in next ? null : next.person) : null,
    people: now.ask.map(({ person, insteadOf, why, localTime, awake }) => ({ person, why, local_time: localTime, awake, instead_of: insteadOf ?? null })),
    not_asked: now.not.map(({ who, because }) => ({ who, because })),
    gaps: shifts.flatMap((shift) =>
      'gap' in shift ? [{ from: new Date(shift.from).toISOString(), until: new Date(shift.until).toISOString(), because: shift.gap }] : [],
    ),
  };
}
