import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { FakeClock } from './clock.ts';

/** Block Kit as it came over the wire; rules.ts says what is wrong with it. */
// biome-ignore lint/suspicious/noExplicitAny: whatever somebody sends
export type Wire = any;

export interface FakeUser {
  id: string;
  name: string;
  email?: string;
  tz: string;
  bot?: boolean;
  deleted?: boolean;
}

export interface FakeChannel {
  id: string;
  name: string;
  members: Set<string>;
  archived: boolean;
  creator?: string;
  purpose?: string;
  topic?: string;
  /** A private one. */
  hidden?: true;
  /** Of a direct message: with whom the bot speaks. */
  with?: string;
}

export interface FakeMessage {
  ts: string;
  channel: string;
  thread?: string;
  user: string;
  text: string;
  blocks: Wire[];
  metadata?: Wire;
  edits: number;
  /** Only this user sees it, and no history holds it. */
  onlyFor?: string;
  deleted?: true;
  files: FakeFile[];
  reactions: string[];
  /** Whom it rang: user ids, `here`, `channel`, `everyone`, group ids. */
  pings: string[];
}

export interface FakeFile {
  id: string;
  name: string;
  content: string;
  length: number;
}

/** What a workspace holds: people, channels, messages. Everything else changes it and calls `changed`. */
export interface Workspace {
  clock: FakeClock;
  bot: FakeUser;
  team: string;
  app: string;
  users: Map<string, FakeUser>;
  channels: Map<string, FakeChannel>;
  groups: Map<string, { id: string; handle: string; users: string[] }>;
  messages: FakeMessage[];
  files: Map<string, FakeFile>;
  pins: { channel: string; ts: string }[];
  views: Map<string, Wire>;
  /** Tells what broke the vendor's written rules; a test that leaves one fails. */
  violations: string[];
  ts(): string;
  id(prefix: string): string;
  userNamed(name: string): FakeUser;
  dmWith(user: string): FakeChannel;
  put(message: Partial<FakeMessage> & Pick<FakeMessage, 'channel' | 'user'>): FakeMessage;
  changed(): void;
  /** Resolves when the answer is no longer undefined or false; looks again whenever something changes. */
  until<T>(look: () => T | undefined | false, ms?: number): Promise<T>;
}

export function openWorkspace(clock: FakeClock): Workspace {
  const emitter = new EventEmitter().setMaxListeners(0);
  let n = 0;
  let lastTs = 0;
  const id = (prefix: string): string =>
    `${prefix}${(++n).toString(36).toUpperCase().padStart(3, '0')}${randomBytes(4).toString('hex').toUpperCase().slice(0, 6)}`;
  const bot: FakeUser = { id: 'U0HOLDFAST', name: 'holdfast', tz: 'Etc/UTC', bot: true };
  const workspace: Workspace = {
    clock,
    bot,
    team: 'T0FAKE001',
    app: 'A0FAKE001',
    users: new Map([[bot.id, bot]]),
    channels: new Map(),
    groups: new Map(),
    messages: [],
    files: new Map(),
    pins: [],
    views: new Map(),
    violations: [],
    ts() {
      lastTs = Math.max(lastTs + 1, clock.now() * 1000);
      return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, '0')}`;
    },
    id,
    userNamed(name) {
      const found = [...workspace.users.values()].find((user) => user.name === name || user.id === name);
      if (!found) throw new Error(`nobody in the workspace is called ${name}`);
      return found;
    },
    dmWith(user) {
      const known = [...workspace.channels.values()].find((channel) => channel.with === user);
      if (known) return known;
      const made: FakeChannel = { id: id('D'), name: `dm ${user}`, members: new Set([user, bot.id]), archived: false, with: user };
      workspace.channels.set(made.id, made);
      return made;
    },
    put(message) {
      const whole: FakeMessage = { ts: workspace.ts(), text: '', blocks: [], edits: 0, files: [], reactions: [], pings: [], ...message };
      workspace.messages.push(whole);
      workspace.changed();
      return whole;
    },
    changed: () => void emitter.emit('changed'),
    until(look, ms = 10_000) {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          emitter.off('changed', again);
        };
        const again = (): void => {
          try {
            const found = look();
            if (found === undefined || found === false) return;
            stop();
            resolve(found as never);
          } catch (error) {
            stop();
            reject(error);
          }
        };
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`what was waited for did not come within ${ms} ms`));
        }, ms);
        emitter.on('changed', again);
        again();
      });
    },
  };
  return workspace;
}
