import { z } from 'zod';
import { sayFew, sayItem } from '../src/holds/judge-look.ts';
import { lookOnHost, pauseOnHost, resumeOnHost, stepWithout } from '../src/holds/on-host.ts';
import { lacksAll, sayLacks } from '../src/holds/sources.ts';
import { defineChange, type Pace, type Step, type StepContext } from '../src/jobs.ts';

const Params = z.object({
  /** What the hold is called on the hosts, and its id for people. */
  key: z.string(),
  hold: z.string(),
  /** Empty = all there are. */
  sources: z.array(z.string()),
  until: z.string(),
  owner: z.string(),
  units: z.array(z.string()),
});
export type PauseParams = z.infer<typeof Params>;

/** All at once: hosts go on serving, and each minute another host may update. */
export const ALL_AT_ONCE: Pace = { first: [], site: Number.POSITIVE_INFINITY, soakCanary: 0, soakWave: 0, unbounded: true };

export const pauseUpdates = defineChange({
  name: 'pause updates',
  summary: 'Stops what updates a host by itself, and writes down what was there, so that it can be put back byte for byte',
  risk: 'change',
  params: Params,
  safe: true,
  containment: true,
  pace: () => ALL_AT_ONCE,
  foresee(_host, { params, known, now }) {
    const lacking = lacksAll(known, params.sources, now);
    return {
      does: `pause ${params.sources.length > 0 ? params.sources.join(', ') : 'updates'} (${params.hold})`,
      ...(lacking && { skip: { rule: 'nothing to pause', because: sayLacks(lacking) } }),
      estimate: { p50: 5_000, p95: 60_000 },
      class: 'hold',
    };
  },
  async act(_host, { params, intent, run, script }) {
    const paused = await pauseOnHost(script, params, { intent, run: run.id, ...(run.because !== undefined && { because: run.because }) });
    // The hold goes on trying until it knows.
    if (paused.state !== 'answered') return stepWithout(paused);
    const { said, sources, record, failed } = paused.answer;
    if (said.fence === 'ended') return { step: 'end', outcome: 'failed', detail: `${params.hold} was ended on this host before: pause again` };
    if (sources.length === 0) return { step: 'end', outcome: 'already', detail: sayLacks(params.sources) };
    if (failed.length > 0) return { step: 'end', outcome: 'failed', detail: sayFew(failed.map(sayItem)), remember: { record, sources } };
    return { step: 'done', remember: { record, sources } };
  },
  verify,
  async undo(_host, { params, intent, memory, script }) {
    const back = await resumeOnHost(script, params.key, intent, lines(memory.record));
    if (back.state !== 'answered') return stepWithout(back);
    const { failed, restored } = back.answer;
    return failed.length > 0
      ? { step: 'end', outcome: 'failed', detail: sayFew(failed.map(sayItem)) }
      : { step: 'done', detail: `${restored.length} put back` };
  },
  sayUndo: (_host, memory) =>
    `put back ${
      sayFew(
        lines(memory.record)
          .filter((line) => !/^(link|share) /.test(line))
          .map(sayRecord),
      ) || 'what was recorded'
    }`,
});

/** Domain ms. */
const LOOK_AGAIN = 30_000;
const LONGEST_UPDATE = 30 * 60_000;

/** Read again by a script of its own. An update under way is waited for, never killed: half of it would be worse. */
async function verify(_host: unknown, { params, clock, since, script }: StepContext<PauseParams>): Promise<Step> {
  const looked = await lookOnHost(script, params);
  if (looked.state === 'busy') return stepWithout(looked);
  if (looked.state !== 'answered') return { step: 'end', outcome: 'unverified', detail: `paused, and not verified: ${looked.detail}` };
  const { drift, running, held } = looked.answer;
  if (drift.length > 0) return { step: 'end', outcome: 'failed', detail: `did not take: ${sayFew(drift.map(sayItem))}` };
  if (running.length === 0) return { step: 'done', detail: `${held.length} verified` };
  const waitingFor = `${sayFew(running)} to end`;
  if (clock.now() - since < LONGEST_UPDATE) return { step: 'wait', lookAgainIn: LOOK_AGAIN, waitingFor };
  return { step: 'end', outcome: 'unverified', detail: `everything is paused, and still waits for ${waitingFor}` };
}

const lines = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** `unit apt-daily.timer loaded enabled active -` → `apt-daily.timer (enabled, active)`. */
function sayRecord(line: string): string {
  const [kind, ...rest] = line.split(' ');
  if (kind === 'unit') return `${rest[0]} (${rest[2]}, ${rest[3]})`;
  if (kind === 'path') return rest.slice(7).join(' ');
  if (kind === 'boot' || kind === 'init') return `${rest[0]} at boot`;
  return kind ?? '';
}
