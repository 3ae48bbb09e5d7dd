import pLimit, { type LimitFunction } from 'p-limit';
import type { PowerClass } from '../../config/power.ts';
import { fillTemplate } from './fill.ts';
import { ipmiTrouble, sayIpmi } from './ipmi-says.ts';
import { lastLines } from './lines.ts';
import type { PowerAction, PowerAnswer, PowerCall } from './power.ts';
import { type Program, type Ran, runProgram } from './program.ts';

type Ipmi = Extract<PowerClass, { ipmi: unknown }>['ipmi'];

/** Wall milliseconds: a BMC that does not answer takes 10 s by `-N 2 -R 2`. */
const PATIENCE = 12_000;
const LISTEN = 4_000;

/** Asks a BMC. The password goes by the environment of ipmitool, never among its words. */
export async function askIpmi({ host, action, patience = PATIENCE }: PowerCall, ipmi: Ipmi): Promise<PowerAnswer> {
  const address = fillTemplate(ipmi.address, host);
  if ('wrong' in address) return { ok: false, says: `\`power\`: the address of its BMC ${address.wrong}` };
  const bmc = { ...ipmi, address: address.text };
  const tool = (words: string[], more: Partial<Program> = {}) =>
    runProgram({ argv: [...toolWords(bmc), ...words], env: { IPMI_PASSWORD: ipmi.password.reveal() }, timeout: patience, ...more });
  return inTurn(address.text, async () => {
    if (action === 'console') return listen(bmc, tool, patience);
    const ran = await tool(WORDS[action]);
    if (action === 'log' && /SEL has no entries/i.test(`${ran.stdout}${ran.stderr}`)) return { ok: true, says: [] };
    if (ran.code !== 0) return sayIpmi(ran, bmc, action);
    if (action === 'status') return readStatus(ran, bmc);
    return { ok: true, says: lastLines(ran.stdout, 40) };
  });
}

/** `-v` makes ipmitool tell a wrong password from a BMC that does not answer; what it adds goes to stderr. */
const WORDS: Record<Exclude<PowerAction, 'console'>, string[]> = {
  status: ['-v', 'chassis', 'power', 'status'],
  on: ['-v', 'chassis', 'power', 'on'],
  off: ['-v', 'chassis', 'power', 'off'],
  cycle: ['-v', 'chassis', 'power', 'cycle'],
  // `elist` reads the sensor records as well: slow, and noise where there are none.
  log: ['sel', 'list', 'last', '20'],
};

function toolWords({ address, user, port, cipher, interface: lan, privilege }: Ipmi): string[] {
  const suite = lan === 'lanplus' ? ['-C', String(cipher)] : [];
  return ['ipmitool', '-I', lan, ...suite, '-H', address, '-p', String(port), '-U', user, '-L', privilege.toUpperCase(), '-E', '-N', '2', '-R', '2'];
}

function readStatus({ stdout }: Ran, bmc: Ipmi): PowerAnswer {
  const [, power] = /Chassis Power is (on|off)/i.exec(stdout) ?? [];
  if (!power) return { ok: false, says: `the BMC ${bmc.address} answered the question for power with ${JSON.stringify(lastLines(stdout, 1)[0] ?? '')}` };
  return { ok: true, power: power.toLowerCase() as 'on' | 'off', says: [`power ${power.toLowerCase()}`] };
}

/**
 * What the console says while we listen; a BMC shows nothing of before, unless the SOL instance of the class is one that
 * keeps it. There is one session only: an old one is ended first, ours is ended by the escape and, if need be, anew.
 */
async function listen(bmc: Ipmi, tool: (words: string[], more?: Partial<Program>) => Promise<Ran>, patience: number): Promise<PowerAnswer> {
  const instance = bmc.sol_instance === 1 ? [] : [`instance=${bmc.sol_instance}`];
  const listening = Math.min(LISTEN, patience / 2);
  const before = await tool(['-v', 'sol', 'deactivate', ...instance]);
  // What else it may say of a session that is not there is no matter: opening one tells.
  const trouble = before.code === 0 ? undefined : ipmiTrouble(before, bmc, 'console');
  if (trouble !== undefined) return { ok: false, says: trouble };
  const ran = await tool(['sol', 'activate', ...instance], { timeout: listening + 2_000, stdin: { after: listening, words: '~.' } });
  if (ran.cut === 'time') await tool(['sol', 'deactivate', ...instance], { timeout: 3_000 });
  const opened = /\[SOL Session operational[^\]]*\]/;
  if (!opened.test(ran.stdout)) return sayIpmi(ran, bmc, 'console');
  const says = lastLines(ran.stdout.replace(opened, '').replace(/~?\.?\s*\[terminated ipmitool\]/, ''), 40);
  return { ok: true, says: says.length > 0 ? says : [`the console said nothing for ${listening / 1000} s`] };
}

/** BMCs hold few sessions; each is asked one thing at a time. */
function inTurn<Answer>(address: string, work: () => Promise<Answer>): Promise<Answer> {
  const turn = turns.get(address) ?? pLimit(1);
  turns.set(address, turn);
  return turn(work).finally(() => {
    if (turn.activeCount + turn.pendingCount === 0) turns.delete(address);
  });
}
const turns = new Map<string, LimitFunction>();
