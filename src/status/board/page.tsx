import type { Child } from 'hono/jsx';
import { Shell } from '../shell.tsx';
import { CELLS, type Cell } from './read-runs.ts';

/** Wall seconds after which a browser without JavaScript loads the page again. */
const RELOAD = 20;

/** Where the board's own files and pages are: `/board`, behind a proxy maybe with something before it. */
export interface Where {
  base: string;
}

/** The whole page; `live` is what changes on it. */
export function BoardPage({ base, name, person, live, seen }: Where & { name: string; person: string; live: Child; seen: string }) {
  const reload = (
    <noscript>
      <meta http-equiv="refresh" content={String(RELOAD)} />
    </noscript>
  );
  return (
    <Shell title={`Board · ${name}`} style={`${base}/board.css`} script={`${base}/board.js`} head={reload} robots="noindex">
      <header>
        <h1>{name}</h1>
        <p id="live" role="status" class="soft">
          as it was when it was loaded
        </p>
      </header>
      <main data-events={`${base}/events`} data-seen={seen}>
        {live}
      </main>
      <footer>
        <span>
          {(Object.keys(CELLS) as Cell[]).map((cell, n) => (
            <>
              {n > 0 ? ', ' : ''}
              <span class={CELLS[cell].tone}>{CELLS[cell].sign}</span> {CELLS[cell].says}
            </>
          ))}
        </span>
        <span>For {person}. Nothing here changes anything.</span>
        <form method="post" action={`${base}/end`}>
          <button type="submit">Close the board in this browser</button>
        </form>
      </footer>
    </Shell>
  );
}

/** What a link shows to whoever opens it, also to a preview: one button, and nothing of anybody. */
export const OpenPage = ({ base }: Where) => (
  <Asking base={base} title="Open the board">
    <p>This link is good once. The button uses it up and opens the board in this browser.</p>
    <form method="post">
      <button type="submit">Open the board</button>
    </form>
  </Asking>
);

/** In place of the board, with what to do. */
export const NoPage = ({ base, title, says }: Where & { title: string; says: string }) => (
  <Asking base={base} title={title}>
    <p>{says}</p>
  </Asking>
);

const Asking = ({ base, title, children }: Where & { title: string; children: Child }) => (
  <Shell title={title} style={`${base}/board.css`} robots="noindex">
    <main class="ask">
      <h1>{title}</h1>
      {children}
    </main>
  </Shell>
);
