import { Refusal } from '../lib/refusal.ts';

/** As every program that is told a PORT has it. */
const PUBLIC = 8080;

type Env = Record<string, string | undefined>;

/** The port the status page wants: PORT, then the file, then 8080. */
export function publicPort(env: Env, configured: number | undefined): number {
  return env.PORT ? portIn('PORT', env.PORT) : (configured ?? PUBLIC);
}

/** The port that is wanted for other automation: what is said to Holdfast alone, then the file, then the one after the public listener's. */
export function wantedPort(env: Env, configured: number | undefined, besides?: number): number {
  if (env.PRIVATE_PORT) return portIn('PRIVATE_PORT', env.PRIVATE_PORT);
  if (configured !== undefined) return configured;
  const beside = publicPort(env, besides);
  return beside > 0 && beside < 65_535 ? beside + 1 : 0;
}

function portIn(name: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Refusal(`${name}=${text.slice(0, 40)} is no port: a whole number from 0 to 65535, 0 for any that is free.`);
}
