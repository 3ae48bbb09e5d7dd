import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { Wrong } from '../wrong.ts';
import { type AnswerWorld, type Asked, askedBy, say, sayWhatCame } from './say.ts';

/**
 * `/ack/<token>`, as it stands in what people are sent. Looking at it changes nothing, whoever looks: previews and mail scanners open every
 * link. Its button posts, once; what is posted again is told what came of it.
 */
export function serveLinks(app: Hono, world: AnswerWorld): void {
  app.get('/ack/:token', async (c) => {
    const asked = await askedBy(world, c.req.param('token'));
    const over = asked.state === 'resolved' || asked.state === 'silenced';
    return page(c, asked, over ? 'It is over; nobody has to answer any more.' : asked.state === 'acked' ? 'Somebody has it already.' : undefined);
  });
  app.post('/ack/:token', async (c) => {
    const asked = await askedBy(world, c.req.param('token'));
    const event = `ack:${asked.attempt}`;
    if (asked.state === 'open' && (await wasUsed(world, event)))
      throw new Wrong(409, 'This link was used before, and it needs somebody again.', { do: `Answer where you chat: ack ${asked.page}` });
    return page(c, asked, sayWhatCame(await say(world, asked, event, `ack ${asked.page}`)));
  });
}

/** A link acknowledges once: an old message must not quieten what burns again. */
async function wasUsed({ db }: AnswerWorld, event: string): Promise<boolean> {
  return (await db.query(`select 1 from inbox where platform = 'http' and event_id = $1 and state = 'ended'`, [event])).length > 0;
}

/** Everything a person or a host has written stands as text. Nothing is loaded, nothing runs, and no other page learns the address. */
function page(c: Context, asked: Asked, says: string | undefined) {
  c.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
  c.header('referrer-policy', 'no-referrer');
  const answer = html`<form method="post"><button>Acknowledge ${asked.page}</button></form>`;
  return c.html(html`<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${asked.page}</title>
<style>body{font:1.2rem/1.5 system-ui;margin:2rem auto;max-width:34rem;padding:0 1rem}button{font:inherit;padding:1rem;width:100%}</style>
<h1>${asked.page}</h1>
<p>${asked.text}</p>
<p>To ${asked.person.display}.</p>
${says === undefined ? answer : html`<p><strong>${says}</strong></p>`}
`);
}
