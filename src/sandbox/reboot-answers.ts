import type { FactValue } from '../fleet/host.ts';
import { journalOf } from './boots.ts';
import { DRAIN_TAKES, guestsHere } from './guests.ts';
import { factsOf } from './model.ts';
import { HOSTS } from './roster.ts';
import { type Asked, lines, type Simulated, type SimulatedAnswer } from './simulated.ts';

/** Domain milliseconds that `shutdown -r +1` leaves. */
const DELAY = 60_000;

/** boot.sh */
export const boot: Simulated = (asked) => {
  const { model, host, now, fleet } = asked;
  const { uptime, kernel, system_state, failed_units, container } = factsOf(host, model, now, fleet);
  const said = lines('', {
    boot: model.bootId,
    boot_id: model.bootId,
    uptime: text(uptime),
    kernel: text(kernel),
    container: text(container),
    system_state: text(system_state),
  });
  return ended('boot v1', said, listOf('failed_units', failed_units));
};

/** reboot.sh: what speaks against it stands in the facts of the host, as a person may have set them. */
export const reboot: Simulated = (asked) => {
  const { args, model, host, now, fleet } = asked;
  const [mode = '', intent = '', expected = '', leastUp = '0', words = ''] = args;
  const facts = factsOf(host, model, now, fleet);
  const said = lines('', { boot: model.bootId, boot_id: model.bootId, uptime: text(facts.uptime), kernel: text(facts.kernel) });
  const against = blocked(asked, intent, Number(facts.uptime) < Number(leastUp) ? `it booted only ${facts.uptime} s ago` : undefined);
  if (mode !== 'begin') return ended('reboot v1', said, listOf('blocked', against));
  const refused = { becomes: { journal: journalOf(model, now, 'refused', intent) } };
  if (model.bootId !== expected) return { ...ended('reboot v1', said, 'fence=already\nwhy=rebooted\n'), ...refused };
  const scheduled = (at: number | undefined): string => (at === undefined ? '' : `scheduled=${Math.floor(at / 1000)}\n`);
  if (model.intents?.includes(intent)) {
    const ours = model.rebootSays?.includes(`[${intent}]`);
    return { ...ended('reboot v1', said, `fence=already\nwhy=intent\n${ours ? scheduled(model.rebootAt) : ''}`), ...refused };
  }
  if (against.length > 0) return ended('reboot v1', said, listOf('blocked', against));
  const rebootAt = now + DELAY;
  return {
    ...ended('reboot v1', said, `blocked[]=\nfence=taken\nhow=systemd\n${scheduled(rebootAt)}`),
    becomes: { intents: [...(model.intents ?? []), intent], rebootAt, rebootSays: `${words} [${intent}]`, journal: journalOf(model, now, 'told', intent) },
  };
};

/** reboot-off.sh */
export const rebootOff: Simulated = ({ args, model, now }) => {
  const [intent = '', expected = ''] = args;
  const said = (off: string, says?: string) => lines('reboot-off v1', { boot: model.bootId, off, says });
  if (model.bootId !== expected) return said('late', 'it has booted since');
  const intents = model.intents?.includes(intent) ? model.intents : [...(model.intents ?? []), intent];
  if (model.rebootAt === undefined) return { ...said('nothing'), becomes: { intents } };
  if (!model.rebootSays?.includes(`[${intent}]`)) return { ...said('other', model.rebootSays), becomes: { intents } };
  return { ...said('done'), becomes: { intents, rebootAt: undefined, rebootSays: undefined, journal: journalOf(model, now, 'called off', intent) } };
};

/** kernel-once.sh: only kernels it has booted before are there. */
export const kernelOnce: Simulated = ({ args, model, host, now }) => {
  const [version = ''] = args;
  const before = model.state?.kernels;
  const known = [String(factsOf(host, model, now).kernel), ...(Array.isArray(before) ? before : [])];
  if (!known.includes(version)) return lines('kernel-once v1', { refused: `/boot/vmlinuz-${version} is not there any more` });
  return { ...lines('kernel-once v1', { entry: `gnulinux-advanced>gnulinux-${version}` }), becomes: { state: { bootsOnce: version } } };
};

/** drain-guests.sh: the guests go to the next hypervisor of the site that is up and in service, in three minutes. */
export const drainGuests: Simulated = (asked) => {
  const { args, host, model, now, fleet } = asked;
  const said = (state: string, detail?: string) => lines('drain-guests v1', { state, detail });
  if (host.kind !== 'kvm') return said('failed', 'it is no hypervisor');
  if (args[0] === 'undo') return { ...said('done', 'its guests are back'), becomes: { drain: undefined, guestsOn: undefined } };
  const { names } = guestsHere(host, model, now, fleet);
  if (model.drain) return said('busy', `${names.length} ${names.length === 1 ? 'guest' : 'guests'} still here`);
  if (names.length === 0) return said('done', 'no guests are here');
  if (args[0] === 'look') return said('failed', `${names.length} guests are here, and nothing moves them`);
  const to = neighbour(asked);
  if (to === undefined) return said('failed', `no other hypervisor of ${host.site} is up and in service`);
  return { ...said('busy', `${names.length} guests still here`), becomes: { drain: { begun: now, ends: now + DRAIN_TAKES, to } } };
};

function neighbour({ host, fleet }: Asked): string | undefined {
  const site = HOSTS.filter(({ kind, site: of }) => kind === 'kvm' && of === host.site).map(({ name }) => name);
  const at = site.indexOf(host.name);
  return [...site.slice(at + 1), ...site.slice(0, at)].find((name) => {
    const model = fleet.get(name);
    return model && !model.down && !model.drain && !model.guestsOn && model.rebootAt === undefined && (model.mode === 'ok' || model.mode === 'slow');
  });
}

function blocked({ host, model, now, fleet }: Asked, intent: string, recent: string | undefined): string[] {
  const facts = factsOf(host, model, now, fleet);
  const broken = Array.isArray(facts.package_broken) ? facts.package_broken : [];
  return [
    ...(facts.package_lock ? [`${facts.package_lock} holds the package lock`] : []),
    ...(broken.length > 0 ? [`packages are half-configured: ${broken.join(', ')}`] : []),
    ...(Number(facts.jobs_queued) > 0 ? [`systemd is at work: ${facts.jobs_queued} jobs`] : []),
    ...(recent ? [recent] : []),
    ...(model.rebootAt !== undefined && !model.rebootSays?.includes(`[${intent}]`) ? [`a reboot is scheduled already: ${model.rebootSays}`] : []),
  ];
}

const text = (value: FactValue | undefined): string | undefined => (value === undefined ? undefined : String(value));

const listOf = (key: string, items: FactValue | undefined): string =>
  !Array.isArray(items) ? '' : items.length === 0 ? `${key}[]=\n` : items.map((item) => `${key}[]=${item}\n`).join('');

/** The lines so far without their end, more lines, and the end. */
const ended = (script: string, { stdout }: SimulatedAnswer, more: string): SimulatedAnswer => ({
  code: 0,
  stdout: `${stdout.replace(/end=\n$/, '')}${more}end=${script}\n`,
  stderr: '',
});
