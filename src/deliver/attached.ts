import { renderText } from '../chat/text.ts';
import { crashPoint } from '../lib/crash.ts';
import { errorId } from '../lib/ids.ts';
import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import type { Renderer, Shown } from './shown.ts';

/**
 * Delivery to devices attached to this process: the terminal, and `holdfast exec` over the control socket. What they were
 * not yet shown is in the database; attaching an address again (after a crash, a lost connection) shows the rest.
 */
export interface Attached {
  /** `print` resolves when the device has the text; only then is it marked as shown. */
  attach(channel: string, print: (text: string) => Promise<void>): () => void;
  busy(): boolean;
  close(): Promise<void>;
}

/** Wall ms after its begin at which an unfinished thing is shown once: first words, and the verdict with "n not yet". */
const WORDS = [1500, 15_000];
/** Wall ms between two tries at a device or a database that does not take or give the answer. */
const LONGEST_PAUSE = 30_000;
/** An answer that could not be made so often in a row is given up. */
const TRIES = 4;

export async function deliverAttached(options: { db: Db; log: Log; renderers: Record<string, Renderer> }): Promise<Attached> {
  const { db, log, renderers } = options;
  const devices = new Map<string, Device>();

  interface Device {
    print: (text: string) => Promise<void>;
    again: boolean;
    running?: Promise<void>;
    /** Words already said of a card, by its id. */
    said: Map<string, number>;
    timer?: NodeJS.Timeout;
    /** Times in a row that it could not be shown. */
    failed: number;
  }
  const wake = (channel: string, device: Device): void => {
    device.again = true;
    device.running ??= show(channel, device).finally(() => {
      device.running = undefined;
      if (device.again && devices.get(channel) === device) wake(channel, device);
    });
  };
  const show = async (channel: string, device: Device): Promise<void> => {
    while (device.again && devices.get(channel) === device) {
      device.again = false;
      try {
        await showMessages(channel, device);
        await showCards(channel, device);
        device.failed = 0;
      } catch (error) {
        // Whoever left was not shown it, and knows.
        if (devices.get(channel) !== device) return;
        device.failed += 1;
        log.warn({ err: error, channel }, 'an answer could not be shown; it is tried again');
        clearTimeout(device.timer);
        device.timer = setTimeout(() => wake(channel, device), Math.min(1000 * 2 ** (device.failed - 1), LONGEST_PAUSE));
      }
    }
  };
  const showMessages = async (channel: string, device: Device): Promise<void> => {
    const rows = await db.query<{ id: string; body: Shown; inbox_id: string | null }>(
      `select id, body, inbox_id from messages where platform = 'terminal' and channel = $1 and state = 'waiting' order by id`,
      [channel],
    );
    for (const row of rows) {
      const text = say(row.body);
      crashPoint('answer.rendered');
      await device.print(text);
      crashPoint('answer.sent');
      await db.tx(async (tx) => {
        await tx.query(`update messages set state = 'sent', wall_sent = now() where id = $1`, [row.id]);
        await tx.notify('shown', `line:${row.inbox_id}`);
      });
      crashPoint('answer.marked');
    }
  };
  const showCards = async (channel: string, device: Device): Promise<void> => {
    const rows = await db.query<CardRow>(
      `select c.id, c.thing_kind, c.thing_id, c.wanted_rev, c.final, c.place, c.inbox_id, i.json,
              extract(epoch from now() - c.wall_made)::float8 * 1000 as age
       from cards c left join inbox i on i.id = c.inbox_id
       where c.platform = 'terminal' and c.channel = $1 and c.shown_rev < c.wanted_rev order by c.id`,
      [channel],
    );
    clearTimeout(device.timer);
    let nextWords = Infinity;
    for (const row of rows) {
      const due = WORDS.filter((word) => word <= row.age).length;
      const said = device.said.get(row.id) ?? 0;
      if (row.final) await showFinal(row, device);
      else if (due > said) {
        device.said.set(row.id, due);
        const text = row.json ? undefined : say(await render(row));
        // It may have ended while this was made: then its last words follow at once, and these would be the same twice.
        if (text !== undefined && !(await isFinal(row.id))) await device.print(text);
      }
      if (!row.final) nextWords = Math.min(nextWords, ...WORDS.filter((word) => word > row.age).map((word) => word - row.age));
    }
    if (nextWords < Infinity) device.timer = setTimeout(() => wake(channel, device), nextWords + 20);
  };
  const isFinal = async (id: string): Promise<boolean> => {
    const [card] = await db.query<{ final: boolean }>(`select final from cards where id = $1`, [id]);
    return card?.final === true;
  };
  const showFinal = async (row: CardRow, device: Device): Promise<void> => {
    const text = await render(row).then(say, (error: unknown) => giveUp(row, device, error));
    crashPoint('answer.rendered');
    await device.print(text);
    crashPoint('answer.sent');
    device.said.delete(row.id);
    await db.tx(async (tx) => {
      await tx.query(`update cards set shown_rev = greatest(shown_rev, $2) where id = $1`, [row.id, row.wanted_rev]);
      await tx.notify('shown', `line:${row.inbox_id}`);
    });
    crashPoint('answer.marked');
  };
  /** An answer that cannot be made must not hold up those behind it, and whoever waits for it, for ever. */
  const giveUp = (row: CardRow, device: Device, error: unknown): string => {
    if (device.failed < TRIES) throw error;
    const id = errorId();
    log.error({ err: error, id, thing: `${row.thing_kind} ${row.thing_id}` }, 'an answer could not be made');
    return say({ card: { title: `${row.thing_kind} ${row.thing_id} ended, and something of ours failed while showing it (${id}).`, tone: 'bad' } });
  };
  const render = async (row: CardRow): Promise<Shown> => {
    const renderer = renderers[row.thing_kind];
    if (!renderer) return { card: { title: `${row.thing_kind} ${row.thing_id}: this version of Holdfast cannot show it` } };
    return renderer(db, row.thing_id, { json: row.json === true, final: row.final, place: row.place });
  };

  const unlisten = await db.listen('shown', () => {
    for (const [channel, device] of devices) wake(channel, device);
  });
  return {
    attach(channel, print) {
      const device: Device = { print, again: false, said: new Map(), failed: 0 };
      devices.set(channel, device);
      wake(channel, device);
      return () => {
        if (devices.get(channel) === device) devices.delete(channel);
        clearTimeout(device.timer);
      };
    },
    busy: () => [...devices.values()].some((device) => device.running !== undefined),
    async close() {
      await unlisten();
      const running = [...devices.values()].map((device) => device.running);
      for (const device of devices.values()) clearTimeout(device.timer);
      devices.clear();
      await Promise.allSettled(running);
    },
  };
}

interface CardRow {
  id: string;
  thing_kind: string;
  thing_id: string;
  wanted_rev: number;
  final: boolean;
  place: { zone: string };
  inbox_id: string | null;
  json: boolean | null;
  age: number;
}

function say(shown: Partial<Shown> & { document?: unknown }): string {
  if (shown.document !== undefined) return harmless(JSON.stringify(shown.document));
  return renderText(shown.card ?? { title: 'Done.' });
}

/**
 * JSON leaves in its strings what moves a terminal's cursor (C1 controls) or turns the reading direction: there they are
 * written as numbers, which is the same document.
 */
function harmless(json: string): string {
  return json.replace(/(?!\u200c|\u200d|\ufe0e|\ufe0f)[\u007f-\u009f\u2028\u2029\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu, (mark) =>
    mark.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
