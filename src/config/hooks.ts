import { z } from 'zod';
import type { Fleet } from '../fleet/fleet.ts';
import { fillTemplate } from '../fleet/power/fill.ts';
import { isBuiltIn, readScript } from '../fleet/scripts/read.ts';
import type { Path } from './document.ts';
import { text } from './fields.ts';
import type { ConfiguredScript } from './scripts.ts';

/**
 * What takes the members of a group out of service before they are rebooted, and back in after. The script is called
 * `begin|look|undo <host> <intent> [name=value …]` and prints `state=done|busy|failed` and `detail=`.
 */
const HookEntry = z.strictObject({
  script: text().describe('One of `scripts`, or of Holdfast’s own: `drain-guests`'),
  on: text().optional().describe('The host it runs on; `{parent}` and `{site}` stand for those of the host. The host itself if unsaid'),
  params: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/), text())
    .default({})
    .describe('Handed over as `name=value`; `{host}`, `{parent}` and variables stand for themselves'),
});

export const HooksEntry = z.strictObject({
  drain: HookEntry.optional().describe('Before a reboot. Called `begin`, then `look` until done; `undo` takes the host back into service'),
  back: HookEntry.optional().describe('After it came back well. `undo` of `drain` if unsaid'),
});
export type Hooks = z.output<typeof HooksEntry>;
export type Hook = z.output<typeof HookEntry>;

/** Hooks whose script or host there is not. `members` = the hosts of the group, where the inventory could be read. */
export function checkHooks(
  group: string,
  hooks: Hooks,
  { scripts, fleet }: { scripts: Readonly<Record<string, ConfiguredScript>>; fleet: Fleet },
): { path: Path; says: string }[] {
  const problems: { path: Path; says: string }[] = [];
  for (const [kind, hook] of Object.entries(hooks) as [keyof Hooks, Hook | undefined][]) {
    if (!hook) continue;
    const say = (key: string, says: string): void => {
      const steps = ['groups', group, 'hooks', kind, ...key.split('.')];
      problems.push({ path: steps, says: `\`${steps.join('.')}\` ${says}` });
    };
    const configured = Object.hasOwn(scripts, hook.script) ? scripts[hook.script] : undefined;
    if (!configured && !isHook(hook.script)) say('script', `names \`${hook.script}\`, which is no script under \`scripts\` and no hook of Holdfast’s own`);
    if (configured?.risk === 'read') say('script', `names \`${hook.script}\`, whose risk is \`read\`: it takes nothing out of service`);
    const templates = [
      ...(hook.on === undefined ? [] : [['on', hook.on] as const]),
      ...Object.entries(hook.params).map(([name, text]) => [`params.${name}`, text] as const),
    ];
    for (const [key, template] of templates) {
      const wrong = wrongTemplate(template, group, fleet, key === 'on');
      if (wrong !== undefined) say(key, wrong);
    }
  }
  return problems;
}

/** Holdfast's own scripts that keep to the contract of a hook say so in their second or third line. */
function isHook(name: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(name) && isBuiltIn(name) && /^# hook$/m.test(readScript(name).text);
}

/** Tried on every member of the group; the first that lacks something is named. */
function wrongTemplate(template: string, group: string, fleet: Fleet, aHost: boolean): string | undefined {
  for (const host of (fleet.groups.get(group) ?? []).flatMap((name) => fleet.hosts.get(name) ?? [])) {
    const filled = fillTemplate(template, host);
    if ('wrong' in filled) return filled.wrong;
    if (aHost && !fleet.hosts.has(filled.text)) return `says \`${filled.text}\`, where it would run for ${host.name}, and that is no host of the inventory`;
  }
  return undefined;
}
