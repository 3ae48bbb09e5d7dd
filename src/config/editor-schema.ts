import { z } from 'zod';
import { ConfigSchema } from './schema.ts';

/** The part of JSON Schema that zod writes and we read back. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  required?: string[];
  [word: string]: unknown;
}

let made: JsonSchema | undefined;

/** What editors check and complete `holdfast.yaml` by; committed as docs/holdfast.schema.json. */
export function editorSchema(): JsonSchema {
  made ??= { ...(z.toJSONSchema(ConfigSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema), title: 'holdfast.yaml' };
  return made;
}
