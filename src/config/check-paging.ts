import type { StepTo } from '../escalation/step-to.ts';
import type { Path } from './document.ts';
import { meant } from './meant.ts';
import type { PolicySaid } from './policies.ts';
import type { RosterSaid } from './rosters.ts';
import type { Config } from './schema.ts';
import type { ServiceSaid } from './who-answers.ts';

interface Wrong {
  path: Path;
  says: string;
}

/** Answers what is wrong with a target, if anything. */
type WrongTarget = (target: string) => string | undefined;

/** What services, policies, rosters and people's channels say of each other that does not hold. */
export function checkPaging(config: Config, wrongTarget: WrongTarget): Wrong[] {
  return [
    ...Object.entries(config.services).flatMap(([name, said]) => checkService(name, said, config, wrongTarget)),
    ...Object.entries(config.policies).flatMap(([name, said]) => checkPolicy(name, said, config)),
    ...Object.entries(config.rosters).flatMap(([name, said]) => checkRoster(name, said, config)),
    ...checkChannels(config),
  ];
}

function checkService(name: string, said: ServiceSaid, config: Config, wrongTarget: WrongTarget): Wrong[] {
  const problems: Wrong[] = [];
  const wrong = (key: string | Path, says: string): void => {
    const steps = typeof key === 'string' ? [key] : key;
    problems.push({ path: ['services', name, ...steps], says: `\`services.${name}.${steps[0]}\`${says}` });
  };
  const group = Object.hasOwn(config.groups, name) ? config.groups[name] : undefined;
  const owner = said.owner ?? group?.owner;
  if (said.owner !== undefined && !Object.hasOwn(config.people, said.owner)) wrong('owner', nobody(said.owner, config));
  for (const [at, backup] of said.backups.entries()) {
    if (!Object.hasOwn(config.people, backup)) wrong(['backups', at], nobody(backup, config));
    else if (backup === owner) wrong(['backups', at], `: ${backup} is the owner already; a backup is somebody else`);
    else if (said.backups.indexOf(backup) < at) wrong(['backups', at], `: ${backup} is given twice`);
  }
  if (said.policy !== undefined && !Object.hasOwn(config.policies, said.policy)) wrong('policy', missing('policies', said.policy, config.policies));
  if (said.roster !== undefined && !Object.hasOwn(config.rosters, said.roster)) wrong('roster', missing('rosters', said.roster, config.rosters));
  const target = said.hosts === undefined ? undefined : wrongTarget(said.hosts);
  if (target) wrong('hosts', ` ${target}`);
  else if (said.hosts !== undefined && /\bwhere\b/.test(said.hosts))
    wrong('hosts', ' cannot be made with `where`: facts change, and a page would reach other people than one thinks. Name groups');
  if (owner === undefined && said.backups.length === 0 && said.roster === undefined)
    problems.push({ path: ['services', name], says: `\`services.${name}\` has nobody who answers for it: give it an \`owner\`, \`backups\` or a \`roster\`` });
  return problems;
}

function checkPolicy(name: string, said: PolicySaid, config: Config): Wrong[] {
  const lists: [Path, PolicySaid['steps']][] = [
    [['steps'], said.steps],
    ...(['critical', 'high', 'low'] as const).map((urgency): [Path, PolicySaid['steps']] => [[urgency, 'steps'], said[urgency]?.steps]),
  ];
  return lists.flatMap(([path, steps]) =>
    (steps ?? []).flatMap(({ to }, at) =>
      to.flatMap((recipient, which) => {
        const says = unknownRecipient(recipient, config);
        return says === undefined
          ? []
          : [{ path: ['policies', name, ...path, at, 'to', which], says: `\`policies.${name}.${path.join('.')}[${at + 1}].to\`${says}` }];
      }),
    ),
  );
}

function unknownRecipient(recipient: StepTo, config: Config): string | undefined {
  if ('person' in recipient) return Object.hasOwn(config.people, recipient.person) ? undefined : nobody(recipient.person, config);
  if ('roster' in recipient) return Object.hasOwn(config.rosters, recipient.roster) ? undefined : missing('rosters', recipient.roster, config.rosters);
  if ('channel' in recipient) return Object.hasOwn(config.channels, recipient.channel) ? undefined : missing('channels', recipient.channel, config.channels);
  if (!('service' in recipient)) return undefined;
  const known = [...Object.keys(config.services), ...Object.keys(config.groups).filter((group) => config.groups[group]?.owner !== undefined)];
  return known.includes(recipient.service) ? undefined : `: there is no service \`${recipient.service}\`${meant(recipient.service, known)}`;
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function checkRoster(name: string, { layers, flat, both, overrides }: RosterSaid, config: Config): Wrong[] {
  const problems: Wrong[] = [];
  const wrong = (path: Path, says: string): void => void problems.push({ path: ['rosters', name, ...path], says: `\`rosters.${name}\` ${says}` });
  if (both) wrong([], 'has `layers` and a rotation of its own beside them: put that into a layer');
  for (const [at, { people, start, weekday }] of layers.entries()) {
    const here: Path = flat ? [] : ['layers', at];
    if (people.length === 0) wrong(here, `${flat ? '' : `(layer ${at + 1}) `}names nobody: \`people: [ada, pepe]\``);
    for (const [which, person] of people.entries())
      if (!Object.hasOwn(config.people, person)) wrong([...here, 'people', which], `names \`${person}\`${nobody(person, config)}`);
    if (people.length > 0 && !start) wrong(here, 'lacks `start`: the day on which the first of them begins, `2026-01-05`');
    const falls = start && new Date(Date.UTC(start.year, start.month - 1, start.day)).getUTCDay();
    if (weekday !== undefined && falls !== undefined && falls !== weekday)
      wrong([...here, 'start'], `starts on a ${WEEKDAYS[falls]} and hands over on a ${WEEKDAYS[weekday]}: start it on one of those days`);
  }
  for (const [at, { person, from, until }] of overrides.entries()) {
    if (!Object.hasOwn(config.people, person)) wrong(['overrides', at, 'person'], `names \`${person}\`${nobody(person, config)}`);
    const [begins, ends] = [from, until].map(({ year, month, day, minutes }) => Date.UTC(year, month - 1, day, 0, minutes));
    if ((ends as number) <= (begins as number)) wrong(['overrides', at, 'until'], 'has an override that ends before it begins');
  }
  return problems;
}

/** What a way to reach somebody needs of them. */
const NEEDS = { slack: 'slack', discord: 'discord', email: 'email', sms: 'phone', voice: 'phone', ntfy: 'ntfy', webhook: 'webhook' } as const;

function checkChannels({ people }: Config): Wrong[] {
  return Object.entries(people).flatMap(([name, person]) =>
    (person.channels ?? []).flatMap((channel, at) =>
      // A link to Slack or Discord may be made later, by `hello`.
      channel === 'slack' || channel === 'discord' || person[NEEDS[channel]] !== undefined
        ? []
        : [
            {
              path: ['people', name, 'channels', at],
              says: `\`people.${name}.channels\` has \`${channel}\`, and there is no \`${NEEDS[channel]}\` to reach ${name} by`,
            },
          ],
    ),
  );
}

const nobody = (name: string, { people }: Config): string => `: nobody under \`people\` is called \`${name}\`${meant(name, Object.keys(people))}`;

const missing = (section: string, name: string, known: object): string => `: there is no \`${name}\` under \`${section}\`${meant(name, Object.keys(known))}`;
