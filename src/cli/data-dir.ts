import { resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { Invocation } from './invocation.ts';

/** Where the data lies: HOLDFAST_DATA, else what the configuration says, else ./data (the sandbox's). */
export async function dataDirOf(call: Invocation): Promise<string> {
  if (call.dataDir !== undefined) return call.dataDir;
  if (call.configFile === undefined) return resolve('data');
  const { config } = await loadConfig(call.configFile, { env: call.env, home: call.home });
  return config.data;
}
