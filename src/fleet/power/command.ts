import type { PowerClass } from '../../config/power.ts';
import { fillTemplate } from './fill.ts';
import { lastLines, saidShortly } from './lines.ts';
import type { PowerAnswer, PowerCall } from './power.ts';
import { runProgram } from './program.ts';

type Command = Extract<PowerClass, { command: unknown }>['command'];

/** Wall milliseconds. */
const PATIENCE = 12_000;

/** Asks by a configured program, run where Holdfast runs and without a shell. */
export async function askCommand({ host, action, patience = PATIENCE }: PowerCall, command: Command, name: string): Promise<PowerAnswer> {
  const words = command[action];
  if (!words) return { ok: false, says: `\`power.${name}.command\` has no \`${action}\`` };
  const argv: string[] = [];
  for (const word of words) {
    const filled = fillTemplate(word, host);
    if ('wrong' in filled) return { ok: false, says: `\`power.${name}.command.${action}\` ${filled.wrong}` };
    argv.push(filled.text);
  }
  const env = Object.fromEntries(Object.entries(command.env ?? {}).map(([key, value]) => [key, value.reveal()]));
  const ran = await runProgram({ argv, env, timeout: patience });
  const looks = action === 'status' || action === 'console' || action === 'log';
  if (ran.cut === 'not there') return { ok: false, says: `${argv[0]} (\`power.${name}.command.${action}\`) cannot be run where Holdfast runs` };
  if (ran.cut === 'time') return { ok: false, says: `${argv[0]} did not end within ${patience / 1000} s`, ...(!looks && { maybe: true }) };
  if (ran.code !== 0)
    return { ok: false, says: `${argv[0]} failed: ${saidShortly(ran.stderr, ran.stdout) || `exit code ${ran.code}`}`, ...(!looks && { maybe: true }) };
  if (action !== 'status') return { ok: true, says: lastLines(ran.stdout, 40) };
  const power = readPower(ran.stdout);
  if (power) return { ok: true, power, says: [`power ${power}`] };
  return { ok: false, says: `${argv[0]} said neither on nor off: ${saidShortly(ran.stdout, ran.stderr) || 'nothing'}` };
}

/** The words hypervisors, clouds and power strips have for it; one that is neither, or both, is not guessed at. */
export function readPower(text: string): 'on' | 'off' | undefined {
  const on = /\b(on|running|active|started|poweredon|up)\b/i.test(text);
  const off = /\b(off|stopped|shut[ -]?off|inactive|terminated|poweredoff|down|halted)\b/i.test(text);
  return on === off ? undefined : on ? 'on' : 'off';
}
