import type { HostModel } from './model.ts';
import type { RosterHost } from './roster.ts';
import type { Answer } from './ssh-host.ts';

/** What a script is answered from. `now` is domain time; `fleet` = every host as it is now, this one included. */
export interface Asked {
  args: readonly string[];
  host: RosterHost;
  model: HostModel;
  now: number;
  fleet: ReadonlyMap<string, HostModel>;
  /** Where its files stand, of hosts that have any: a folder of the real machine that stands for `/`. */
  root?: string;
}

/**
 * What a simulated host answers, and what it has become by it: merged field by field (`state` and `facts` key by key) and on
 * disk before the answer goes out, so that it survives a `kill -9`. `others` = what hosts beside it became: a guest
 * that was started, say. Answering and becoming is one step: no other script of the host comes between.
 */
export interface SimulatedAnswer extends Answer {
  becomes?: Becomes;
  others?: Record<string, Becomes>;
}

/** `undefined` takes a field away. */
export type Becomes = { [Field in keyof HostModel]?: HostModel[Field] | undefined };

export type Simulated = (asked: Asked) => SimulatedAnswer;

/** Merges what a script left on a host into what the host was. */
export function become(model: HostModel, becomes: Becomes): HostModel {
  const merged = {
    ...model,
    ...becomes,
    ...(becomes.state && { state: { ...model.state, ...becomes.state } }),
    ...(becomes.facts && { facts: { ...model.facts, ...becomes.facts } }),
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as unknown as HostModel;
}

/** `key=value` lines in the order given; what is `undefined` has no line. The end line is added. */
export function lines(script: string, values: Record<string, string | number | boolean | undefined>): SimulatedAnswer {
  const said = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value === true ? 'yes' : value === false ? 'no' : value}\n`],
  );
  return { code: 0, stdout: `${said.join('')}end=${script}\n`, stderr: '' };
}
