import type { Context } from 'hono';
import type { z } from 'zod';
import { Wrong } from './wrong.ts';

/** Reads the JSON body of a request. Refuses what is no JSON and what is not of the form, with everything that is wrong. */
export async function bodyOf<Form extends z.ZodType>(c: Context, form: Form): Promise<z.output<Form>> {
  let said: unknown;
  try {
    said = JSON.parse(await c.req.text());
  } catch {
    throw new Wrong(400, 'The body is no JSON.', { do: `Send a JSON object: curl --json '{…}' …` });
  }
  const read = form.safeParse(said);
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, 10).map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message));
  throw new Wrong(400, 'The body does not have the form it needs.', { why: problems.join('; ').slice(0, 2000), do: 'docs/automation.md has the forms.' });
}
