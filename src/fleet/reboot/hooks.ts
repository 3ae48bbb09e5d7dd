import type { Step, StepContext } from '../../jobs.ts';
import type { Host } from '../host.ts';
import { fillTemplate } from '../power/fill.ts';
import { answerOf } from '../scripts/said.ts';
import type { RebootHook, RebootParams } from './params.ts';
import { readRebootMemory } from './remembered.ts';

type Context = StepContext<RebootParams>;

/** Domain milliseconds between two looks at a drain. */
const LOOK_EVERY = 15_000;
/** Looks in a row that nobody answers, until a person is asked. */
const MISSES = 5;

/** Groups with hooks that the host was in when it was planned, in the order of its groups: moved since, it is drained as was approved. */
export function hookedGroups(host: Host, { hooks = {} }: RebootParams): { group: string; drain?: RebootHook; back?: RebootHook }[] {
  const place = (group: string): number => (host.groups.includes(group) ? host.groups.indexOf(group) : host.groups.length);
  return Object.entries(hooks)
    .filter(([group, { hosts }]) => (hosts ? hosts.includes(host.name) : host.groups.includes(group)))
    .sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
    .map(([group, { drain, back }]) => ({ group, ...(drain && { drain }), ...(back && { back }) }));
}

/** Takes the host out of service, one group after the other; one call of a hook a step. `held` when a hook says that it cannot. */
export async function drain(host: Host, context: Context): Promise<Step> {
  const { drains } = readRebootMemory(context.memory);
  const next = hookedGroups(host, context.params).find((each) => each.drain && drains[each.group] !== 'done');
  if (!next?.drain) return { step: 'done' };
  const { group, drain: hook } = next;
  const began = drains[group] === 'begun';
  const said = await call(hook, began ? 'look' : 'begin', host, context);
  if (said.state === 'done')
    return { step: 'wait', lookAgainIn: 1, waitingFor: 'its next step', remember: { drains: { ...drains, [group]: 'done' }, misses: 0 } };
  if (said.state === 'busy')
    return {
      step: 'wait',
      lookAgainIn: LOOK_EVERY,
      waitingFor: `@${group} to be drained${said.detail && ` (${said.detail})`}`,
      remember: { drains: { ...drains, [group]: 'begun' }, misses: 0 },
    };
  // What was begun and not heard of may well have begun.
  return unwell(said, context, `the drain (${hook.script.replace(/@.*/, '')}) of @${group}`, { ...drains, [group]: 'begun' });
}

/** Puts it back into service: by the hook for that, else by the `undo` of what drained it, the last first. */
export async function returnToService(host: Host, context: Context): Promise<Step> {
  const { drains } = readRebootMemory(context.memory);
  const next = hookedGroups(host, context.params)
    .reverse()
    .find(({ group, drain, back }) => drains[group] !== 'back' && (back || (drain && drains[group] !== undefined)));
  if (!next) return { step: 'done' };
  const { group } = next;
  const hook = (next.back ?? next.drain) as RebootHook;
  const key = `back ${group}`;
  const began = context.memory[key] === 'begun';
  const said = await call(hook, next.back ? (began ? 'look' : 'begin') : 'undo', host, context);
  if (said.state === 'done')
    return { step: 'wait', lookAgainIn: 1, waitingFor: 'its next step', remember: { drains: { ...drains, [group]: 'back' }, misses: 0 } };
  if (said.state === 'busy')
    return {
      step: 'wait',
      lookAgainIn: LOOK_EVERY,
      waitingFor: `@${group} to take it back${said.detail && ` (${said.detail})`}`,
      remember: { [key]: 'begun', misses: 0 },
    };
  return unwell(said, context, `its return to service in @${group} (${hook.script.replace(/@.*/, '')})`, drains);
}

/** Takes back what was begun of a drain, the last first. */
export async function undoDrains(host: Host, context: Context): Promise<Step> {
  const { drains } = readRebootMemory(context.memory);
  const next = hookedGroups(host, context.params)
    .reverse()
    .find(({ group, drain }) => drain && (drains[group] === 'begun' || drains[group] === 'done'));
  if (!next?.drain) return { step: 'done' };
  const { group, drain: hook } = next;
  const said = await call(hook, 'undo', host, context);
  if (said.state === 'done')
    return { step: 'wait', lookAgainIn: 1, waitingFor: 'its next step', remember: { drains: { ...drains, [group]: 'back' }, misses: 0 } };
  if (said.state === 'busy')
    return { step: 'wait', lookAgainIn: LOOK_EVERY, waitingFor: `@${group} to take it back${said.detail && ` (${said.detail})`}`, remember: { misses: 0 } };
  return unwell(said, context, `taking it back into @${group}`, drains);
}

interface HookSaid {
  state: 'done' | 'busy' | 'failed' | 'unanswered';
  detail: string;
}

async function call(hook: RebootHook, verb: 'begin' | 'look' | 'undo', host: Host, context: Context): Promise<HookSaid> {
  const words: string[] = [];
  for (const [name, template] of Object.entries(hook.params)) {
    const filled = fillTemplate(template, host);
    if ('wrong' in filled) return { state: 'failed', detail: `its parameter ${name} ${filled.wrong}` };
    words.push(`${name}=${filled.text}`);
  }
  const place = hook.on === undefined ? { text: host.name } : fillTemplate(hook.on, host);
  if ('wrong' in place) return { state: 'failed', detail: `its \`on\` ${place.wrong}` };
  if (!context.fleet.hosts.has(place.text)) return { state: 'failed', detail: `${place.text}, where it would run, is no longer in the inventory` };
  // Undone by another run: the hook knows it by the intent it was begun with.
  const { intent = context.intent } = readRebootMemory(context.memory);
  const args = [verb, host.name, intent, ...words];
  const answer = answerOf(place.text === host.name ? await context.script(hook.script, args) : await context.scriptOn(place.text, hook.script, args), hook.end);
  if ('wrong' in answer) return { state: answer.lost ? 'unanswered' : 'failed', detail: answer.wrong };
  const { state, detail = '' } = answer.said.values;
  if (state === 'done' || state === 'busy' || state === 'failed') return { state, detail };
  return { state: 'failed', detail: 'it said neither `state=done` nor `state=busy`' };
}

function unwell(said: HookSaid, context: Context, what: string, drains: Record<string, string>): Step {
  const { misses } = readRebootMemory(context.memory);
  if (said.state === 'unanswered' && misses + 1 < MISSES)
    return { step: 'wait', lookAgainIn: LOOK_EVERY, waitingFor: `${what} to answer (${said.detail})`, remember: { drains, misses: misses + 1 } };
  return { step: 'end', outcome: 'held', detail: `${what} ${said.state === 'failed' ? 'failed' : 'does not answer'}: ${said.detail}`, remember: { drains } };
}
