import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';
import type { StartOptions } from '../start-options.ts';

/** From where this process looks at hosts: the machine it runs on, unless HOLDFAST_PLACE says otherwise. `on`: it stays, and is to look. */
export function looksFrom({ listen, role, env }: StartOptions, { down }: Pick<Config, 'down'>): { place: string; on: boolean } {
  return { place: env.HOLDFAST_PLACE || hostname(), on: down.watch && (listen === true || role === 'worker') };
}
