import type { PowerClass } from '../../config/power.ts';
import { answerOf } from '../scripts/said.ts';
import type { ExecResult } from '../ssh/transport.ts';
import { fillTemplate } from './fill.ts';
import { lastLines } from './lines.ts';
import type { PowerAnswer, PowerCall, PowerWorld } from './power.ts';

type Virsh = Extract<PowerClass, { virsh: unknown }>['virsh'];

/** Wall milliseconds; the script gives up by itself before. */
const PATIENCE = 14_000;

/** Asks the parent of a guest, by the script `virsh`. The parent itself refuses a second doing of one intent. */
export async function askVirsh({ host, action, intent = '', patience = PATIENCE }: PowerCall, virsh: Virsh, world: PowerWorld): Promise<PowerAnswer> {
  const parent = fillTemplate(virsh.on, host);
  const domain = fillTemplate(virsh.domain, host);
  for (const filled of [parent, domain]) if ('wrong' in filled) return { ok: false, says: `its class of \`power\` ${filled.wrong}` };
  const { text: on } = parent as { text: string };
  const answer = await world.scriptOn(on, 'virsh', [action, (domain as { text: string }).text, virsh.uri, intent], patience);
  return readVirsh(answer, on, action);
}

/** From what the script printed (top of virsh.sh) to an answer. */
export function readVirsh(result: ExecResult, parent: string, action: PowerCall['action']): PowerAnswer {
  const maybe = action !== 'status' && action !== 'console' && action !== 'log' && { maybe: true as const };
  const answer = answerOf(result, 'virsh v1');
  if ('wrong' in answer) {
    const says = answer.lost ? `${parent}, on which it runs, does not answer (${answer.wrong})` : `${parent}: ${answer.wrong}`;
    return { ok: false, says, ...(answer.began && maybe) };
  }
  const { values, lists } = answer.said;
  if (values.failed !== undefined) return { ok: false, says: `${parent}: ${values.failed || 'virsh failed'}`, ...(values.begun === 'yes' && maybe) };
  if (values.fence === 'already') return { ok: false, says: `${parent} did this once already for this run`, maybe: true };
  if (action !== 'status') return { ok: true, says: values.none !== undefined ? [values.none] : lastLines((lists.line ?? []).join('\n'), 40) };
  const { power, state } = values;
  if (power !== 'on' && power !== 'off') return { ok: false, says: `${parent} said neither on nor off: ${state ?? 'nothing'}` };
  return { ok: true, power, says: [`power ${power}${state ? ` (${state})` : ''}`] };
}
