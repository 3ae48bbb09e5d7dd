import { LOOKS, type PowerAction, type PowerSwitch, SWITCHES } from '../fleet/power/power.ts';
import { isOff, seenFromOutside, switched } from './power.ts';
import { HOSTS } from './roster.ts';
import { lines, type Simulated, type SimulatedAnswer } from './simulated.ts';

/** What a simulated hypervisor answers to `virsh` (src/fleet/scripts/virsh.sh says the contract) about one of its guests. */
export const virshAnswer: Simulated = ({ args, host, model, now, fleet }) => {
  const [action = '', name = '', , intent = ''] = args;
  const say = (values: Parameters<typeof lines>[1]): SimulatedAnswer => lines('virsh v1', values);
  const guest = HOSTS.find((one) => one.name === name && one.parent !== undefined);
  const standsOn = guest?.parent === undefined ? undefined : (fleet.get(guest.parent)?.guestsOn ?? guest.parent);
  const was = fleet.get(name);
  if (!guest || !was || standsOn !== host.name) return say({ failed: `error: failed to get domain '${name}'` });
  if (LOOKS.some((look) => look === action)) {
    const seen = seenFromOutside(guest, was, action as Exclude<PowerAction, PowerSwitch>, now);
    if (action === 'status') return say({ power: isOff(was) ? 'off' : 'on', state: isOff(was) ? 'shut off' : 'running' });
    if (seen.length === 0) return say({ none: 'nothing is kept of it' });
    return { code: 0, stdout: `${seen.map((line) => `line[]=${line}\n`).join('')}end=virsh v1\n`, stderr: '' };
  }
  if (!SWITCHES.some((one) => one === action)) return say({ failed: 'that is nothing this script does' });
  if (action === 'on' && !isOff(was)) return say({ failed: 'it is on already (running)' });
  if (action === 'off' && isOff(was)) return say({ failed: 'it is off already' });
  if (!/^[A-Za-z0-9_.-]+$/.test(intent)) return say({ failed: 'an intent is needed to switch' });
  if (model.intents?.includes(intent)) return say({ fence: 'already' });
  const others = Object.fromEntries(switched(HOSTS, fleet, name, action as PowerSwitch, now));
  return { ...say({ fence: 'new', begun: true, done: true }), becomes: { intents: [...(model.intents ?? []), intent] }, others };
};
