import type { Config } from '../../config/schema.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { ExecResult } from '../ssh/transport.ts';
import { classOf } from './class-of.ts';
import { askCommand } from './command.ts';
import { askIpmi } from './ipmi.ts';
import { askVirsh } from './virsh.ts';

/** What can be asked of the power of a host. The first three look, the others switch. */
export const LOOKS = ['status', 'console', 'log'] as const;
export const SWITCHES = ['on', 'off', 'cycle'] as const;
export type PowerLook = (typeof LOOKS)[number];
export type PowerSwitch = (typeof SWITCHES)[number];
export type PowerAction = PowerLook | PowerSwitch;

/** What came of asking. `says`: what a person reads, at most some 40 lines. */
export type PowerAnswer =
  | { ok: true; power?: 'on' | 'off'; says: string[] }
  /** `maybe`: it was cut short after it had begun; whether the host was switched is not known. */
  | { ok: false; says: string; maybe?: true };

export interface PowerWorld {
  config: Pick<Config, 'power'>;
  fleet: Fleet;
  scriptOn(host: string, name: string, args?: readonly string[], timeout?: number): Promise<ExecResult>;
}

export interface PowerCall {
  host: Host;
  action: PowerAction;
  /** Names the doing, where something is switched: a parent refuses the second of one intent. */
  intent?: string;
  /** Wall milliseconds, at most. Unsaid = 12 s, 4 s of which a console is listened to. */
  patience?: number;
}

/**
 * Asks the power of one host by its class: a BMC through ipmitool, a configured command, virsh on its parent. Never throws
 * for the host's sake; takes some 15 s at most.
 */
export async function askPower(call: PowerCall, world: PowerWorld): Promise<PowerAnswer> {
  const found = classOf(call.host, world);
  if (!found) return { ok: false, says: noClass(call.host.name) };
  const answer = await askClass(call, found, world);
  const nothing = answer.ok && answer.says.length === 0 && (call.action === 'console' || call.action === 'log');
  return nothing ? { ...answer, says: [`the ${call.action} is empty`] } : answer;
}

function askClass(call: PowerCall, { name, entry }: NonNullable<ReturnType<typeof classOf>>, world: PowerWorld): Promise<PowerAnswer> {
  if ('ipmi' in entry) return askIpmi(call, entry.ipmi);
  if ('virsh' in entry) return askVirsh(call, entry.virsh, world);
  return askCommand(call, entry.command, name);
}

export const noClass = (host: string): string => `${host} is in no class of \`power\` in holdfast.yaml`;
