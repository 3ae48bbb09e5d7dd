import { defaultsOf } from '../../config/defaults.ts';
import type { Foreseen, Foresight } from '../../jobs.ts';
import type { Host } from '../host.ts';
import { classOf } from './class-of.ts';
import { noClass, type PowerSwitch } from './power.ts';

/** What switching the power of one host would do, for the plan. */
export function foreseePower(host: Host, { params, known, fleet, config }: Foresight<{ action: PowerSwitch; onlyDown: boolean }>): Foreseen {
  const { action, onlyDown } = params;
  const defaults = defaultsOf(config);
  const metal = host.parent === undefined && (known?.facts.virt ?? 'none') === 'none';
  const back = defaults[metal ? 'reboot.back_metal' : 'reboot.back_vm'];
  const kind = Array.isArray(known?.facts.guests) ? 'hypervisor' : metal ? 'metal' : 'vm';
  const base = {
    class: `power ${action} of ${kind}`,
    estimate: action === 'off' ? { p50: 10_000, p95: 60_000 } : { p50: back / 5, p95: back / 2 },
  };
  const found = classOf(host, { config, fleet });
  if (!found) return { ...base, does: '', skip: { rule: 'no power', because: noClass(host.name) } };
  const { entry } = found;
  if ('command' in entry && !entry.command[action])
    return { ...base, does: '', skip: { rule: 'no power', because: `\`power.${found.name}.command\` has no \`${action}\`` } };
  return { ...base, does: sayDoing(action, onlyDown) };
}

function sayDoing(action: PowerSwitch, onlyDown: boolean): string {
  if (action === 'on') return 'switch its power on, unless it is on';
  const kept = 'console and event log are kept first';
  if (action === 'off') return `switch its power off, hard; ${kept}`;
  return onlyDown ? `power cycle, only while it does not answer; ${kept}` : `power cycle, hard, though it is alive; ${kept}`;
}
