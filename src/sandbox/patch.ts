import { factsOf, type HostModel } from './model.ts';
import { type Doing, KERNELS, lineOf, type PackageState, type Pending, packagesOf, pendingOn, RESTARTS, sumOf } from './packages.ts';
import { seededInt } from './seeded.ts';
import type { Asked, Simulated, SimulatedAnswer } from './simulated.ts';

/** The patch scripts of a simulated host: packages are versions in a table, and an upgrade takes some minutes of domain time. */
export const patchPlan: Simulated = (asked) => {
  const [refresh, kernel, ...patterns] = asked.args;
  const facts = factsOf(asked.host, asked.model, asked.now, asked.fleet);
  const pending = pendingOn(asked.host, asked.model, kernel !== 'no', patterns);
  const restart = pending.flatMap(({ name }) => RESTARTS[name] ?? []);
  return answer('patch-plan v1', [
    ['manager', managerOf(asked)],
    ['database', text(facts.database)],
    ['lock', text(facts.package_lock)],
    ['refresh', refresh === 'yes' ? 'done' : 'skipped'],
    ...each('half[]', facts.package_broken),
    ...(pending.length === 0 ? [['package[]', ''] as const] : pending.map((one) => ['package[]', lineOf(one)] as const)),
    ['sum', sumOf(pending)],
    ['download', String(pending.length * 1_400_000)],
    ...each('held[]', facts.package_holds),
    ...restart.map((unit) => ['restart[]', unit] as const),
    ['cache_free_mb', '18000'],
  ]);
};

export const patchBegin: Simulated = (asked) => {
  const { host, model, now } = asked;
  const [intent = '', mode, sum, kernel, , ...words] = asked.args;
  const state = packagesOf(model);
  if (Object.hasOwn(state.doings, intent)) return answer('patch v1', [['fence', 'already']]);
  const packages = mode === 'back' ? words.flatMap((word) => backwards(state, word)) : pendingOn(host, model, kernel !== 'no', words);
  const doing: Doing = {
    mode: mode === 'back' ? 'back' : 'upgrade',
    begun: now,
    ends: now + seededInt(`${host.name} ${intent}`, 90, 240) * 1000,
    packages,
    ...(mode !== 'back' && sumOf(packages) !== sum && { changed: true as const }),
  };
  return {
    ...answer('patch v1', [
      ['fence', 'taken'],
      ['how', 'systemd'],
    ]),
    becomes: keep(state, { doings: { ...state.doings, [intent]: doing } }),
  };
};

export const patchLook: Simulated = (asked) => {
  const [intent = ''] = asked.args;
  const state = packagesOf(asked.model);
  const doing = Object.hasOwn(state.doings, intent) ? state.doings[intent] : undefined;
  const only = (word: string): SimulatedAnswer => answer('patch-look v1', [['state', word]]);
  if (!doing) return only('absent');
  if (doing.mode === 'off') return only('called-off');
  if (doing.changed) return only('changed');
  const seconds = String(Math.floor((asked.now - doing.begun) / 1000));
  if (asked.now < doing.ends) {
    return answer('patch-look v1', [
      ['state', 'installing'],
      ['seconds', seconds],
      ['says', `Setting up ${doing.packages[0]?.name ?? 'nothing'} ...`],
    ]);
  }
  const kernels = doing.packages.flatMap(({ name }) => KERNELS[name] ?? []);
  const facts = factsOf(asked.host, asked.model, asked.now, asked.fleet);
  const reboot = doing.mode === 'upgrade' && kernels.length > 0;
  return {
    ...answer('patch-look v1', [
      ['state', 'done'],
      ['seconds', seconds],
      ['rc', '0'],
      ...doing.packages.map((one) => ['changed[]', lineOf(one)] as const),
      ['reboot_required', reboot || facts.reboot_required === true ? 'yes' : 'no'],
      ['kernel_newest', kernels.at(-1) ?? text(facts.kernel_newest)],
    ]),
    ...(!doing.applied && { becomes: applied(state, intent, doing, kernels) }),
  };
};

export const patchOff: Simulated = (asked) => {
  const [intent = ''] = asked.args;
  const state = packagesOf(asked.model);
  if (Object.hasOwn(state.doings, intent)) return answer('patch-off v1', [['off', state.doings[intent]?.mode === 'off' ? 'done' : 'late']]);
  const doing: Doing = { mode: 'off', begun: asked.now, ends: asked.now, packages: [] };
  return { ...answer('patch-off v1', [['off', 'absent']]), becomes: keep(state, { doings: { ...state.doings, [intent]: doing } }) };
};

export const patchBack: Simulated = (asked) => {
  const facts = factsOf(asked.host, asked.model, asked.now, asked.fleet);
  return answer('patch-back v1', [
    ['manager', managerOf(asked)],
    ['lock', text(facts.package_lock)],
    ...each('half[]', facts.package_broken),
    ...asked.args.map((word) => ['there[]', word] as const),
  ]);
};

function applied(state: PackageState, intent: string, doing: Doing, kernels: readonly string[]): Partial<HostModel> {
  const at = { ...state.at, ...Object.fromEntries(doing.packages.map(({ name, to }) => [name, to])) };
  const kernel = doing.mode === 'upgrade' ? kernels.at(-1) : undefined;
  return {
    ...keep(state, { at, doings: { ...state.doings, [intent]: { ...doing, applied: true } } }),
    ...(kernel !== undefined && {
      facts: { kernel_newest: kernel, reboot_required: true, reboot_packages: doing.packages.flatMap(({ name }) => (KERNELS[name] ? [name] : [])) },
    }),
  };
}

/** `nginx=1.22` → from what it is to what was asked. */
function backwards(state: PackageState, word: string): Pending[] {
  const cut = word.indexOf('=');
  const name = word.slice(0, cut);
  const from = state.at[name];
  return cut > 0 && from !== undefined ? [{ name, from, to: word.slice(cut + 1) }] : [];
}

const keep = (state: PackageState, change: Partial<PackageState>): Partial<HostModel> => ({ state: { packages: { ...state, ...change } } });

const managerOf = ({ host }: Asked): string => (host.kind === 'kvm' ? 'dnf' : 'apt');

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const each = (key: string, list: unknown): (readonly [string, string])[] => (Array.isArray(list) ? list.map((item) => [key, String(item)] as const) : []);

/** What is empty has no line, but for an empty list that is said. */
function answer(end: string, said: readonly (readonly [string, string])[]): SimulatedAnswer {
  const lines = said.filter(([key, value]) => value !== '' || key === 'package[]').map(([key, value]) => `${key}=${value}\n`);
  return { code: 0, stdout: `${lines.join('')}end=${end}\n`, stderr: '' };
}
