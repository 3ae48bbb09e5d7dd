import type { Queries } from '../../store/db.ts';

/** Lines behind buttons that Discord's 100 characters cannot hold; they stay as long as somebody can press the button. */
export interface KeptLines {
  keep(lines: readonly { key: string; line: string }[]): Promise<void>;
  get(key: string): Promise<string | undefined>;
}

export const keptLines = (db: Queries): KeptLines => ({
  async keep(lines) {
    for (const { key, line } of lines) {
      await db.query(`insert into kept_lines (key, line) values ($1, $2) on conflict (key) do update set wall_made = now()`, [key, line]);
    }
  },
  async get(key) {
    const [row] = await db.query<{ line: string }>(`select line from kept_lines where key = $1`, [key]);
    return row?.line;
  },
});
