import type { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Reply } from '../chat/command.ts';
import type { Config } from '../config/schema.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Person } from '../people.ts';
import { type LineAnswer, withoutText } from './answers.ts';
import { eventKey, type HttpPlace, keyOf, placeOf, type Spine, send } from './ask.ts';
import { bodyOf } from './body.ts';
import { callerOf } from './keys.ts';
import { Wrong } from './wrong.ts';

export interface RunsWorld extends Spine {
  config(): Config;
  /** The line for values told apart; throws Refusal. */
  sayLine(job: string, values: Record<string, unknown>): string;
  /** What a command that only shows answers; throws Refusal. */
  show(text: string, actor: Person, place: HttpPlace): Promise<Reply>;
}

const Asked = z.union([
  z.strictObject({ command: z.string().min(1).max(4000), event: eventKey.optional() }),
  z.looseObject({ job: z.string().min(1).max(60), event: eventKey.optional() }),
]);

/** `POST /v1/runs`, `GET /v1/runs/<id>` and `GET /v1/lines/<id>`: the same way as a typed line, with a machine as the one who asks. */
export function serveRuns(app: Hono, world: RunsWorld): void {
  app.post('/v1/runs', async (c) => {
    const { actor } = callerOf(world.config(), c.req.header('authorization'));
    const body = await bodyOf(c, Asked);
    const key = keyOf(c.req.header('idempotency-key'), body.event);
    if (key === undefined)
      throw new Wrong(400, 'An Idempotency-Key is needed.', {
        why: 'Without one, a request that is sent again would be done again.',
        do: 'Send the header "Idempotency-Key: <an id of yours>", or "event" in the body.',
      });
    const answer = await send(world, actor, key, lineOf(world, body));
    return c.json(answer, statusOf(answer));
  });
  app.get('/v1/lines/:line', async (c) => {
    const { actor } = callerOf(world.config(), c.req.header('authorization'));
    const line = c.req.param('line');
    const answer = /^\d{1,18}$/.test(line) ? await world.answers.of(line, actor.name) : undefined;
    if (!answer) throw new Wrong(404, 'There is no such line of yours.', { do: 'Take "line" from the answer to POST /v1/runs; lines are kept 30 days.' });
    return c.json(withoutText(answer));
  });
  app.get('/v1/runs/:run', async (c) => {
    const { actor } = callerOf(world.config(), c.req.header('authorization'));
    const run = c.req.param('run');
    if (!/^R\d{1,9}$/i.test(run)) throw new Wrong(404, 'There is no such run.', { do: 'A run is R and a number: /v1/runs/R1.' });
    const { json } = await world.show(`show ${run.toUpperCase()}`, actor, placeOf(actor)).catch((error: unknown) => {
      throw error instanceof Refusal ? new Wrong(404, error.message) : error;
    });
    return c.json(json as object);
  });
}

function lineOf(world: RunsWorld, body: z.output<typeof Asked>): string {
  if (!('job' in body)) return body.command as string;
  const { job, event: _, ...values } = body;
  return world.sayLine(job, values);
}

/** Ended and well 200; refused 422; a fault of ours 500; taken, and not at its end yet, 202. */
function statusOf({ state, outcome, run }: LineAnswer): ContentfulStatusCode {
  if (outcome === 'refused') return 422;
  if (outcome === 'failed') return 500;
  return state === 'ended' && run === undefined ? 200 : 202;
}
