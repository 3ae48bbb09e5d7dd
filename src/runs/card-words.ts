import type { CardAction, Moment } from '../chat/card.ts';
import { sayDuration } from '../lib/duration.ts';
import { moment } from '../rollout/words.ts';
import { clip } from './host-lines.ts';
import type { ShownRun } from './load.ts';
import type { RunRow } from './rows.ts';

/** What every card of a run is told besides the run itself. */
export interface Told {
  /** Domain time. */
  now: number;
  /** IANA zone of the place it is shown in. */
  zone: string;
  /** Filled with the moments that are said. */
  moments?: Moment[];
  /** Who may approve what is asked for now. */
  approvers: readonly string[];
  /** Its job can put back what it did. */
  undoable: boolean;
  /** Ways to a host that does not answer; none where its power is out of reach. */
  powerOf?(host: string): CardAction[];
}

/** `reboot @kvm`, `power off kvm05`, `undo of R1: reboot @kvm`. */
export function subject({ job, plan }: Pick<RunRow, 'job' | 'plan'>, room = 40): string {
  const what = `${plan.words ?? job} ${plan.expression}`;
  return clip(plan.mode === 'undo' ? `undo of ${plan.of ?? 'a run'}: ${what}` : what, room);
}

/** `asked by you, approved by ada, because the kernel is old` */
export function whose({ by, because, approvals }: Pick<RunRow, 'by' | 'because' | 'approvals'>): string {
  const given = [...new Set(Object.values(approvals).map((approval) => `${approval.by}${approval.breakGlass ? ' (broke the glass)' : ''}`))];
  return clip(`asked by ${by}${given.length > 0 ? `, approved by ${given.join(', ')}` : ''}${because ? `, because ${because}` : ''}`, 120);
}

/** Hosts that have their outcome. */
export function doneOf({ counts }: Pick<ShownRun, 'counts'>): { well: number; ill: number; all: number } {
  const well = (counts.ok ?? 0) + (counts.already ?? 0);
  const ill = (counts.failed ?? 0) + (counts.lost ?? 0) + (counts.unverified ?? 0) + (counts.held ?? 0);
  return { well, ill, all: well + ill };
}

/** `9 ok, 1 lost` */
export function sayCounts({ counts }: Pick<ShownRun, 'counts'>): string {
  const order = ['lost', 'failed', 'held', 'unverified', 'ok', 'already', 'skipped'] as const;
  return order
    .filter((outcome) => counts[outcome])
    .map((outcome) => `${counts[outcome]} ${outcome}`)
    .join(', ');
}

export const minutes = (ms: number): string => (ms >= 120_000 && ms < 2 * 3600_000 ? `${Math.round(ms / 60_000)} min` : sayDuration(ms));

/** The end of a title that must survive: what comes before gives way. */
export const title = (before: string, after: string, room = 100): string => `${clip(before, Math.max(10, room - after.length))}${after}`.slice(0, room);

/** `15:04 Europe/Berlin` */
export const sayTime = (at: number, told: Pick<Told, 'now' | 'zone' | 'moments'>): string => moment(at, told);

/** Why nothing more starts, and until when as the clock of the place shows it: the engine speaks in the zone of the installation. */
export function sayWaiting({ waiting }: Pick<RunRow, 'waiting'>, told: Pick<Told, 'now' | 'zone' | 'moments'>): string {
  if (!waiting) return '';
  if (waiting.until === undefined) return waiting.because;
  return `${waiting.because.replace(/,? until [^,;:]*\d\d:\d\d$/, '')}, until ${sayTime(waiting.until, told)}`;
}
