import { saidShortly } from './lines.ts';
import type { PowerAction } from './power.ts';
import type { Ran } from './program.ts';

interface Bmc {
  address: string;
  port: number;
  user: string;
  privilege: string;
}

/** What ipmitool's failing means for a person, and whether the host may have been switched all the same. */
export function sayIpmi(ran: Ran, bmc: Bmc, action: PowerAction): { ok: false; says: string; maybe?: true } {
  const trouble = ipmiTrouble(ran, bmc, action);
  if (trouble !== undefined) return { ok: false, says: trouble };
  // With a completion code the BMC has said no; without one nobody knows.
  const maybe = switches(action) && !/Set Chassis Power Control to .* failed: /.test(ran.stderr) && { maybe: true as const };
  if (ran.cut === 'time') return { ok: false, says: `the BMC ${bmc.address} did not answer in time`, ...maybe };
  return { ok: false, says: `the BMC ${bmc.address} refused: ${saidShortly(ran.stderr, ran.stdout) || `ipmitool ended with ${ran.code}`}`, ...maybe };
}

/** The troubles with a BMC that people can mend, by ipmitool's words for them; after each of these nothing was done. */
export function ipmiTrouble(ran: Ran, { address, port, user, privilege }: Bmc, action: PowerAction): string | undefined {
  if (ran.cut === 'not there') return 'ipmitool is not installed where Holdfast runs: apt install ipmitool';
  const text = `${ran.stdout}\n${ran.stderr}`;
  if (/Insufficient privilege level/i.test(text))
    return `the BMC ${address} lets ${user} look but not ${switches(action) ? 'switch' : 'do that'} (Insufficient privilege level): make ${user} operator or administrator there`;
  if (/RAKP 2 HMAC is invalid|invalid HMAC|password (verification|invalid)/i.test(text)) return `the BMC ${address} does not take the password of ${user}`;
  if (/unauthorized name/i.test(text)) return `the BMC ${address} knows no user ${user}`;
  if (/unauthorized role|Set Session Privilege Level to/i.test(text))
    return `the BMC ${address} does not give ${user} the privilege ${privilege}: set \`privilege\` of its class`;
  if (/invalid (authentication|integrity|confidentiality) algorithm|no matching cipher|cipher suite/i.test(text))
    return `the BMC ${address} does not speak the cipher suite it is asked in: set \`cipher\` of its class (3 on old ones)`;
  if (/Address lookup for .* failed/i.test(text)) return `nobody knows the address ${address}, which should be a BMC`;
  if (/insufficient resources|no free session|payload already active on another session/i.test(text))
    return `the BMC ${address} has no session left${action === 'console' ? ': somebody else is at the console' : ''}; try again`;
  if (/Get Auth Capabilities error|Unable to establish (IPMI v2|LAN)|Could not open socket/i.test(text))
    return `the BMC ${address} does not answer on port ${port}`;
  return undefined;
}

const switches = (action: PowerAction): boolean => action === 'on' || action === 'off' || action === 'cycle';
