import { z } from 'zod';
import { duration, text } from './fields.ts';

/** `restart-app`: what people type after `script`, hooks name, and the script says of itself in its first line. */
export const SCRIPT_NAME = /^[a-z][a-z0-9-]{0,39}$/;

const scriptName = () => z.string().regex(SCRIPT_NAME, 'is no name for a script: small letters, digits and `-`, a letter first, 40 at most');

const parameterName = () =>
  z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,31}$/, 'is no name for a parameter: small letters, digits and `_`, a letter first, 32 at most')
    .refine((name) => !KEYWORDS.has(name), {
      error: (issue) => `\`${String(issue.input)}\` is a word of the command \`script\` itself; call the parameter by another word`,
    });

/** What can be typed after `script NAME target` and is no parameter. */
const KEYWORDS = new Set(['at', 'batch', 'because', 'by', 'json', 'not', 'or', 'and', 'plan', 'strict', 'where', 'host', 'hosts', 'group']);

export const ParameterEntry = z
  .strictObject({
    type: z.enum(['word', 'number', 'host', 'choice'], { error: 'must be `word`, `number`, `host` or `choice`' }).default('word'),
    choices: z.array(text()).min(1, 'is empty: give at least one word').optional(),
    default: z.union([z.string(), z.number()]).transform(String).optional(),
    required: z.boolean().default(false),
    summary: text().optional(),
  })
  .refine(({ type, choices }) => (type === 'choice') === (choices !== undefined), 'needs `choices` exactly where its type is `choice`')
  .refine((entry) => !(entry.required && entry.default !== undefined), 'is required and has a default: keep one of them');

export const ScriptEntry = z
  .strictObject({
    file: text().describe('POSIX sh, relative to this file; its first line is `# holdfast:<name> v<n>`'),
    risk: z
      .enum(['read', 'change', 'disrupt'], { error: 'must be `read`, `change` or `disrupt`' })
      .describe('`change`: the host goes on serving; `disrupt`: it, or something on it, does not'),
    summary: text().optional().describe('What it does, for plans and help'),
    params: z
      .record(
        parameterName(),
        ParameterEntry.nullable().transform((value) => value ?? ParameterEntry.parse({})),
      )
      .default({})
      .describe('Handed over as `name=value`, one argument each'),
    timeout: duration()
      .refine((ms) => ms <= LONGEST, 'must be at most `5m`: a script that takes longer starts a unit of its own and ends')
      .default(20_000),
    root: z.boolean().default(false).describe('Runs through `sudo -n` where the login is not root'),
    undo: scriptName().optional().describe('The script that takes it back; it is given the same parameters'),
  })
  // What stands in the file is read when the configuration is; see read-scripts.ts.
  .transform((entry) => ({ ...entry, path: '', version: 0, sha256: '', body: '' }));

const LONGEST = 5 * 60_000;

/** Everything under `scripts:`. */
export const ScriptEntries = z.record(scriptName(), ScriptEntry);

/** One script as configured, its file read. `body` is the whole file. */
export type ConfiguredScript = z.output<typeof ScriptEntry>;
export type Parameter = z.output<typeof ParameterEntry>;
