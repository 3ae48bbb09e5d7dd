import type { Context } from 'hono';
import type { z } from 'zod';
import { Wrong } from './wrong.ts';

/** Bytes. A line has 4,000 characters at most. */
export const LARGEST = 64 * 1024;

/** Reads the JSON body of a request. Refuses what is no JSON and what is not of the form, with everything that is wrong. */
export async function bodyOf<Form extends z.ZodType>(c: Context, form: Form): Promise<z.output<Form>> {
  const text = await textOf(c);
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Wrong(400, 'The body is no JSON.', { do: `Send a JSON object: curl --json '{…}' …` });
  }
  const read = form.safeParse(said);
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, 10).map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message));
  throw new Wrong(400, 'The body does not have the form it needs.', { why: problems.join('; ').slice(0, 2000), do: 'docs/automation.md has the forms.' });
}

export const textOf = async (c: Context): Promise<string> => (await bytesOf(c, LARGEST, 'Name a group instead of many hosts.')).toString('utf8');

/** No more is read than may be, whatever length was announced. */
export async function bytesOf(c: Context, largest: number, remedy: string): Promise<Buffer> {
  const tooLarge = (): Wrong => new Wrong(413, `The body is larger than ${largest / 1024} KiB.`, { do: remedy });
  const parts: Uint8Array[] = [];
  let length = 0;
  if (Number(c.req.header('content-length') ?? 0) > largest) throw tooLarge();
  const reader = c.req.raw.body?.getReader();
  for (;;) {
    const part = await reader?.read().catch(() => {
      throw new Wrong(400, 'The body did not arrive whole.');
    });
    if (!part || part.done) break;
    length += part.value.byteLength;
    if (length > largest) throw tooLarge();
    parts.push(part.value);
  }
  return Buffer.concat(parts);
}
