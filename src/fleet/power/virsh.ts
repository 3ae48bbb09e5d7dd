import type { PowerClass } from '../../config/power.ts';
import type { ExecResult } from '../ssh/transport.ts';
import { fillTemplate } from './fill.ts';
import { lastLines, saidShortly } from './lines.ts';
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
export function readVirsh(answer: ExecResult, parent: string, action: PowerCall['action']): PowerAnswer {
  const looks = action === 'status' || action === 'console' || action === 'log';
  const maybe = !looks && { maybe: true as const };
  if (answer.reach !== 'ok')
    return {
      ok: false,
      says: `${parent}, on which it runs, does not answer (${answer.reach}: ${answer.detail})`,
      ...(answer.reach === 'exec-timeout' && maybe),
    };
  if (answer.needsRoot !== undefined) return { ok: false, says: `${parent}: ${answer.needsRoot}` };
  const lines = answer.stdout.split('\n');
  const value = (key: string): string | undefined => lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  if (!lines.includes('end=virsh v1'))
    return { ok: false, says: `${parent} did not answer whole: ${saidShortly(answer.stderr, answer.stdout) || `exit code ${answer.code}`}`, ...maybe };
  const failed = value('failed');
  if (failed !== undefined) return { ok: false, says: `${parent}: ${saidShortly(failed) || 'virsh failed'}`, ...(value('begun') === 'yes' && maybe) };
  if (value('fence') === 'already') return { ok: false, says: `${parent} did this once already for this run`, maybe: true };
  const power = value('power');
  const said = lines.filter((line) => line.startsWith('line[]=')).map((line) => line.slice('line[]='.length));
  const absent = value('line?');
  const says = absent !== undefined ? [absent] : said.length > 0 ? lastLines(said.join('\n'), 40) : [];
  if (action !== 'status') return { ok: true, says };
  if (power !== 'on' && power !== 'off') return { ok: false, says: `${parent} said neither on nor off: ${value('state') ?? 'nothing'}` };
  return { ok: true, power, says: [`power ${power}${value('state') ? ` (${value('state')})` : ''}`] };
}
