import type { Destination, Messenger, Outgoing, Sent } from '../../src/deliver/messenger.ts';

/** A message as people see it on the platform. */
export interface Seen {
  id: string;
  where: string;
  marker: string;
  says: string;
  /** Wall times of its post and its edits. */
  at: number[];
  gone?: true;
}

interface Call {
  does: 'post' | 'edit' | 'find' | 'pin' | 'open';
  where: string;
  marker: string;
  n: number;
}

/** What goes wrong with a call. `taken`: the platform took it, and its answer never came. */
export type Fault = { says: Sent } | { taken: true } | { hangs: true } | { throws: true } | { tells: 'unsure' };

/** A chat platform in memory that people look at: what was posted where, what it says now, and how often it was asked. */
export function aMessenger(platform: 'slack' | 'discord' = 'slack') {
  const seen: Seen[] = [];
  const pinned = new Set<string>();
  const calls: (Call & { at: number })[] = [];
  let fault: (call: Call) => Fault | undefined = () => undefined;
  let ids = 0;

  const ask = async (call: Omit<Call, 'n'>, does: () => Sent): Promise<Sent> => {
    const n = calls.filter((one) => one.does === call.does && one.where === call.where).length + 1;
    calls.push({ ...call, n, at: Date.now() });
    const wrong = fault({ ...call, n });
    if (!wrong) return does();
    if ('hangs' in wrong) return new Promise(() => {});
    if ('throws' in wrong) throw new TypeError('x is undefined');
    if ('taken' in wrong) {
      does();
      return { sent: false, why: 'unsure', says: 'the connection broke' };
    }
    return 'says' in wrong ? wrong.says : { sent: false, why: 'unsure', says: 'broken' };
  };
  const messenger: Messenger = {
    platform,
    post: (to, message) =>
      ask({ does: 'post', where: sayWhere(to), marker: message.marker }, () => {
        const id = `1${String(++ids).padStart(4, '0')}`;
        seen.push({ id, where: sayWhere(to), marker: message.marker, says: saysOf(message), at: [Date.now()] });
        return { sent: true, id, ...('person' in to && { channel: `D${to.person}` }) };
      }),
    edit: (to, id, message) =>
      ask({ does: 'edit', where: sayWhere(to), marker: message.marker }, () => {
        const one = seen.find((each) => each.id === id && !each.gone);
        if (!one) return { sent: false, why: 'no', says: 'message_not_found' };
        one.says = saysOf(message);
        one.at.push(Date.now());
        return { sent: true, id };
      }),
    pin: (to, id, on) =>
      ask({ does: 'pin', where: sayWhere(to), marker: id }, () => {
        if (on) pinned.add(id);
        else pinned.delete(id);
        return { sent: true, id };
      }),
    open: (beside, { mark }) => ask({ does: 'open', where: beside, marker: mark }, () => ({ sent: true, id: `C${mark}`, url: `https://chat.example/${mark}` })),
    async find(to, marker) {
      const call = { does: 'find' as const, where: sayWhere(to), marker, n: calls.filter(({ does }) => does === 'find').length + 1 };
      calls.push({ ...call, at: Date.now() });
      const wrong = fault(call);
      if (wrong && 'tells' in wrong) return 'unsure';
      if (wrong && 'throws' in wrong) throw new TypeError('x is undefined');
      return seen.find((one) => one.marker === marker && !one.gone)?.id;
    },
  };
  return {
    messenger,
    /** Everything that can be seen, oldest first. */
    seen: () => seen.filter(({ gone }) => !gone),
    says: (where?: string) => seen.filter((one) => !one.gone && (where === undefined || one.where === where)).map(({ says }) => says),
    pinned,
    calls,
    wrong(how: (call: Call) => Fault | undefined) {
      fault = how;
    },
    remove(id: string) {
      for (const one of seen) if (one.id === id) one.gone = true;
    },
  };
}

function sayWhere(to: Destination): string {
  if ('person' in to) return `@${to.person}`;
  if ('reply' in to) return `reply ${JSON.stringify(to.reply)}`;
  return to.thread === undefined ? to.channel : `${to.channel}/${to.thread}`;
}

const saysOf = ({ shown }: Outgoing): string => [shown.card?.title ?? JSON.stringify(shown.document), ...(shown.card?.body ?? [])].join(' | ');
