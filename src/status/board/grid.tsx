import { type BoardRun, CELLS, type Cell } from './read-runs.ts';

/** Stretches of one letter that get a title of their own; of more only their signs are shown. */
const MOST_TITLES = 300;

/**
 * A sign for each host of a run, in the order of the plan: equal neighbours are one element, so that thousands of hosts stay small. What is
 * read out is how many of each there are; those that did not end well stand below it by name.
 */
export function Grid({ run }: { run: BoardRun }) {
  const stretches = stretchesOf(run.cells);
  const titles = stretches.length <= MOST_TITLES;
  return (
    <p class="grid" role="img" aria-label={countsOf(run.cells)}>
      {stretches.map(({ cell, from, until }) => (
        <span class={CELLS[cell].tone} title={titles ? titleOf(run, cell, from, until) : undefined}>
          {CELLS[cell].sign.repeat(until - from)}
        </span>
      ))}
    </p>
  );
}

/** `9 ok, 1 lost, 2 not started` */
export function countsOf(cells: string): string {
  const counts = new Map<Cell, number>();
  for (const cell of cells) counts.set(known(cell), (counts.get(known(cell)) ?? 0) + 1);
  const says = (Object.keys(CELLS) as Cell[]).flatMap((cell) => (counts.has(cell) ? [`${counts.get(cell)} ${CELLS[cell].says}`] : []));
  return says.join(', ') || 'no hosts';
}

function stretchesOf(cells: string): { cell: Cell; from: number; until: number }[] {
  const stretches: { cell: Cell; from: number; until: number }[] = [];
  for (let at = 0; at < cells.length; at += 1) {
    const cell = known(cells[at] as string);
    const last = stretches.at(-1);
    if (last?.cell === cell) last.until = at + 1;
    else stretches.push({ cell, from: at, until: at + 1 });
  }
  return stretches;
}

function titleOf({ names }: BoardRun, cell: Cell, from: number, until: number): string {
  const [first, last] = [names[from], names[until - 1]];
  return `${first}${until - from > 1 ? ` to ${last} (${until - from})` : ''}: ${CELLS[cell].says}`;
}

/** An outcome of a later version is not left out. */
const known = (cell: string): Cell => (cell in CELLS ? (cell as Cell) : 'u');
