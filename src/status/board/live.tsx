import type { Child } from 'hono/jsx';
import { foldSome } from '../../fleet/target/fold-some.ts';
import { sayDuration } from '../../lib/duration.ts';
import { when } from '../../rollout/words.ts';
import { minutes, sayWaiting } from '../../runs/card-words.ts';
import { clip } from '../../runs/host-lines.ts';
import { countsOf, Grid } from './grid.tsx';
import type { BoardNow } from './read.ts';
import type { BoardCertificate } from './read-certificates.ts';
import type { BoardHold, BoardIncident } from './read-open.ts';
import type { BoardDuty, BoardPage } from './read-people.ts';
import type { BoardRun } from './read-runs.ts';

interface Told {
  now: number;
  zone: string;
}

/** What changes on the board. Each section has an id, by which the script puts the new one in the place of the old. */
export function Live({ board, zone }: { board: BoardNow; zone: string }) {
  const { now, stop, incidents, runs, pages, openPages, holds, budgets, duties, certificates, down, hosts } = board;
  const told = { now, zone };
  return (
    <>
      <section id="now" aria-label="Now">
        {stop.stopped && (
          <p class="loud bad">
            ■ Stopped by {stop.by}
            {stop.because ? ` because ${stop.because}` : ''}: nothing that changes a host begins.
          </p>
        )}
        <p>
          <strong>{summary(board)}</strong> <span class="soft">as of {at(now, told)}</span>
        </p>
        {down.length > 0 && (
          <p class="bad">
            ! {down.length} of {hosts} did not answer: {foldSome(down, 200)}
          </p>
        )}
      </section>
      <List id="incidents" title="Incidents" none="No incident is open." of={incidents} each={(incident) => incidentOf(incident, told)} />
      <List
        id="pages"
        title={openPages > pages.length ? `Pages (${pages.length} of ${openPages})` : 'Pages'}
        none="No page is open."
        of={pages}
        each={(page) => pageOf(page, told)}
      />
      <List id="runs" title="Runs" none="No run is open." of={runs} each={(run) => runOf(run, told)} />
      <List id="holds" title="Holds" none="Nothing is held." of={holds} each={(hold) => holdOf(hold, told)} />
      <section id="slots">
        <h2>Slots held</h2>
        {budgets.length === 0 ? (
          <p class="soft">No slot is held.</p>
        ) : (
          <ul class="lines">
            {budgets.map(({ budget, hosts: held, runs: by, limit }) => (
              <li>
                <strong>{budget}</strong> {held.length}
                {limit === undefined ? '' : ` of ${limit}`}: {foldSome(held, 120)} <span class="soft">({by.join(', ')})</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <List id="certificates" title="Certificates" none="None ends within a month." of={certificates} each={certificateOf} />
      <section id="oncall">
        <h2>On call</h2>
        {duties.length === 0 ? (
          <p class="soft">No service has anybody.</p>
        ) : (
          <ul class="lines">
            {duties.map((duty) => (
              <li>{dutyOf(duty)}</li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function List<Item>({ id, title, none, of, each }: { id: string; title: string; none: string; of: readonly Item[]; each(item: Item): Child }) {
  return (
    <section id={id}>
      <h2>{title}</h2>
      {of.length === 0 ? <p class="soft">{none}</p> : of.map(each)}
    </section>
  );
}

function summary({ incidents, pages, runs, openPages }: BoardNow): string {
  const open = runs.filter(({ state }) => state === 'running' || state === 'halted' || state === 'planned').length;
  const waiting = pages.filter((page) => page.with === null).length;
  const says = [
    incidents.length > 0 && counted(incidents.length, 'incident'),
    openPages > 0 && `${counted(openPages, 'page')}${waiting > 0 ? ` (${waiting} without an answer)` : ''}`,
    open > 0 && counted(open, 'run'),
  ].filter((part) => part !== false);
  return says.length > 0 ? says.join(' · ') : 'Nothing is going on.';
}

function incidentOf(incident: BoardIncident, told: Told) {
  const { id, title, severity, state, lead, began, update_due: due, components, hosts, down, said } = incident;
  const late = due !== null && due.getTime() < told.now;
  return (
    <article>
      <h3>
        <span class={severity === 'minor' ? 'attention' : 'bad'}>
          {severity === 'critical' ? '‼' : '!'} {severity}
        </span>{' '}
        {id} {title}
      </h3>
      <p>
        {incident.kind === 'maintenance' ? 'maintenance, ' : ''}
        {state} since {at(began.getTime(), told)} ({ago(began, told)}), {lead === null ? 'nobody leads it' : `led by ${lead}`}
        {incident.public ? '' : ', not public'}
        {components.length > 0 ? `; ${components.join(', ')}` : ''}
      </p>
      {hosts.length > 0 && (
        <p>
          {counted(hosts.length, 'host')}: {foldSome(hosts, 160)}
          {down.length > 0 ? <span class="bad"> ({down.length} down now)</span> : ''}
        </p>
      )}
      {said && (
        <p>
          <span class="soft">
            {at(Date.parse(said.at), told)} {said.by}:
          </span>{' '}
          {clip(said.body, 280)}
        </p>
      )}
      {due && (
        <p class={late ? 'bad' : 'soft'}>
          {late ? '! the next update was promised for ' : 'next update by '}
          {at(due.getTime(), told)}
        </p>
      )}
    </article>
  );
}

function pageOf(page: BoardPage, told: Told) {
  return (
    <article>
      <h3>
        <span class={page.with === null ? 'bad' : 'good'}>{page.with === null ? '✗ open' : '✓'}</span> {page.id} {clip(page.text, 160)}
      </h3>
      <p>
        {page.urgency}, for {page.whom}, since {at(page.opened.getTime(), told)} ({ago(page.opened, told)}){page.about === null ? '' : `, about ${page.about}`}
      </p>
      <p>
        {page.with === null ? (page.asked.length > 0 ? `asks ${page.asked.join(', ')}` : 'asks nobody yet') : `${page.with} has it`}
        {page.until && <> until {at(page.until.getTime(), told)}</>}
        {page.next && (
          <>
            ; next {page.next.people.join(', ')} at {at(page.next.at, told)}
          </>
        )}
      </p>
    </article>
  );
}

const STATE_TONE: Record<string, string> = { halted: 'bad', running: 'busy', planned: 'attention', done: 'good', cancelled: 'soft' };
const STATE_SIGN: Record<string, string> = { halted: '✗', running: '▶', planned: '…', done: '✓', cancelled: '–' };

function runOf(run: BoardRun, told: Told) {
  return (
    <article>
      <h3>
        <span class={STATE_TONE[run.state] ?? 'soft'}>
          {STATE_SIGN[run.state] ?? ''} {run.state}
        </span>{' '}
        {run.id} {run.what}
      </h3>
      <Grid run={run} />
      <p>
        {countsOf(run.cells)}
        {run.left !== undefined && run.left > 0 ? `, about ${minutes(run.left)} left` : ''}{' '}
        <span class="soft">
          ({run.owner === run.by ? run.by : `${run.owner}, asked by ${run.by}`}
          {run.because ? `, because ${clip(run.because, 100)}` : ''})
        </span>
      </p>
      {run.halted !== null && <p class="bad">✗ {run.halted}</p>}
      {run.halted === null && run.waiting && <p>waits: {sayWaiting(run, told)}</p>}
      {run.lines.map((line) => (
        <p class="soft">{line}</p>
      ))}
    </article>
  );
}

function holdOf({ id, kind, expression, owner, because, until, hosts, drifted }: BoardHold, told: Told) {
  const over = until.getTime() <= told.now;
  return (
    <article>
      <h3>
        {id} {kind} paused on {clip(expression, 120)}
      </h3>
      <p>
        {over ? <span class="attention">! its end was {at(until.getTime(), told)} and it stands</span> : <>until {at(until.getTime(), told)}</>}, {owner}
        {hosts > 0 ? `, ${counted(hosts, 'host')}` : ''}
        {because ? `, because ${clip(because, 120)}` : ''}
      </p>
      {drifted > 0 && <p class="attention">! came back by itself on {counted(drifted, 'host')}</p>}
    </article>
  );
}

function certificateOf({ name, ends, over, served, hosts }: BoardCertificate) {
  return (
    <p>
      <strong>{clip(name, 120)}</strong>{' '}
      <span class={over ? 'bad' : 'attention'}>
        {over ? '✗' : '!'} {ends}
        {served ? ', served' : ''}
      </span>{' '}
      on {foldSome(hosts, 120)}
    </p>
  );
}

function dutyOf({ service, first, behind }: BoardDuty) {
  return (
    <>
      <strong>{service}</strong>{' '}
      {first === undefined ? (
        <span class="bad">! nobody</span>
      ) : (
        <>
          {first.person}
          {first.insteadOf === undefined ? '' : ` for ${first.insteadOf}`} {first.localTime}
          {first.awake ? '' : ' (asleep)'}
        </>
      )}
      {behind.length > 0 && <span class="soft"> then {behind.map(({ person, localTime }) => `${person} ${localTime}`).join(', ')}</span>}
    </>
  );
}

const at = (moment: number, { now, zone }: Told) => <time datetime={new Date(moment).toISOString()}>{when(moment, now, zone)}</time>;

const ago = (moment: Date, { now }: Told): string => sayDuration(Math.max(60_000, Math.floor((now - moment.getTime()) / 60_000) * 60_000));

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
