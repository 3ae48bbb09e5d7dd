import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Running } from '../engines.ts';
import { dataDirectory, holdfast, type Program } from './holdfast.ts';
import type { Span } from './hosts-word.ts';

/** A sandbox whose chat process does no work itself, and workers in processes of their own, each as on a machine of its own unless `beside`. */
export async function several(running: Running, speed: number, leftovers: (() => unknown)[]) {
  const { dataDir, remove } = dataDirectory();
  const env = { DATABASE_URL: running.databaseUrl as string, ...(running.redisUrl && { REDIS_URL: running.redisUrl }) };
  const begin = (args: string[], more: Record<string, string>, stdin: 'pipe' | 'ignore'): Program => {
    const program = holdfast(['start', ...args], { stdin, env: { ...env, HOLDFAST_LOG: 'info', ...more } });
    leftovers.unshift(() => program.child.kill('SIGKILL'));
    return program;
  };
  const chat = begin(['--speed', String(speed), '--role', 'chat'], { HOLDFAST_DATA: dataDir }, 'pipe');
  await chat.says(/npx holdfast init/);
  const db = new pg.Pool({ connectionString: running.databaseUrl as string, max: 2 });
  db.on('error', () => {});
  leftovers.push(
    () => db.end(),
    () => running.stop(),
    remove,
  );
  /** What the chat printed from then on, as soon as `pattern` stands in it. */
  const said = async (pattern: RegExp, line?: string): Promise<string> => {
    const before = chat.stdout().length;
    if (line !== undefined) chat.type(line);
    return comesAbout(
      `${line ?? ''} → ${pattern}`,
      () => pattern.test(chat.stdout().slice(line === undefined ? 0 : before)) && chat.stdout().slice(before),
    ).catch(async (error: Error) => {
      const open = await rows(`select id, text, state, tries, held_until from inbox where state <> 'ended'`);
      throw new Error(`${error.message}\n${JSON.stringify(open)}\n${chat.stdout().slice(-3000)}\n${chat.stderr().slice(-2000)}`);
    });
  };
  const rows = async <Row>(sql: string, params: unknown[] = []): Promise<Row[]> => (await db.query(sql, params)).rows as Row[];
  return {
    dataDir,
    env: { ...env, HOLDFAST_DATA: dataDir },
    chat,
    asks: (line: string, pattern: RegExp) => said(pattern, line),
    says: (pattern: RegExp) => said(pattern),
    rows,
    async worker(more: Record<string, string> = {}, place: 'elsewhere' | 'beside' = 'elsewhere'): Promise<Program> {
      const own = place === 'beside' ? undefined : dataDirectory();
      if (own) leftovers.push(own.remove);
      const program = begin(
        ['--config', join(dataDir, 'sandbox', 'holdfast.yaml'), '--role', 'worker'],
        { HOLDFAST_DATA: own?.dataDir ?? dataDir, ...more },
        'ignore',
      );
      await program.logs(/holdfast runs/);
      return program;
    },
    /** Wall milliseconds since 1970 of a moment of this sandbox's time. */
    async wallOf(domain: number): Promise<number> {
      const [told] = await rows<{ value: { domain: number; wall: number; speed: number } }>(`select value from meta where key = 'sandbox'`);
      if (!told) throw new Error('no sandbox has said where its time stands');
      return told.value.wall + (domain - told.value.domain) / told.value.speed;
    },
    async hosts(run: string): Promise<HostLine[]> {
      return rows<HostLine>(`select host, state, phase, outcome, detail, rev, started, ended from run_hosts where run = $1 order by position`, [run]);
    },
    async state(run: string): Promise<string | undefined> {
      return (await rows<{ state: string }>(`select state from runs where id = $1`, [run]))[0]?.state;
    },
    /** By budget, over all runs: from when to when places were held, and the least that any plan allows. */
    async budgets(): Promise<{ budget: string; limit: number; spans: Span[] }[]> {
      const slots = await rows<{ budget: string; run: string; host: string; taken: Date; given_back: Date | null; most: number }>(
        `select s.*, coalesce((r.plan -> 'limits' ->> s.budget)::float8, 1) as most from slots s join runs r on r.id = s.run`,
      );
      return [...new Set(slots.map(({ budget }) => budget))].map((budget) => {
        const mine = slots.filter((slot) => slot.budget === budget);
        return {
          budget,
          limit: Math.min(...mine.map(({ most }) => most)),
          spans: mine.map(({ host, taken, given_back }) => ({ host, from: taken.getTime(), to: given_back?.getTime() ?? Number.POSITIVE_INFINITY })),
        };
      });
    },
  };
}

export interface HostLine {
  host: string;
  state: string;
  phase: string | null;
  outcome: string | null;
  detail: string | null;
  rev: number;
  started: Date | null;
  ended: Date | null;
}

/** Resolves when `look` answers something; tests wait for what has no event of its own. */
export async function comesAbout<Found>(
  what: string,
  look: () => Promise<Found | undefined | false> | Found | undefined | false,
  within = 120_000,
): Promise<Found> {
  const end = Date.now() + within;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`it did not come about within ${within / 1000} s: ${what}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

/** Whether a process stands still by SIGSTOP. */
export function isFrozen({ child }: Program): boolean {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}
