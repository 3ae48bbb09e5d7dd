import type { Command, Outcome } from '../src/chat/command.ts';
import { runDispatch } from '../src/chat/dispatch.ts';
import { type Lines, openLines } from '../src/chat/lines.ts';
import { deliverAttached } from '../src/deliver/attached.ts';
import { type SettableClock, startClock } from '../src/lib/clocks.ts';
import { uniqueId } from '../src/lib/ids.ts';
import type { Log, Ops } from '../src/ops.ts';
import { directory, type Person } from '../src/people.ts';
import type { Db } from '../src/store/db.ts';

export const PEOPLE: Person[] = [
  { name: 'ada', display: 'Ada', roles: [{ role: 'operator' }], zone: 'UTC' },
  { name: 'ben', display: 'Ben', roles: [{ role: 'known' }], zone: 'UTC' },
  { name: 'kim', display: 'Kim', roles: [{ role: 'known' }, { role: 'operator', scope: '@db' }], zone: 'UTC' },
  { name: 'root', display: 'Root', roles: [{ role: 'admin' }], zone: 'UTC' },
];

/** Inbox, dispatch, delivery and waiting over a database, without fleet and queue: what a typed line goes through. */
export async function spine(db: Db, options: { commands: Command[]; log: Log; ops?: Partial<Ops>; clock?: SettableClock }) {
  const clock = options.clock ?? startClock();
  const ops = {
    clock,
    log: options.log,
    commands: () => options.commands,
    people: () => PEOPLE,
    fleet: () => ({ hosts: new Map(), groups: new Map() }),
    records: db,
    ...options.ops,
  } as unknown as Ops;
  const attached = await deliverAttached({ db, log: options.log, renderers: {} });
  let dispatch: Awaited<ReturnType<typeof runDispatch>> | undefined;
  const lines: Lines = await openLines({ db, log: options.log, now: clock.now, wakeDispatch: () => dispatch?.wake() });
  dispatch = await runDispatch({ db, ops, holder: `here:${uniqueId()}`, person: ({ actor }) => directory(() => PEOPLE).named(actor), refused: lines.refused });
  const dispatching = dispatch;
  const shown: string[] = [];
  const channel = `test:${uniqueId()}`;
  const detach = attached.attach(channel, async (text) => void shown.push(text));
  return {
    shown,
    lines,
    attached,
    dispatch: dispatching,
    clock,
    /** Types a line as somebody; resolves to how it ended. */
    async type(text: string, actor = 'ada'): Promise<Outcome> {
      const id = await lines.take({ eventId: uniqueId(), actor, place: { platform: 'terminal', channel, zone: 'UTC' }, text });
      return lines.ended(id);
    },
    async close() {
      detach();
      await lines.close();
      await dispatching.close();
      await attached.close();
    },
  };
}
