import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { foldNames } from '../src/fleet/target/fold.ts';
import { sayDuration } from '../src/lib/duration.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'What needs somebody: hosts that do not answer, findings, whether everything is stopped',
  examples: ['status'],
  role: 'known',
  options: z.object({}),
  async run(_call, ops) {
    const names = [...ops.fleet().hosts.keys()];
    const known = [...(await ops.known(names)).values()];
    const down = known.filter((state) => state.reach !== 'ok').map((state) => state.host);
    const ill = known.filter((state) => state.reach === 'ok' && state.findings.some((finding) => finding.severity !== 'info')).map((state) => state.host);
    const never = names.length - known.length;
    const stop = ops.stop.state();
    const need = down.length + ill.length;
    const oldest = Math.min(...known.map((state) => state.askedAt));
    return {
      card: {
        title:
          need > 0
            ? `${need} of ${names.length} need you`
            : never === names.length
              ? `${names.length} hosts, none asked yet`
              : `${names.length - never} of ${names.length} asked, nothing needs you`,
        tone: stop.stopped || need > 0 ? 'attention' : 'good',
        body: [
          ...(stop.stopped
            ? [`Stopped by ${stop.by}${stop.because ? ` because ${stop.because}` : ''}: nothing that changes a host begins. /ops go lifts it.`]
            : []),
          ...(down.length > 0 ? [`do not answer: ${foldNames(down)}`] : []),
          ...(ill.length > 0 ? [`with findings: ${foldNames(ill)}`] : []),
          ...(known.length > 0 ? [`oldest answer looked at: ${sayDuration(ops.clock.now() - oldest)} ago`] : []),
          ...(never > 0 ? [`never asked: ${never} (check @all)`] : []),
        ],
      },
      json: { hosts: names.length, down, findings: ill, never, stopped: stop.stopped },
    };
  },
});
