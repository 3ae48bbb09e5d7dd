import { afterAll, onTestFinished } from 'vitest';
import type { Log } from '../../src/ops.ts';
import { openModel } from '../../src/status/model.ts';
import { publicApp } from '../../src/status/serve.ts';
import type { Db } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { load } from '../config/folder.ts';
import { quietLog } from '../quiet-log.ts';

/** 20:00 in Brisbane on the evening of BinaryLane's outage. */
export const EVENING = Date.parse('2018-06-18T20:00:00+10:00');
/** `at('20:57')`: that evening; `at('2018-06-21 09:20')`: another day there. */
export const at = (text: string): Date => new Date(`${text.includes(' ') ? text.replace(' ', 'T') : `2018-06-18T${text}`}:00+10:00`);

const CONFIG = `name: BinaryLane
timezone: Australia/Brisbane
hosts:
  web01:
  web02:
  kvm[01-04]:
groups:
  web: { hosts: "web[01-02]" }
  kvm: { hosts: "kvm[01-04]" }
components:
  Compute: { hosts: "@kvm", group: Hosting, description: The hosts your servers run on }
  mPanel: { hosts: web01, group: Hosting }
  Website: { hosts: "@web" }
  Payments: { showcase: false }
status:
  url: https://status.example.org
  about: All about our servers.
  support: mailto:support@example.org
`;

/** One database for a file of tests, with nothing in it. */
async function emptied(): Promise<Db> {
  shared ??= openDb({ memory: true, log: quietLog });
  const db = await shared;
  await db.query('truncate incidents, incident_updates, incident_components, incident_hosts, component_changes, runs, run_hosts, run_counts cascade');
  return { ...db };
}
let shared: ReturnType<typeof openDb> | undefined;
afterAll(async () => {
  await (await shared)?.close();
});

/** A whole status page over a database in memory, asked as a browser or a program asks. Time is moved by hand. */
export async function aPage(options: { config?: string; db?: Db; log?: Log } = {}) {
  const { config, fleet } = await load(options.config ?? CONFIG);
  const db = options.db ?? (await emptied());
  const time = { now: EVENING };
  const log = options.log ?? quietLog;
  const model = await openModel({ db, log, clock: { now: () => time.now }, config: () => config, fleet: () => fleet, url: () => 'http://127.0.0.1:8080' });
  const app = publicApp({ model, log });
  onTestFinished(() => model.close());
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await app.request(path, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    db,
    app,
    model,
    time,
    config,
    fleet,
    get,
    /** What `/api/v2/<name>.json` answers. */
    // biome-ignore lint/suspicious/noExplicitAny: the answers are what the tests are about.
    api: async (name: string): Promise<any> => JSON.parse((await get(`/api/v2/${name}.json`)).text),
    tell: storyteller(db),
  };
}

export interface Told {
  id?: string;
  code?: string;
  title?: string;
  state?: string;
  kind?: string;
  severity?: string;
  public?: boolean;
  began?: Date;
  opened?: Date;
  resolved?: Date;
  update_due?: Date;
  scheduled_for?: Date;
  scheduled_until?: Date;
  run?: string;
  postmortem?: string;
  updates?: { status: string; body: string; at: Date; components?: unknown[] }[];
  components?: Record<string, string>;
  hosts?: { host: string; down?: Date; up?: Date; cause?: string; nth?: number }[];
}

/** Writes incidents as the rooms that carry them out do: rows, in one transaction. Answers the code. */
export function storyteller(db: Db) {
  let n = 0;
  return async (told: Told): Promise<string> => {
    n += 1;
    const id = told.id ?? `INC-${n}`;
    const code = told.code ?? String(n).padStart(12, 'a');
    const opened = told.opened ?? new Date(EVENING);
    await db.tx(async (tx) => {
      await tx.query(`delete from incident_updates where incident = $1`, [id]);
      await tx.query(`delete from incident_components where incident = $1`, [id]);
      await tx.query(`delete from incident_hosts where incident = $1`, [id]);
      await tx.query(
        `insert into incidents (id, code, state, kind, title, severity, public, by, began, opened, resolved, update_due, scheduled_for, scheduled_until, run, postmortem, changed)
         values ($1, $2, $3, $4, $5, $6, $7, 'ada', $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (id) do update set state = excluded.state, title = excluded.title, severity = excluded.severity, public = excluded.public,
           resolved = excluded.resolved, update_due = excluded.update_due, postmortem = excluded.postmortem, changed = excluded.changed, rev = incidents.rev + 1`,
        [
          id,
          code,
          told.state ?? 'investigating',
          told.kind ?? 'incident',
          told.title ?? 'Hosts reboot by themselves',
          told.severity ?? 'major',
          told.public ?? true,
          told.began ?? opened,
          opened,
          told.resolved ?? null,
          told.update_due ?? null,
          told.scheduled_for ?? null,
          told.scheduled_until ?? null,
          told.run ?? null,
          told.postmortem ?? null,
          told.updates?.at(-1)?.at ?? opened,
        ],
      );
      for (const [at, { status, body, at: when, components = [] }] of (told.updates ?? []).entries())
        await tx.query(`insert into incident_updates (incident, n, code, status, body, by, at, components) values ($1, $2, $3, $4, $5, 'ada', $6, $7)`, [
          id,
          at + 1,
          `u${String(at).padStart(3, '0')}${code.slice(-8)}`,
          status,
          body,
          when,
          JSON.stringify(components),
        ]);
      await tx.query(`delete from component_changes where incident = $1`, [id]);
      for (const [component, status] of told.public === false ? [] : Object.entries(told.components ?? {})) {
        const change = `insert into component_changes (component, status, at, incident) values ($1, $2, $3, $4)`;
        await tx.query(change, [component, status, told.began ?? opened, id]);
        if (told.resolved) await tx.query(change, [component, 'operational', told.resolved, id]);
      }
      for (const [component, status] of Object.entries(told.components ?? {}))
        await tx.query(`insert into incident_components (incident, component, status, since) values ($1, $2, $3, $4)`, [
          id,
          component,
          status,
          told.began ?? opened,
        ]);
      for (const { host, down, up, cause, nth = 1 } of told.hosts ?? [])
        await tx.query(`insert into incident_hosts (incident, host, nth, down, up, cause, source) values ($1, $2, $3, $4, $5, $6, 'check')`, [
          id,
          host,
          nth,
          down ?? null,
          up ?? null,
          cause ?? null,
        ]);
    });
    return code;
  };
}
