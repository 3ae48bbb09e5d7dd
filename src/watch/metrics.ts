import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Measured } from './measure.ts';

/** What Prometheus is shown. */
export interface Metrics {
  measured(measured: Measured, well: boolean): void;
  /** One try at one person. Wall ms. */
  tried(said: { channel: string; outcome: string; late: number; took: number }): void;
  text(): Promise<string>;
  readonly contentType: string;
}

export function openMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, labelNames: string[] = []) => new Gauge({ name: `holdfast_${name}`, help, labelNames, registers });
  const well = gauge('well', '1 while Holdfast finds nothing wrong with itself');
  const late = gauge('late_seconds', 'How late the earliest timer and the earliest untried page are', ['what']);
  const rows = gauge('waiting', 'Rows that wait', ['what']);
  const oldest = gauge('oldest_seconds', 'How long the oldest of them waits', ['what']);
  const resting = gauge('timers_resting', 'Timers whose handling failed and is tried again');
  const open = gauge('pages_open', 'Pages nobody has acknowledged');
  const up = gauge('connection_up', '1 while a connection to a platform or a provider stands', ['name']);
  const tries = new Counter({ name: 'holdfast_page_tries_total', help: 'Tries at people', labelNames: ['channel', 'outcome'], registers });
  const took = new Histogram({
    name: 'holdfast_page_try_seconds',
    help: 'From a try that is taken up to what came of it, committed',
    labelNames: ['channel'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20],
    registers,
  });
  const behind = new Histogram({
    name: 'holdfast_page_late_seconds',
    help: 'First tries: from when they were due to when they were done',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    registers,
  });
  return {
    measured(measured, isWell) {
      well.set(isWell ? 1 : 0);
      for (const [what, ms] of Object.entries(measured.late)) late.set({ what }, ms / 1000);
      for (const [what, { rows: n, oldest: ms }] of Object.entries(measured.waits)) {
        rows.set({ what }, n);
        oldest.set({ what }, ms / 1000);
      }
      resting.set(measured.resting);
      open.set(measured.openPages);
      for (const { name, ok } of measured.connections) up.set({ name }, ok ? 1 : 0);
    },
    tried(said) {
      tries.inc({ channel: said.channel, outcome: said.outcome });
      took.observe({ channel: said.channel }, said.took / 1000);
      behind.observe(said.late / 1000);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
