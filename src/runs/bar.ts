import type { RunRow } from './rows.ts';

const CELLS = 20;

/** `████████✗▶▶░░░░░░░░░ 9 of 20`: done well, done and not well, in flight, to do. Readable without any colour. */
export function bar(run: Pick<RunRow, 'size'>, parts: { well: number; ill: number; going: number }): string {
  const { size } = run;
  if (size === 0) return '';
  const cells = Math.min(size, CELLS);
  const share = (hosts: number): number => (hosts === 0 ? 0 : Math.max(1, Math.round((hosts / size) * cells)));
  const ill = share(parts.ill);
  const going = Math.min(share(parts.going), cells - ill);
  const all = parts.well + parts.ill + parts.going >= size;
  // Rounded down: a bar that is full says that everything is done.
  const well = Math.max(0, Math.min(all ? cells : Math.floor((parts.well / size) * cells), cells - ill - going));
  const done = parts.well + parts.ill;
  return `${'█'.repeat(well)}${'✗'.repeat(ill)}${'▶'.repeat(going)}${'░'.repeat(cells - well - ill - going)} ${done} of ${size}`;
}
