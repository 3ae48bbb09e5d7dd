import { z } from 'zod';
import { sayFew, sayItem } from '../src/holds/judge-look.ts';
import { resumeOnHost, stepWithout } from '../src/holds/on-host.ts';
import { defineChange } from '../src/jobs.ts';

const Params = z.object({
  /** Ids of the holds, and what each is called on its hosts. */
  holds: z.array(z.string()),
  keys: z.record(z.string(), z.string()),
});
export type ResumeParams = z.infer<typeof Params>;

/** What a run of it begins with on each host: its holds there, and what was recorded for each. */
export type ResumeMemory = { holds: string[]; records: Record<string, string[]> };

export const resumeUpdates = defineChange({
  name: 'resume updates',
  summary: 'Gives hosts their updates back: what the record of the hold says, byte for byte, a few at a time',
  risk: 'change',
  params: Params,
  // What comes back catches up at once, everywhere: a second herd.
  pace: (defaults) => ({
    first: [],
    share: defaults['resume.share'],
    site: Number.POSITIVE_INFINITY,
    soakCanary: 0,
    soakWave: defaults['resume.every'],
    unbounded: true,
  }),
  foresee: (_host, { params }) => ({
    does: `give its updates back (${params.holds.join(', ')})`,
    estimate: { p50: 5_000, p95: 60_000 },
    class: 'hold',
  }),
  async act(_host, { params, intent, memory, script }) {
    const { holds, records } = memory as ResumeMemory;
    const said: string[] = [];
    const failed: string[] = [];
    let restored = 0;
    // The last first: what an earlier hold left to it goes back to that one.
    for (const hold of [...holds].reverse()) {
      const back = await resumeOnHost(script, params.keys[hold] as string, `${intent}-${hold}`, records[hold] ?? []);
      if (back.state !== 'answered') return stepWithout(back);
      const { answer } = back;
      failed.push(...answer.failed);
      said.push(...answer.note, ...answer.kept.map((kept) => `${kept} keeps it`));
      restored += answer.restored.length;
    }
    if (failed.length > 0) return { step: 'end', outcome: 'failed', detail: sayFew(failed.map(sayItem)) };
    if (restored === 0 && said.length === 0) return { step: 'end', outcome: 'already', detail: 'nothing was held there any more' };
    return { step: 'done', detail: [`${restored} put back`, ...said].join('; ') };
  },
});
