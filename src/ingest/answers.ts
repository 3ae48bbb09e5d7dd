import type { Outcome } from '../chat/command.ts';
import type { Renderer } from '../deliver/shown.ts';
import type { Db } from '../store/db.ts';

/** How a line that other automation sent stands. */
export interface LineAnswer {
  line: string;
  state: 'taken' | 'begun' | 'ended';
  outcome?: Outcome;
  /** The run it asked for. */
  run?: string;
  /** What `--json` prints. */
  answer?: unknown;
  /** The first line a person would read. */
  says?: string;
}

/** Answers of lines, looked up and waited for. */
export interface Answers {
  /** `undefined` when there is no such line of this actor. */
  of(line: string, actor: string): Promise<(LineAnswer & { text: string }) | undefined>;
  /** The same as soon as it has ended or began a run, at the latest after `ms` of wall time. */
  within(line: string, actor: string, ms: number): Promise<LineAnswer | undefined>;
  close(): Promise<void>;
}

export async function openAnswers(db: Db, renderers: Record<string, Renderer>): Promise<Answers> {
  const waiting = new Map<string, Set<() => void>>();
  const unlisten = await db.listen('shown', (payload) => {
    const line = payload.startsWith('line:') ? payload.slice('line:'.length) : undefined;
    // A connection that was lost may have missed anything.
    for (const [id, wake] of waiting) if (payload === '' || id === line) for (const look of wake) look();
  });
  const of: Answers['of'] = async (line, actor) => {
    const [row] = await db.query<Row>(
      `select i.text, i.state, i.outcome, i.began_kind, i.began_id, i.place, m.body
       from inbox i left join messages m on m.key = 'line:' || i.id where i.id = $1 and i.platform = 'http' and i.actor = $2`,
      [line, actor],
    );
    if (!row) return undefined;
    const shown = row.state === 'ended' && row.began_kind && row.began_id ? await render(row) : row.body;
    return {
      text: row.text,
      line,
      state: row.state,
      ...(row.outcome && { outcome: row.outcome }),
      ...(row.began_kind === 'run' && row.began_id && { run: row.began_id }),
      ...(shown?.document !== undefined && { answer: shown.document }),
      ...(shown?.card?.title !== undefined && { says: shown.card.title }),
    };
  };
  const render = async ({ began_kind, began_id, place }: Row): Promise<Row['body']> =>
    renderers[began_kind as string]?.(db, began_id as string, { json: true, final: true, place });
  return {
    of,
    async within(line, actor, ms) {
      let late = false;
      let look = (): void => {};
      const wake = (): void => look();
      const looking = waiting.get(line) ?? new Set();
      waiting.set(line, looking.add(wake));
      const timer = setTimeout(() => {
        late = true;
        wake();
      }, ms);
      try {
        for (;;) {
          const woken = new Promise<void>((resolve) => {
            look = resolve;
          });
          const answer = await of(line, actor);
          if (!answer || late || answer.state === 'ended' || answer.run) return answer && withoutText(answer);
          await woken;
        }
      } finally {
        clearTimeout(timer);
        looking.delete(wake);
        if (looking.size === 0) waiting.delete(line);
      }
    },
    close: unlisten,
  };
}

export function withoutText({ text: _, ...answer }: LineAnswer & { text: string }): LineAnswer {
  return answer;
}

interface Row {
  text: string;
  state: LineAnswer['state'];
  outcome: Outcome | null;
  began_kind: string | null;
  began_id: string | null;
  place: { zone: string };
  body?: { document?: unknown; card?: { title: string } } | undefined;
}
