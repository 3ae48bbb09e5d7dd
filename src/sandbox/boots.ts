import { guestsOn } from './guests.ts';
import { factsOf, type HostModel } from './model.ts';
import type { PortState } from './port.ts';
import type { RosterHost } from './roster.ts';
import { seededUuid } from './seeded.ts';

/** Domain milliseconds: from going down to answering again, and from a hypervisor's boot until its guests answer. */
export const REBOOT_TAKES = 90_000;
const GUESTS_START = 20_000;

type Models = ReadonlyMap<string, HostModel>;

/**
 * What the fleet has become by domain time `now`: hosts go down when they were told to, with the guests that stand on them,
 * and boot again; guests that were being moved away are elsewhere. Answers the hosts that changed. Pure.
 */
export function passTime(hosts: readonly RosterHost[], before: Models, now: number): Map<string, HostModel> {
  const models = new Map(before);
  const changed = new Map<string, HostModel>();
  const put = (name: string, model: HostModel): void => {
    changed.set(name, model);
    models.set(name, model);
  };
  for (;;) {
    const next = earliest(hosts, models);
    if (!next || next.at > now) return changed;
    const model = models.get(next.host.name) as HostModel;
    if (next.what === 'moved') for (const [name, was] of moved(models, next.host.name, model)) put(name, was);
    else if (next.what === 'down') {
      const until = model.mode === 'no-return' ? {} : { until: next.at + REBOOT_TAKES };
      put(next.host.name, {
        ...without(model, 'rebootAt', 'rebootSays', 'drain'),
        down: { since: next.at, ...until },
        journal: journalOf(model, next.at, 'down'),
      });
      for (const { name } of guestsOn(hosts, models, next.host.name)) {
        const guest = models.get(name) as HostModel;
        const { down } = guest;
        put(name, {
          ...without(guest, 'rebootAt', 'rebootSays'),
          down: { since: down?.since ?? next.at, with: next.host.name },
          ...(!down && { journal: journalOf(guest, next.at, 'down') }),
        });
      }
    } else {
      put(next.host.name, booted(next.host, model, next.at, { unclean: model.down?.unclean === true }));
      for (const [name, guest] of models) {
        if (guest.down?.with === next.host.name) put(name, { ...guest, down: { since: guest.down.since, until: next.at + GUESTS_START } });
      }
    }
  }
}

/** Domain time at which something happens by itself; `undefined` when nothing will. */
export const nextMoment = (hosts: readonly RosterHost[], models: Models): number | undefined => earliest(hosts, models)?.at;

type Entry = NonNullable<HostModel['journal']>[number];

/** The journal with one entry more; what lies more than so many back is forgotten. */
export const journalOf = ({ journal = [] }: HostModel, at: number, what: Entry['what'], intent?: string): Entry[] => [
  ...journal.slice(-199),
  { at, what, ...(intent !== undefined && { intent }) },
];

/** The host after a boot at `at`, into the newest kernel it has. `unclean` = without a shutdown before it. */
export function booted(host: RosterHost, model: HostModel, at: number, { unclean = false } = {}): HostModel {
  const { kernel, kernel_newest: newest, reboot_required: wanted } = factsOf(host, model, at);
  // What boots once stands in GRUB's environment; what it has booted before is still installed.
  const { bootsOnce, kernels = [], ...state } = model.state ?? {};
  const next = typeof bootsOnce === 'string' ? bootsOnce : newest;
  const kept = Object.fromEntries(Object.entries(model.set).filter(([name]) => !OF_ONE_BOOT.has(name)));
  return {
    ...without(model, 'down', 'rebootAt', 'rebootSays', 'drain', 'intents'),
    bootId: seededUuid(`${host.name} boot ${model.boots + 1}`),
    boots: model.boots + 1,
    bootedAt: at,
    journal: journalOf(model, at, 'boot'),
    set: kept,
    facts: {
      ...model.facts,
      ...(unclean || model.facts?.unclean_boot ? { unclean_boot: unclean } : {}),
      ...(typeof next === 'string' && next !== kernel ? { kernel: next } : {}),
      ...(wanted ? { reboot_required: false, reboot_packages: [] } : {}),
    },
    ...(typeof kernel === 'string' ? { state: { ...state, kernels: [...new Set([...(kernels as string[]), kernel])] } } : {}),
  };
}

/** What the network finds at the host's port. */
export function portStateOf({ mode, down }: HostModel): PortState {
  if (mode === 'mute') return 'swallowed';
  if (mode === 'dead' || down) return 'refused';
  return mode === 'half-dead' ? 'silent' : 'open';
}

type Moment = { at: number; host: RosterHost; what: 'boot' | 'down' | 'moved' };

function earliest(hosts: readonly RosterHost[], models: Models): Moment | undefined {
  let first: Moment | undefined;
  const consider = (at: number | undefined, host: RosterHost, what: Moment['what']): void => {
    if (at !== undefined && (first === undefined || at < first.at)) first = { at, host, what };
  };
  for (const host of hosts) {
    const model = models.get(host.name);
    if (model?.down) consider(model.down.until, host, 'boot');
    else if (model) {
      consider(model.rebootAt, host, 'down');
      consider(model.drain?.ends, host, 'moved');
    }
  }
  return first;
}

/** All that stands on it goes along, its own guests and those it had taken in. */
function* moved(models: Models, name: string, model: HostModel): Generator<[string, HostModel]> {
  const to = model.drain?.to as string;
  yield [name, { ...without(model, 'drain'), guestsOn: to }];
  for (const [other, was] of models)
    if (other !== name && was.guestsOn === name) yield [other, other === to ? without(was, 'guestsOn') : { ...was, guestsOn: to }];
}

/** Facts a person set that are about the boot they were set in. */
const OF_ONE_BOOT = new Set(['booted', 'boot_id', 'kernel', 'unclean_boot', 'reboot_required', 'reboot_packages', 'kernel_errors']);

function without<Key extends keyof HostModel>(model: HostModel, ...keys: Key[]): Omit<HostModel, Key> & HostModel {
  const left = { ...model };
  for (const key of keys) delete left[key];
  return left;
}
