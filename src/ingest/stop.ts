import type { Hono } from 'hono';
import { z } from 'zod';
import { uniqueId } from '../lib/ids.ts';
import type { StopSwitch } from '../ops.ts';
import type { Person } from '../people.ts';
import { eventKey, keyOf, send } from './ask.ts';
import { bodyOf } from './body.ts';
import { callerOf } from './keys.ts';
import type { RunsWorld } from './runs.ts';
import { Wrong } from './wrong.ts';

export interface StopWorld extends RunsWorld {
  stop: StopSwitch;
}

const Stopped = z.strictObject({
  because: z.string().min(1).max(500).optional(),
  run: z
    .string()
    .regex(/^R\d{1,9}$/i, 'is no run: R1')
    .optional(),
  target: z.string().min(1).max(1000).optional(),
  event: eventKey.optional(),
});

/** Wall ms the line has to bring the stop into force, before it is set by the file that needs no database. */
const PATIENCE = 1_000;

/** `POST /v1/stop`: everything, one run, or what touches a target. Answers 2xx when it is in force and not before. */
export function serveStop(app: Hono, world: StopWorld): void {
  app.post('/v1/stop', async (c) => {
    const { actor } = callerOf(world.config(), c.req.header('authorization'));
    const { because, run, target, event } = await bodyOf(c, Stopped);
    if (run !== undefined && target !== undefined) throw new Wrong(400, 'Say "run" or "target", not both.', { do: 'Neither stops everything.' });
    const what = run?.toUpperCase() ?? target;
    const line = world.sayLine('stop', { ...(what !== undefined && { what }), ...(because !== undefined && { because }) });
    const key = keyOf(c.req.header('idempotency-key'), event) ?? uniqueId();
    return c.json(what === undefined ? await stopEverything(world, actor, key, line, because) : await stopSome(world, actor, key, line));
  });
}

/** The line does it whole; where it is late, the file stops what begins, and the line follows when the database is back. */
async function stopEverything(world: StopWorld, actor: Person, key: string, line: string, because: string | undefined): Promise<object> {
  const sent = send(world, actor, key, line).then(
    (answer) => ({ line: answer.line, recorded: answer.state !== 'taken', ...(answer.answer !== undefined && { answer: answer.answer }) }),
    () => ({ recorded: false }),
  );
  await Promise.race([sent, new Promise((late) => setTimeout(late, PATIENCE))]);
  if (!world.stop.state().stopped) world.stop.set(actor.name, because);
  const told = await sent;
  const state = world.stop.state();
  if (!state.stopped) throw new Wrong(409, 'Somebody has said go meanwhile.', { do: 'Look, and stop again.' });
  return { stopped: true, by: state.by, at: new Date(state.at).toISOString(), ...(state.because && { because: state.because }), ...told };
}

async function stopSome(world: StopWorld, actor: Person, key: string, line: string): Promise<object> {
  const answer = await send(world, actor, key, line);
  if (answer.outcome === 'refused') throw new Wrong(422, answer.says ?? 'Refused.', { more: { line: answer.line } });
  if (answer.outcome === 'failed' || answer.state === 'taken')
    throw new Wrong(503, 'Not known to be in force.', {
      do: 'Send it again, or POST /v1/stop without "run" and "target": that stops everything at once, also without the database.',
      more: { line: answer.line },
    });
  return { stopped: true, ...answer };
}
