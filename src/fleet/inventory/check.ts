import { isIPv6 } from 'node:net';
import type { Problem } from '../../config/problem.ts';
import type { Fleet } from '../fleet.ts';
import { near } from '../target/nearest.ts';
import type { GatheredHost } from './gather.ts';
import { bareHost } from './reach.ts';

/** What is wrong with a fleet that could be read. */
export function checkFleet(fleet: Fleet, gathered: ReadonlyMap<string, GatheredHost>): Problem[] {
  const problems: Problem[] = [];
  const say = (host: string, says: string): void => {
    problems.push({ ...(gathered.get(host) as GatheredHost).origin, says });
  };
  for (const host of fleet.hosts.values()) {
    if (!isHostName(host.name)) say(host.name, `"${clip(host.name)}" is no host name: letters, digits, dots, dashes and underscores make one.`);
    if (host.parent !== undefined && !fleet.hosts.has(host.parent)) {
      say(host.name, `${host.name} has the parent ${host.parent}, which is no host${didYouMean(host.parent, fleet.hosts.keys())}`);
    }
    if (host.parent !== undefined && host.parent === host.name) say(host.name, `${host.name} is its own parent: name the host it runs on.`);
  }
  for (const group of fleet.groups.keys()) {
    if (!fleet.hosts.has(group)) continue;
    say(group, `${group} is the name of a host and of a group: rename one, so that nobody takes @${group} for one host.`);
  }
  const parent = (name: string): string[] => [fleet.hosts.get(name)?.parent].filter((one) => one !== undefined && one !== name) as string[];
  for (const circle of circles(fleet.hosts.keys(), parent)) {
    say(circle[0] as string, `Hosts are each other's parents in a circle: ${circle.join(' → ')}. Take one of them out.`);
  }
  const jumps = (name: string): string[] => (fleet.hosts.get(name)?.ssh.jump ?? []).map(bareHost).filter((one) => fleet.hosts.has(one));
  for (const circle of circles(fleet.hosts.keys(), jumps)) {
    say(circle[0] as string, `Hosts are reached through each other in a circle: ${circle.join(' → ')}. Take one jump out.`);
  }
  return problems;
}

const isHostName = (name: string): boolean => /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/.test(name) || isIPv6(name);

function didYouMean(wrong: string, known: Iterable<string>): string {
  const meant = near(wrong, known, 1)[0];
  return meant === undefined ? '.' : `: did you mean ${meant}?`;
}

/** Each circle once, beginning and ending with the same name. */
function circles(names: Iterable<string>, next: (name: string) => string[]): string[][] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[][] = [];
  for (const start of names) {
    if (state.has(start)) continue;
    const path: { name: string; waiting: string[] }[] = [{ name: start, waiting: next(start) }];
    state.set(start, 'open');
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const to = last.waiting.pop();
      if (to === undefined) {
        state.set(last.name, 'done');
        path.pop();
      } else if (state.get(to) === 'open') {
        const names = path.map(({ name }) => name);
        found.push([...names.slice(names.indexOf(to)), to]);
      } else if (!state.has(to)) {
        state.set(to, 'open');
        path.push({ name: to, waiting: next(to) });
      }
    }
  }
  return found;
}

const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
