import { parseArgs } from 'node:util';

const OPTIONS = {
  config: { type: 'string' },
  role: { type: 'string', default: 'all' },
  fresh: { type: 'boolean', default: false },
  speed: { type: 'string', default: '60' },
  strict: { type: 'boolean', default: false },
  ansible: { type: 'string' },
  'ansible-command': { type: 'string' },
  'ssh-config': { type: 'string' },
  out: { type: 'string', default: 'holdfast.yaml' },
  force: { type: 'boolean', default: false },
  'confirm-keys': { type: 'boolean', default: false },
  'leave-out': { type: 'boolean', default: false },
  url: { type: 'string' },
  json: { type: 'boolean', default: false },
  changes: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

/** Options of all sub-commands together; throws what node:util throws. */
export function parseInvocation(argv: string[]) {
  return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
}

type Options = ReturnType<typeof parseInvocation>['values'];

/** What every sub-command is given; env and argv are read here and nowhere below. */
export interface Invocation {
  options: Options;
  words: string[];
  env: Record<string, string | undefined>;
  home: string;
  /** `$HOLDFAST_DATA`. */
  dataDir?: string;
  configFile?: string;
  login: string;
  zone: string;
}
