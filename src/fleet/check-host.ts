import type { HostResult, JobContext } from '../jobs.ts';
import type { CheckParams } from './check-params.ts';
import { clockOffset } from './facts/derive.ts';
import { parseFacts } from './facts/parse.ts';
import { gravestFirst, judge, judgeChange, judgeReach, judgeUnseen } from './hazards/judge.ts';
import { weightiest } from './hazards/kernel-lines.ts';
import { ownHazards } from './hazards/own.ts';
import { HAZARDS } from './hazards/table.ts';
import type { Facts, Host } from './host.ts';
import { lastWords } from './last-words.ts';
import { checkArgs } from './scripts/check-args.ts';
import type { ExecResult } from './ssh/transport.ts';

/** Wall milliseconds for the script; it gives up by itself before (11 s for all its probes). */
const SCRIPT_TIME = 14_000;

/** Asks one host what it is and judges the answer. The only effect is the one exec, and the log server's word on a dead host. */
export async function checkHost(host: Host, context: JobContext<CheckParams>): Promise<HostResult> {
  const probes = host.groups.flatMap((group) => context.params.probes?.[group] ?? []);
  const from = context.clock.now();
  const answer = await context.script('check', checkArgs(probes), SCRIPT_TIME);
  const to = context.clock.now();
  if (answer.reach !== 'ok') {
    const { reach, detail, ms } = answer;
    const lines = context.params.logServer ? await lastWords(context.params.logServer, host.name) : [];
    const words = weightiest(lines);
    return { host: host.name, outcome: 'lost', reach, detail, findings: judgeReach(reach, detail, words === undefined ? [] : [words]), ms };
  }
  return readAnswer(host, context, answer, { from, to });
}

/** From what the script printed to facts and findings. `asked` = domain times around the exec. */
function readAnswer(host: Host, { params, known }: JobContext<CheckParams>, answer: Answered, asked: { from: number; to: number }): HostResult {
  const { facts, unseen, whole } = parseFacts(answer.stdout);
  if (typeof facts.host_time === 'string') {
    facts.clock_offset_ms = clockOffset(facts.host_time, asked.from, asked.to);
    // It has said what it had to; kept, it would be a change with every check.
    delete facts.host_time;
  }
  if (!whole) {
    const detail = sayBroken(answer);
    // What arrived is true; what did not is as it was known before.
    return {
      host: host.name,
      outcome: 'failed',
      reach: 'ok',
      detail,
      facts: { ...known?.facts, ...facts },
      findings: [{ hazard: 'check-failed', severity: 'warning', text: detail }],
      ms: answer.ms,
    };
  }
  for (const name of OF_OTHERS) if (known?.facts[name] !== undefined) facts[name] ??= known.facts[name];
  const everything: Facts = { ...host.vars, ...facts };
  const findings = [...judge(everything, [...HAZARDS, ...ownHazards(params.hazards ?? [], host)]), ...judgeChange(known?.facts, facts), ...judgeUnseen(unseen)];
  return { host: host.name, outcome: 'ok', reach: 'ok', facts, findings: gravestFirst(findings), ms: answer.ms };
}

/** What other readings found out, which a check neither asks nor unlearns. */
const OF_OTHERS = ['updates_pending', 'updates_restart', 'updates_looked'];

type Answered = Extract<ExecResult, { reach: 'ok' }>;

function sayBroken({ code, stdout, stderr, cut }: Answered): string {
  if (cut) return 'answered more than the check ever says: cut, and not believed';
  const said = (stderr.trim() || stdout.trim())
    .split('\n')[0]
    ?.replace(/[\p{Cc}\p{Surrogate}]/gu, ' ')
    .slice(0, 200);
  return `logged in, and the check did not come to its end (exit code ${code}${said ? `: ${said}` : ''})`;
}
