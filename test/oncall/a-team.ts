import { away } from '../../commands/away.ts';
import { back } from '../../commands/back.ts';
import { cover } from '../../commands/cover.ts';
import { oncall } from '../../commands/oncall.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { Person } from '../../src/people.ts';
import { atWork } from '../runs/at-work.ts';

/** Tuesday 17 November 2026, 09:00 in UTC: 10:00 for Ada, 04:00 for Pepe, 18:00 for Kim. */
export const PEOPLE: Person[] = [
  { name: 'you', display: 'You', roles: [{ role: 'admin' }], zone: 'UTC', email: 'you@example.org' },
  { name: 'ada', display: 'Ada', roles: [{ role: 'operator' }], zone: 'Europe/Berlin', email: 'ada@example.org', pronoun: 'her' },
  { name: 'pepe', display: 'Pepe', roles: [{ role: 'operator' }], zone: 'America/Lima', email: 'pepe@example.org', phone: '+5112345678', pronoun: 'him' },
  { name: 'kim', display: 'Kim', roles: [{ role: 'operator' }], zone: 'Asia/Seoul', email: 'kim@example.org' },
];

export const PROVIDERS: Partial<ConfigInput> = {
  providers: { smtp: { host: 'mail.example.org', from: 'ops@example.org' }, twilio: { account: `AC${'0'.repeat(32)}`, token: 'x', from: '+15005550006' } },
};

/** Holdfast at work with people on call; what is typed and what everybody is shown by it. */
export async function team(config: Partial<ConfigInput>, people = PEOPLE) {
  const world = await atWork({
    hosts: [{ name: 'web01' }, { name: 'db01' }],
    people,
    config: { ...PROVIDERS, ...config },
    commands: [oncall, away, back, cover],
  });
  return {
    ...world,
    /** What was printed because of a line, by the device it was printed for: `ada: …`; the answer itself under its first word. */
    async said(line: string, actor = 'you'): Promise<string[]> {
      const before = world.shown.length;
      await world.type(line, actor);
      return world.shown.slice(before).map((text) => text.replace(/^to (\w+) by \w+ \(id \w+\): /, '$1: '));
    },
    async json(line: string): Promise<Record<string, unknown>> {
      const before = world.shown.length;
      await world.type(`${line} --json`);
      return JSON.parse(world.shown.slice(before).find((text) => text.startsWith('{')) as string) as Record<string, unknown>;
    },
  };
}

export const SERVICES: Partial<ConfigInput> = {
  services: { web: { owner: 'ada', backups: ['pepe', 'kim'] }, db: { owner: 'kim', backups: ['ada'] } },
};
