import { ack } from '../../commands/ack.ts';
import { pauseAlerts } from '../../commands/pause-alerts.ts';
import { resumeAlerts } from '../../commands/resume-alerts.ts';
import type { AlertEvent } from '../../src/alerts/event.ts';
import { takeAlerts } from '../../src/alerts/take.ts';
import { type AtWorkOptions, atWork } from '../runs/at-work.ts';

/** web01 to web04 on two parents, db01 beside web01, and somebody who answers for each. */
export const HOSTS = [
  { name: 'kvm01', site: 'bne', groups: ['all', 'kvm'] },
  { name: 'kvm02', site: 'bne', groups: ['all', 'kvm'] },
  { name: 'web01', parent: 'kvm01', groups: ['all', 'web'] },
  { name: 'web02', parent: 'kvm01', groups: ['all', 'web'] },
  { name: 'web03', parent: 'kvm02', groups: ['all', 'web'] },
  { name: 'web04', parent: 'kvm02', groups: ['all', 'web'] },
  { name: 'db01', parent: 'kvm01', groups: ['all', 'db'] },
  { name: 'mon01', groups: ['all'] },
];

export const SERVICES = { web: { owner: 'ada', hosts: '@web' }, db: { owner: 'ben', hosts: '@db' }, kvm: { owner: 'kim', hosts: '@kvm' } };

/** Alerts, runs, holds and pages at work on a small fleet: what people received stands in `shown`, time is moved by hand. */
export async function alertsAtWork(options: AtWorkOptions = {}) {
  const work = await atWork({ hosts: HOSTS, commands: [ack, pauseAlerts, resumeAlerts], ...options, config: { services: SERVICES, ...options.config } });
  const { db, clock, ops } = work;
  const event = (said: Partial<AlertEvent> = {}): AlertEvent => {
    const { summary = 'HTTP 5xx', hosts = [] } = said;
    return { integration: 'prometheus', dedup: `${summary} ${hosts.join(' ')}`, state: 'firing', summary, urgency: 'high', hosts, details: {}, ...said };
  };
  const take = async (...events: Partial<AlertEvent>[]) => {
    const taken = await db.tx((tx) => takeAlerts(tx, ops, events.map(event), clock.now()));
    await work.pass(0);
    return taken;
  };
  return {
    ...work,
    take,
    fires: (host: string, said: Partial<AlertEvent> = {}) => take({ hosts: [host], ...said }),
    resolves: (host: string, said: Partial<AlertEvent> = {}) => take({ hosts: [host], ...said, state: 'resolved' }),
    /** `PG1 open ada: web01: HTTP 5xx`, in order. */
    pages: async () =>
      (
        await db.query<{ id: string; state: string; recipient: string | null; text: string }>(
          `select id, state, recipient, text from pages order by length(id), id`,
        )
      ).map(({ id, state, recipient, text }) => `${id} ${state} ${recipient?.replace(/^\w+:/, '') ?? 'everyone'}: ${text}`),
    /** What was printed since it was looked at last, one line each. */
    took: () =>
      work.shown
        .splice(0)
        .flatMap((text) => text.split('\n'))
        .filter((line) => line !== ''),
  };
}
