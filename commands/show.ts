import { z } from 'zod';
import { jobs } from '../jobs/index.ts';
import { alertsListed } from '../src/alerts/list.ts';
import { pauseShown } from '../src/alerts/pause-card.ts';
import { defineCommand, type Reply } from '../src/chat/command.ts';
import { flag, type Thing, thing } from '../src/chat/options.ts';
import { holdShown, holdsShown } from '../src/holds/card.ts';
import { actionsListed } from '../src/incidents/actions/list.ts';
import { incidentsListed } from '../src/incidents/list.ts';
import { postmortemShown } from '../src/incidents/postmortem/show.ts';
import { incidentShown } from '../src/incidents/show.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { auditListed } from '../src/lists/audit.ts';
import { calendarListed } from '../src/lists/calendar.ts';
import { defaultsListed } from '../src/lists/defaults.ts';
import { heartbeatsListed } from '../src/lists/heartbeats.ts';
import { hostsListed } from '../src/lists/hosts.ts';
import { peopleListed } from '../src/lists/people.ts';
import { runListed } from '../src/lists/run.ts';
import { runbookListed } from '../src/lists/runbook.ts';
import { runsListed } from '../src/lists/runs.ts';
import { slotsListed } from '../src/lists/slots.ts';
import { versionsListed } from '../src/lists/versions.ts';
import type { Ops } from '../src/ops.ts';
import { pageShown } from '../src/paging/card.ts';
import { pagesListed } from '../src/paging/list.ts';
import { ruleShown, rulesShown } from '../src/rules/card.ts';
import { approversNow } from '../src/runs/show.ts';

const LISTS = [
  'people',
  'runs',
  'pages',
  'alerts',
  'heartbeats',
  'incidents',
  'holds',
  'rules',
  'slots',
  'audit',
  'calendar',
  'defaults',
  'versions',
  'runbook',
  'postmortem',
  'actions',
] as const;

export const show = defineCommand({
  name: 'show',
  summary: 'What is known: hosts and their facts, one thing by its id, or a list',
  examples: [
    'show web01',
    'show @prod where uptime > 200d',
    'show @all --json',
    'show R1',
    'show R1 plan',
    'show @R1:failed',
    'show INC-1',
    'show H1',
    'show PG1',
    'show people',
    'show runs',
    'show pages',
    'show incidents',
    'show postmortem INC-1',
    'show actions',
    'show alerts',
    'show heartbeats',
    'show holds',
    'show slots',
    'show versions @prod',
    'show audit',
    'show defaults',
    'show runbook web',
  ],
  role: 'known',
  options: z.object({
    what: thing({ ids: ['run', 'page', 'incident', 'hold', 'rule'], lists: [...LISTS] }, { words: 'hosts, an id or a list' }),
    plan: flag({ words: 'of a run: every host on its own line' }),
  }),
  async run({ options: { what, plan }, actor, place }, ops) {
    if (what.is === 'target') return hostsListed(ops, await ops.targets(what.target, actor));
    if (what.is === 'id') return showThing(what, ops, { zone: place.zone, whole: plan });
    if (what.list === 'calendar') return calendarListed(ops, actor);
    if (what.list === 'runbook') return runbookListed(ops, what.of);
    if (what.list === 'postmortem') return postmortemShown(ops, incidentIn(what.of), place.zone);
    if (what.list === 'actions') return actionsListed(ops.records, ops.clock.now(), actor.name);
    if (what.list === 'versions') return versionsListed(ops, await ops.targets(what.of ?? '@all', actor));
    return showList(what.list as (typeof LISTS)[number], ops, { now: ops.clock.now(), zone: place.zone });
  },
});

async function showThing({ id, of }: Extract<Thing, { is: 'id' }>, ops: Ops, how: { zone: string; whole: boolean }): Promise<Reply> {
  if (of === 'rule') return ruleShown(ops, id, { now: ops.clock.now(), zone: how.zone });
  if (of === 'hold') {
    const told = { now: ops.clock.now(), zone: how.zone };
    return (await pauseShown(ops.records, id, told)) ?? holdShown(ops.records, id, told);
  }
  if (of === 'page') {
    const { card, document } = await pageShown(ops.records, ops, id, how.zone);
    return { card, json: document };
  }
  if (of === 'incident') return incidentShown(ops, id, how.zone);
  const world = {
    now: ops.clock.now,
    config: ops.config,
    fleet: ops.fleet,
    job: (name: string) => jobs.find((job) => job.name === name),
    approvers: (...[db, run]: [Ops['records'], Parameters<typeof approversNow>[2]]) => approversNow(ops, db, run),
  };
  return runListed(ops.records, world, id, how);
}

async function showList(list: (typeof LISTS)[number], ops: Ops, told: { now: number; zone: string }): Promise<Reply> {
  if (list === 'people') return peopleListed(ops);
  if (list === 'runs') return runsListed(ops.records);
  if (list === 'pages') return pagesListed(ops.records, told.now);
  if (list === 'incidents') return incidentsListed(ops.records, told.now);
  if (list === 'alerts') return alertsListed(ops.records, told.now);
  if (list === 'heartbeats') return heartbeatsListed(ops, told.zone);
  if (list === 'rules') return rulesShown(ops, told);
  if (list === 'slots') return slotsListed(ops.records, ops.clock.now());
  if (list === 'audit') return auditListed(ops.records);
  if (list === 'defaults') return defaultsListed(ops.config());
  return holdsShown(ops.records, told);
}

function incidentIn(said: string | undefined): string {
  const [, number] = /^inc-?(\d{1,9})$/i.exec(said ?? '') ?? [];
  if (number === undefined) throw new Refusal('Of which incident? show postmortem INC-1; "show incidents" lists them.');
  return `INC-${Number(number)}`;
}
