import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseDuration, sayDuration } from '../../lib/duration.ts';
import { uniqueId } from '../../lib/ids.ts';
import { Refusal } from '../../lib/refusal.ts';
import type { Outcome } from '../command.ts';
import type { Lines } from '../lines.ts';

/** Domain time moved by hand: only where the fleet is simulated. */
export interface TimeMachine {
  /** Lets `ms` of domain time pass, stopping at everything that becomes due on the way. */
  pass(ms: number): Promise<void>;
}

/**
 * The terminal as a chat: one command a line, each acted on as it arrives. A line waits for what it began to end; one
 * that ends in ` &` does not. `@pepe /ops …` speaks as a person and `wait 20m` lets time pass, in the sandbox only.
 */
export async function runSession(options: {
  input: Readable;
  lines: Lines;
  print(text: string): Promise<void>;
  /** Where the answers go. */
  channel: string;
  /** Who types here, and their zone. */
  actor: { name: string; zone: string };
  /** The unix login, for the audit. */
  login: string;
  sandbox?: { people: readonly { name: string; zone: string }[]; time: TimeMachine };
  strict: boolean;
  /** Given when a person sits there: line editing, history, and a prompt. */
  screen?: Writable;
  crash?: () => void;
}): Promise<{ bad: boolean }> {
  const { lines, print, sandbox } = options;
  const session = uniqueId();
  const behind: Promise<void>[] = [];
  let n = 0;
  let bad = false;

  const ended = (outcome: Outcome): void => {
    if (outcome === 'refused' || outcome === 'failed' || outcome === 'halted') bad = true;
    if (options.strict && outcome === 'findings') bad = true;
  };
  const refuse = async (says: string): Promise<void> => {
    bad = true;
    await print(says);
  };
  const act = async (typed: string): Promise<void> => {
    const { speaker, text, background } = readLine(typed);
    const wait = /^wait\b\s*(.*)$/i.exec(text);
    if (wait) return pass(wait[1] as string);
    let actor = options.actor;
    if (speaker !== undefined) {
      const person = sandbox?.people.find(({ name }) => name === speaker.toLowerCase());
      if (!sandbox) return refuse(`"@${speaker} /ops …" speaks as another person; that works in the sandbox only. Type the command without it.`);
      if (!person) return refuse(`Nobody here is called ${speaker}. There are ${sandbox.people.map(({ name }) => name).join(', ')}.`);
      actor = person;
    }
    n += 1;
    const taken = lines.take({
      eventId: `${session}:${n}`,
      actor: actor.name,
      place: { platform: 'terminal', channel: options.channel, zone: actor.zone, login: options.login },
      text,
    });
    let inboxId: string;
    try {
      inboxId = await taken;
    } catch (error) {
      if (error instanceof Refusal) return refuse(error.message);
      throw error;
    }
    options.crash?.();
    const end = lines.ended(inboxId).then(ended);
    if (background) behind.push(end);
    else await end;
  };
  const pass = async (amount: string): Promise<void> => {
    if (!sandbox) return refuse('"wait" moves simulated time; it exists in the sandbox only.');
    const ms = parseDuration(amount);
    if (ms === undefined) return refuse('"wait" needs a duration: wait 20m, wait 2h30m, wait 3d.');
    await sandbox.time.pass(ms);
    await print(`${sayDuration(ms)} went by.`);
  };

  const { screen } = options;
  const reader = createInterface({
    input: options.input,
    crlfDelay: Number.POSITIVE_INFINITY,
    ...(screen && { output: screen, terminal: true, prompt: 'holdfast> ' }),
  });
  // In line-editing mode Ctrl-C comes here, not to the process.
  reader.on('SIGINT', () => reader.close());
  if (screen) reader.prompt();
  for await (const line of reader) {
    const typed = line.trim();
    if (screen && /^(exit|quit)$/i.test(typed)) break;
    if (typed !== '' && !typed.startsWith('#')) await act(typed);
    if (screen) reader.prompt();
  }
  await Promise.all(behind);
  return { bad };
}

function readLine(typed: string): { speaker?: string; text: string; background: boolean } {
  const background = /\s&$/.test(typed);
  const rest = background ? typed.slice(0, -1).trim() : typed;
  const spoken = /^@([\p{L}\p{N}._-]+)\s+(\/.*)$/u.exec(rest);
  if (spoken) return { speaker: spoken[1] as string, text: spoken[2] as string, background };
  return { text: rest, background };
}
