import { defaultsOf } from '../../config/defaults.ts';
import type { Step, StepContext } from '../../jobs.ts';
import { sayDuration } from '../../lib/duration.ts';
import type { Host } from '../host.ts';
import { answerOf } from '../scripts/said.ts';
import { BOOT } from './begin.ts';
import type { RebootParams } from './params.ts';
import { type RebootMemory, readRebootMemory } from './remembered.ts';

type Context = StepContext<RebootParams>;

/** Domain milliseconds between two looks. */
const LOOK_EVERY = 10_000;
/** Clocks and uptimes never agree to the second. */
const SLACK = 60_000;
/** Wall milliseconds for boot.sh. */
const TIME = 12_000;

/** Whether it went down, came back as the same machine with another boot, and has come up. */
export async function verifyReboot(host: Host, context: Context): Promise<Step> {
  const memory = readRebootMemory(context.memory);
  const now = context.clock.now();
  const { toldAt = context.since, downAt = context.since } = memory;
  if (now < downAt) return { step: 'wait', lookAgainIn: downAt - now + 5_000, waitingFor: `it to go down ${sayDuration(downAt - now)} from now` };
  const answer = answerOf(await context.script('boot', [], TIME), 'boot v1');
  const after = context.clock.now();
  if ('wrong' in answer) return answer.lost ? away(host, context, memory, answer.wrong, after) : unwell(context, memory, answer.wrong, after);
  const { values } = answer.said;
  if (!BOOT.test(values.boot_id ?? '')) return unwell(context, memory, 'it does not say which boot this is', after);
  if (values.boot === memory.boot) return stillUp(context, memory, after);
  const up = Number(values.uptime) * 1000;
  if (up > after - toldAt + SLACK)
    return {
      step: 'end',
      outcome: 'failed',
      detail: `it has another boot than before and has been up for ${sayDuration(up)}: longer than since it was told to reboot`,
      remember: bootsOf(memory, values),
    };
  if (STARTING.has(values.system_state ?? '') && after < deadline(host, context, memory))
    return { step: 'wait', lookAgainIn: LOOK_EVERY, waitingFor: `it to come up (${values.system_state})`, remember: bootsOf(memory, values) };
  const took = sayDuration(Math.max(1000, Math.round((after - downAt) / 1000) * 1000));
  const kernel = values.kernel && values.kernel !== memory.kernelBefore ? `, with kernel ${values.kernel}` : '';
  return { step: 'done', detail: `back after ${took}${kernel}`, remember: bootsOf(memory, values) };
}

const STARTING = new Set(['initializing', 'starting']);

/** A container shares the boot id of its machine; then what tells its boots apart stands in its place. */
function bootsOf({ boot, boot_before }: RebootMemory, values: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const shared = values.boot_id === boot_before;
  return { boot_before: shared ? boot : boot_before, boot_after: shared ? values.boot : values.boot_id, ...(values.kernel && { kernelAfter: values.kernel }) };
}

/** Nobody answers: that is as it should be, for a while. */
function away(host: Host, context: Context, memory: RebootMemory, wrong: string, now: number): Step {
  const goneAt = memory.goneAt ?? now;
  if (now < deadline(host, context, { ...memory, goneAt }))
    return { step: 'wait', lookAgainIn: LOOK_EVERY, waitingFor: 'it to come back', remember: { goneAt } };
  return { step: 'end', outcome: 'lost', detail: `it did not come back within ${sayDuration(now - goneAt)} (${wrong})`, remember: { goneAt } };
}

/** It answers, and still from the boot of before. */
function stillUp(context: Context, memory: RebootMemory, now: number): Step {
  const { downAt = context.since, unsure } = memory;
  const within = defaultsOf(context.config)['reboot.down'];
  if (now < downAt + within) return { step: 'wait', lookAgainIn: LOOK_EVERY, waitingFor: 'it to go down' };
  const why = unsure ? 'and whether it was told is not known' : `though it was told to ${sayDuration(now - downAt)} ago`;
  return { step: 'end', outcome: 'failed', detail: `it did not go down, ${why}` };
}

/** It answers, and not as it should. */
function unwell(context: Context, memory: RebootMemory, wrong: string, now: number): Step {
  const { downAt = context.since } = memory;
  if (now < downAt + defaultsOf(context.config)['reboot.back_vm']) return { step: 'wait', lookAgainIn: LOOK_EVERY, waitingFor: `it to come up (${wrong})` };
  return { step: 'end', outcome: 'failed', detail: wrong };
}

/**
 * Until when it may be away: without history what is usual for its kind; with it, twice what 95 of 100 took (the drain left
 * out, which this host has behind it), at least the usual of a virtual machine. Never longer than the cap.
 */
export function deadline(host: Host, context: Context, memory: RebootMemory): number {
  const defaults = defaultsOf(context.config);
  const { p95, from = 0 } = context.predicted;
  const { readyAt = 0, lookedAt = readyAt } = memory;
  const metal = isMetal(host, context.known?.facts.virt ?? context.baseline?.virt);
  const usual = defaults[metal ? 'reboot.back_metal' : 'reboot.back_vm'];
  const allowed = from > 0 ? Math.max(defaults['reboot.back_vm'], 2 * (p95 - (readyAt - lookedAt))) : usual;
  return (memory.goneAt ?? memory.downAt ?? context.since) + Math.min(defaults['reboot.back_cap'], allowed);
}

/** What stands on nothing else, as far as is known: firmware and disks take their time. */
export const isMetal = (host: Host, virt: unknown): boolean => host.parent === undefined && (virt === undefined || virt === 'none');
